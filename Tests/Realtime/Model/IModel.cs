namespace Tests.Realtime.Model;

/// <summary>A system of states and moves, small enough to explore every reachable state.</summary>
internal interface IModel<TState, TMove>
    where TState : struct, IEquatable<TState>
    where TMove : struct
{
    TState Initial { get; }

    /// <summary>Adds every move that is possible in the state, and where it leads. Always in the same order.</summary>
    void AddMoves(in TState state, List<(TMove Move, TState Next)> moves);

    /// <summary>The canonical representative of all states that differ from this one by names only.</summary>
    TState Canonical(in TState state);

    /// <summary>The violated invariant, or null.</summary>
    string? Violation(in TState state);

    /// <summary>Whether the move is something that goes wrong, or that somebody outside wants: progress must not depend on it.</summary>
    bool IsFromOutside(TMove move);

    /// <summary>The move in words.</summary>
    string Describe(TMove move, in TState before, in TState after);

    /// <summary>The state in words.</summary>
    string Describe(in TState state);
}
