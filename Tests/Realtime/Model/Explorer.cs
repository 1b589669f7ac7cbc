using System.Globalization;
using System.Text;

namespace Tests.Realtime.Model;

/// <summary>What an exploration found.</summary>
/// <param name="States">Different states that were reached.</param>
/// <param name="Moves">Moves that were made.</param>
/// <param name="Depth">Moves on the shortest path to the farthest state.</param>
/// <param name="IsComplete">Whether every reachable state was explored.</param>
/// <param name="Counterexample">The shortest path to a violation, step by step; null: none in what was explored.</param>
internal sealed record Exploration(int States, long Moves, int Depth, bool IsComplete, string? Counterexample)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{States:N0} states, {Moves:N0} moves, depth {Depth}{(IsComplete ? ", all that there are" : ", not all")}");
}

/// <summary>
/// Breadth first through all states of a model, so that the first violation is one with the fewest moves. Deterministic: nothing is random, and
/// nothing runs in parallel.
/// </summary>
/// <param name="model">What to explore.</param>
/// <param name="maxStates">Bound of what is kept.</param>
internal sealed class Explorer<TState, TMove>(IModel<TState, TMove> model, int maxStates)
    where TState : struct, IEquatable<TState>
    where TMove : struct
{
    private readonly StateSet<TState> _states = new();
    private readonly List<int> _parents = [];
    private readonly List<(TMove Move, TState Next)> _moves = [];

    /// <summary>Looks for a violation.</summary>
    public Exploration Explore(CancellationToken cancellationToken) => Explore(edges: null, cancellationToken);

    /// <summary>
    /// Looks for a violation, and then for a state from which no <paramref name="goal"/> can be reached without help from outside. Such a state is a counterexample as well.
    /// </summary>
    public Exploration ExploreProgress(Func<TState, bool> goal, CancellationToken cancellationToken)
    {
        var edges = new List<(int From, int To)>();
        var found = Explore(edges, cancellationToken);
        if (found.Counterexample is not null || !found.IsComplete)
        {
            return found;
        }

        var stuck = FirstThatCannotReach(goal, edges);
        return stuck < 0 ? found : found with { Counterexample = Trace(stuck, "from here on, the goal is out of reach") };
    }

    private Exploration Explore(List<(int From, int To)>? edges, CancellationToken cancellationToken)
    {
        _states.Add(model.Canonical(model.Initial), out _);
        _parents.Add(-1);
        var depth = 0;
        var endOfLevel = 1;
        var moves = 0L;
        for (var number = 0; number < _states.Count; number++)
        {
            if (number == endOfLevel)
            {
                cancellationToken.ThrowIfCancellationRequested();
                endOfLevel = _states.Count;
                depth++;
            }

            // A copy: the set may grow meanwhile.
            var state = _states[number];
            _moves.Clear();
            model.AddMoves(state, _moves);
            foreach (var (move, next) in _moves)
            {
                moves++;
                var to = _states.Add(model.Canonical(next), out var isNew);
                if (edges is not null && !model.IsFromOutside(move))
                {
                    edges.Add((number, to));
                }

                if (!isNew)
                {
                    continue;
                }

                _parents.Add(number);
                if (model.Violation(_states[to]) is { } violation)
                {
                    return new Exploration(_states.Count, moves, depth + 1, IsComplete: false, Trace(to, violation));
                }

                if (_states.Count >= maxStates)
                {
                    return new Exploration(_states.Count, moves, depth + 1, IsComplete: false, Counterexample: null);
                }
            }
        }

        return new Exploration(_states.Count, moves, depth, IsComplete: true, Counterexample: null);
    }

    private int FirstThatCannotReach(Func<TState, bool> goal, List<(int From, int To)> edges)
    {
        // Edges by the state that they lead to, then backwards from all goals at once.
        var starts = new int[_states.Count + 1];
        foreach (var (_, to) in edges)
        {
            starts[to + 1]++;
        }

        for (var number = 0; number < _states.Count; number++)
        {
            starts[number + 1] += starts[number];
        }

        var sources = new int[edges.Count];
        var ends = starts[..^1];
        foreach (var (from, to) in edges)
        {
            sources[ends[to]++] = from;
        }

        var reaches = new bool[_states.Count];
        var queue = new Queue<int>();
        for (var number = 0; number < _states.Count; number++)
        {
            if (goal(_states[number]))
            {
                reaches[number] = true;
                queue.Enqueue(number);
            }
        }

        while (queue.TryDequeue(out var to))
        {
            for (var edge = starts[to]; edge < starts[to + 1]; edge++)
            {
                if (!reaches[sources[edge]])
                {
                    reaches[sources[edge]] = true;
                    queue.Enqueue(sources[edge]);
                }
            }
        }

        return Array.IndexOf(reaches, false);
    }

    /// <summary>
    /// Replays the path from the start. Canonical states rename things from step to step; here the move is taken whose outcome is the next one up to
    /// names, so that names stay.
    /// </summary>
    private string Trace(int last, string violation)
    {
        var way = new Stack<int>();
        for (var number = last; number > 0; number = _parents[number])
        {
            way.Push(number);
        }

        var state = model.Initial;
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"     {model.Describe(state)}");
        for (var step = 1; way.TryPop(out var number); step++)
        {
            _moves.Clear();
            model.AddMoves(state, _moves);
            var (move, next) = _moves.Find(candidate => model.Canonical(candidate.Next).Equals(_states[number]));
            text.AppendLine(CultureInfo.InvariantCulture, $"{step,3}. {model.Describe(move, state, next)}")
                .AppendLine(CultureInfo.InvariantCulture, $"     {model.Describe(next)}");
            state = next;
        }

        return text.AppendLine(CultureInfo.InvariantCulture, $"     => {violation}").ToString();
    }
}
