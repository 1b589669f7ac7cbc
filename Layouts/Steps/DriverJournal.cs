using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;

namespace Layouts.Steps;

/// <summary>
/// What the driver writes into the history of decisions. The records of layouts are the truth; an entry that cannot be written is lost, and the log
/// says so. What stays as it is, turn after turn, is written once.
/// </summary>
internal sealed class DriverJournal(DbmanClient dbman, ILogger<DriverJournal> logger)
{
    private const string By = "driver";
    private const int MaxText = 1_000;

    private static readonly IReadOnlyDictionary<string, double> NoFigures = new Dictionary<string, double>(StringComparer.Ordinal);

    // By scope: what was last written about its goal. The driver's loop alone reads and writes it.
    private readonly Dictionary<LayoutScope, (DateTimeOffset Goal, string Text)> _written = [];
    private long _stuckAt;

    /// <summary>Forgets what was written about goals that are gone.</summary>
    public void Keep(IReadOnlyCollection<LayoutGoal> goals)
    {
        foreach (var scope in _written.Keys.Except(goals.Select(static goal => goal.Scope)).ToArray())
        {
            _written.Remove(scope);
        }
    }

    public Task SteppedAsync(LayoutState before, LayoutRecord record, int nodes, CancellationToken cancellationToken)
    {
        var text = record.State is { } state
            ? $"{StepText.Name(before)} -> {StepText.Name(state)}: {string.Join("; ", StepText.Effects(before, state))}."
            : "The layout of its own is given up.";
        logger.Stepped(record.Epoch, record.Scope, text);
        return WriteAsync(record.Scope, record.Epoch, "step", text, new Dictionary<string, double>(StringComparer.Ordinal) { ["nodes"] = nodes }, cancellationToken);
    }

    public Task ReachedAsync(LayoutGoal goal, LayoutCatalog catalog, CancellationToken cancellationToken)
    {
        var text = goal.Target is { } target ? $"{StepText.Name(target)} is reached; every live node has applied it." : "It follows the wider layout.";
        logger.Reached(goal.Scope, text);
        return WriteAsync(goal.Scope, catalog.EpochOf(goal.Scope), "reached", text, NoFigures, cancellationToken);
    }

    public Task BlockedAsync(LayoutGoal goal, string obstacle, CancellationToken cancellationToken) => OnceAsync(goal, "wait", obstacle, cancellationToken);

    public Task RefusedAsync(LayoutGoal goal, ServiceProblem problem, CancellationToken cancellationToken) =>
        OnceAsync(goal, "refused", $"The next step was refused: {problem.Type} {problem.Detail}", cancellationToken);

    /// <summary>A step that waits for longer than it should.</summary>
    public Task StuckAsync(long revision, TimeSpan waited, string whom, CancellationToken cancellationToken)
    {
        if (_stuckAt == revision)
        {
            return Task.CompletedTask;
        }

        _stuckAt = revision;
        logger.Stuck(revision, waited, whom);
        return WriteAsync(
            LayoutScope.All,
            revision,
            "wait",
            $"Layouts {revision} are not everywhere yet: {whom}.",
            new Dictionary<string, double>(StringComparer.Ordinal) { ["waited_seconds"] = waited.TotalSeconds },
            cancellationToken);
    }

    /// <summary>What somebody else than the driver decided, with what it rests on.</summary>
    public Task DecidedAsync(
        LayoutScope scope, string decision, string by, string text, IReadOnlyDictionary<string, double> figures, CancellationToken cancellationToken)
    {
        logger.Decided(scope, decision, text);
        return WriteAsync(scope, 0, decision, text, figures, cancellationToken, by);
    }

    private Task OnceAsync(LayoutGoal goal, string decision, string text, CancellationToken cancellationToken)
    {
        if (_written.TryGetValue(goal.Scope, out var known) && known == (goal.At, text))
        {
            return Task.CompletedTask;
        }

        _written[goal.Scope] = (goal.At, text);
        logger.Held(goal.Scope, text);
        return WriteAsync(goal.Scope, 0, decision, text, NoFigures, cancellationToken);
    }

    private async Task WriteAsync(
        LayoutScope scope, long epoch, string decision, string text, IReadOnlyDictionary<string, double> figures, CancellationToken cancellationToken, string by = By)
    {
        var result = await dbman.Layouts.AddDecisionAsync(
            new AddLayoutDecisionRequest(scope, epoch, decision, by, text.Length > MaxText ? text[..MaxText] : text, figures), cancellationToken);
        if (result.Problem is { } problem)
        {
            logger.DriverCallFailed("write a decision", problem.Type, problem.Detail);
        }
    }
}
