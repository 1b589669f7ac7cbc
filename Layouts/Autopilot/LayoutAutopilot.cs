using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;
using Layouts.Figures;
using Layouts.Steps;
using Microsoft.Extensions.Options;
using Realtime.Counting;
using Realtime.Node;

namespace Layouts.Autopilot;

/// <summary>
/// Decides when a layout may be left: the driver asks it about each goal of the autopilot, and does what it answers.
/// </summary>
/// <remarks>
/// <para>
/// <b>A stage.</b> It begins with the record that opened it. For <see cref="AutopilotOptions.Settle"/> nothing is counted; the first reading after
/// that is where the soak begins. From then on the gates are looked at with each turn, over all that was counted since. One that breaks ends it at
/// once; when all have held for the soak, the next record is due: one promotion for each soak. Legacy has no gates, and neither has the middle of a
/// step, where both sides are published to and listened to.
/// </para>
/// <para>
/// <b>Rollback.</b> The driver replaces the goal by one of its own that leads to shadow (or legacy), so the autopilot is off on every node until
/// somebody starts it again. Only the very goal that was judged is replaced: an operator who was faster wins.
/// </para>
/// <para>
/// <b>What is remembered.</b> Soaks, in this process only: a new driver restarts them, which costs time and nothing else. The legacy channel's
/// latency, which sharded is compared with, is read back from the decision that led there.
/// </para>
/// </remarks>
internal sealed class LayoutAutopilot(
    DbmanClient dbman,
    DriverJournal journal,
    DriverReport driverReport,
    IOptions<AutopilotOptions> options,
    IOptions<CountingOptions> counting,
    TimeProvider time)
{
    private const string By = "autopilot";
    private const int MaxReason = 500;
    private const int MaxText = 300;

    /// <summary>Decisions that are searched for the last promotion.</summary>
    private const int LookBack = 200;

    /// <summary>
    /// Reports that a live node may miss before its figures are too old: a heartbeat may be late, and dbman may be away for a moment.
    /// </summary>
    private const int MissedReports = 4;

    /// <summary>Where nodes report often, a pause of theirs is no reason to hold.</summary>
    private static readonly TimeSpan LeastFiguresAge = TimeSpan.FromSeconds(20);

    private const string LegacyFigure = "legacy_p99_seconds";

    private static readonly IReadOnlyDictionary<string, double> NoFigures = new Dictionary<string, double>(StringComparer.Ordinal);

    private readonly LayoutsClient _plane = dbman.Layouts;
    private readonly AutopilotOptions _options = options.Value;

    // Figures of a live node that are older do not count: the autopilot holds.
    private readonly TimeSpan _maxFiguresAge =
        LeastFiguresAge > counting.Value.Report * MissedReports ? LeastFiguresAge : counting.Value.Report * MissedReports;

    // The driver's loop alone reads and writes them.
    private readonly Dictionary<LayoutScope, Soak> _soaks = [];
    private readonly List<AutopilotStatus> _statuses = [];

    /// <summary>Another node drives: forgets everything.</summary>
    public void Forget()
    {
        _soaks.Clear();
        driverReport.Current = null;
    }

    /// <summary>Begins a turn over these goals.</summary>
    public void Begin(IReadOnlyCollection<LayoutGoal> goals)
    {
        _statuses.Clear();
        foreach (var scope in _soaks.Keys.Except(goals.Select(static goal => goal.Scope)).ToArray())
        {
            _soaks.Remove(scope);
        }
    }

    /// <summary>Ends it: the node's next report includes the state of the autopilots.</summary>
    public void Report() => driverReport.Current = new DrivingFigures([.. _statuses.Take(FigureLimits.Autopilots)]);

    /// <summary>What is to be done about one goal.</summary>
    public async Task<ServiceResult<Permit>> LookAsync(LayoutCatalog catalog, LayoutGoal goal, NodesResponse nodes, CancellationToken cancellationToken)
    {
        var current = catalog.Effective(goal.Scope);
        if (!LayoutLadder.CanReach(goal.Target))
        {
            Tell(goal, current, null, "hold", "An autopilot leads to sharded only.", TimeSpan.Zero, TimeSpan.Zero, []);
            return Permit.None;
        }

        var next = LayoutLadder.Steps(catalog, goal.Scope, goal.Target!, _options.Shares).FirstOrDefault() ?? new NextStep(StepKind.Reached);
        if (catalog.Own(goal.Scope) is null || !LayoutLadder.IsSoaked(current, goal.Target!))
        {
            return await WithoutGatesAsync(catalog, goal, current, next, cancellationToken);
        }

        return await WithGatesAsync(catalog, goal, current, next, nodes, cancellationToken);
    }

    private async Task<ServiceResult<Permit>> WithoutGatesAsync(LayoutCatalog catalog, LayoutGoal goal, LayoutState current, NextStep next, CancellationToken cancellationToken)
    {
        var verdict = new Verdict(VerdictKind.Promote, next.Obstacle ?? "This layout has no gates.", "no gates");
        Tell(goal, current, next, next.Kind == StepKind.Blocked ? "hold" : verdict.Word, verdict.Text, TimeSpan.Zero, TimeSpan.Zero, []);
        if (next.Kind == StepKind.Blocked || !goal.IsDry)
        {
            return new Permit(next);
        }

        if (SoakOf(goal, catalog).IsNew(verdict))
        {
            await journal.DecidedAsync(goal.Scope, verdict.Word, By, $"Dry run: {StepText.Name(current)} would become {StepText.Name(next.State)}. {verdict.Text}", NoFigures, cancellationToken);
        }

        return Permit.None;
    }

    private async Task<ServiceResult<Permit>> WithGatesAsync(
        LayoutCatalog catalog, LayoutGoal goal, LayoutState current, NextStep next, NodesResponse nodes, CancellationToken cancellationToken)
    {
        var soak = SoakOf(goal, catalog);
        var length = next.Kind == StepKind.Reached ? _options.Watch : _options.Soak;
        var reading = FigureReading.Of(time.GetUtcNow(), nodes, _maxFiguresAge);
        if (soak.Take(reading, _options.Settle, time) is not { } window)
        {
            Tell(goal, current, next, "hold", "The step settles; nothing is counted yet.", TimeSpan.Zero, length, []);
            return Permit.None;
        }

        if (!soak.KnowsLegacy)
        {
            if (!(await _plane.GetDecisionsAsync(null, LookBack, cancellationToken)).TryGet(out var decisions, out var problem))
            {
                return problem;
            }

            soak.LegacySeconds = decisions.Items
                .Where(decision => decision.Scope == goal.Scope && decision.By == By)
                .Select(static decision => decision.Figures.TryGetValue(LegacyFigure, out var seconds) ? seconds : (double?)null)
                .FirstOrDefault(static seconds => seconds is not null);
            soak.KnowsLegacy = true;
        }

        var gates = Gates.Judge(new GateFacts(goal.Scope, current, window, reading.Silent, soak.LegacySeconds), _options);
        var soaked = soak.Elapsed(time);
        var verdict = Verdict.Of(gates, soaked, length);
        Tell(goal, current, next, verdict.Word, verdict.Text, soaked, length, gates);
        return verdict.Kind == VerdictKind.RollBack && !goal.IsDry
            ? await RollBackAsync(goal, current, verdict, Figures(gates, soaked, goal.Scope, window), cancellationToken)
            : await HoldOrPromoteAsync(goal, current, next, soak, verdict, Figures(gates, soaked, goal.Scope, window), cancellationToken);
    }

    private async Task<ServiceResult<Permit>> HoldOrPromoteAsync(
        LayoutGoal goal, LayoutState current, NextStep next, Soak soak, Verdict verdict, Dictionary<string, double> figures, CancellationToken cancellationToken)
    {
        if (soak.IsNew(verdict))
        {
            // Before the step: the next stage is compared with what is decided now, even if this driver dies in between.
            var intent = verdict.Kind switch
            {
                VerdictKind.Hold => $"{StepText.Name(current)} stays. {verdict.Text}",
                VerdictKind.RollBack => $"{StepText.Name(current)} would go back to {StepText.Name(LayoutLadder.Back(current, _options.RollBackTo))}. {verdict.Text}",
                _ when next.Kind == StepKind.Reached => $"{StepText.Name(current)} is good. {verdict.Text}",
                _ => $"{StepText.Name(current)} -> {StepText.Name(next.State)}. {verdict.Text}",
            };
            await journal.DecidedAsync(goal.Scope, verdict.Word, By, goal.IsDry ? $"Dry run: {intent}" : intent, figures, cancellationToken);
        }

        return verdict.Kind == VerdictKind.Promote && !goal.IsDry ? new Permit(next) : Permit.None;
    }

    private async Task<ServiceResult<Permit>> RollBackAsync(
        LayoutGoal goal, LayoutState current, Verdict verdict, Dictionary<string, double> figures, CancellationToken cancellationToken)
    {
        var back = LayoutLadder.Back(current, _options.RollBackTo);
        var set = await _plane.SetGoalAsync(
            new SetLayoutGoalRequest(goal.Scope, back, Autopilot: false, By, Cut(verdict.Text, MaxReason), IsDry: false, Replaces: goal.At), cancellationToken);
        if (set.Problem is { } problem)
        {
            return problem;
        }

        _soaks.Remove(goal.Scope);
        await journal.DecidedAsync(goal.Scope, verdict.Word, By, $"{StepText.Name(current)} -> {StepText.Name(back)}, and the autopilot is off. {verdict.Text}", figures, cancellationToken);
        return new Permit(null, IsGoalReplaced: true);
    }

    private Soak SoakOf(LayoutGoal goal, LayoutCatalog catalog)
    {
        var epoch = catalog.EpochOf(goal.Scope);
        if (!_soaks.TryGetValue(goal.Scope, out var soak) || !soak.IsOf(goal, epoch))
        {
            soak = _soaks[goal.Scope] = new Soak(goal.At, epoch, time.GetTimestamp());
        }

        return soak;
    }

    private static Dictionary<string, double> Figures(IReadOnlyList<Gate> gates, TimeSpan soaked, LayoutScope scope, FigureWindow window)
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal) { ["soaked_seconds"] = Math.Round(soaked.TotalSeconds, 1) };
        foreach (var gate in gates)
        {
            var name = gate.Name.Replace('-', '_');
            if (gate.Value is { } value)
            {
                figures[name] = value;
                if (gate.Bound is { } bound)
                {
                    figures[$"{name}_bound"] = bound;
                }
            }
        }

        if (ScopeWindow.Sum(window.Nodes.Select(node => node.Of(scope)).OfType<ScopeWindow>()).Legacy.PercentileSeconds(99) is { } legacy)
        {
            figures[LegacyFigure] = legacy;
        }

        return figures;
    }

    private void Tell(LayoutGoal goal, LayoutState current, NextStep? next, string verdict, string text, TimeSpan soaked, TimeSpan soak, IReadOnlyList<Gate> gates) =>
        _statuses.Add(new AutopilotStatus(
            goal.Scope,
            goal.At,
            StepText.Name(current),
            next?.State is { } state ? StepText.Name(state) : null,
            goal.IsDry,
            verdict,
            Cut(text, MaxText),
            (long)soaked.TotalMilliseconds,
            (long)soak.TotalMilliseconds,
            [.. gates.Select(static gate => gate.Report())]));

    private static string Cut(string text, int length) => text.Length > length ? text[..length] : text;
}

/// <summary>What the autopilot lets the driver do.</summary>
/// <param name="Step">The next step; null: none now.</param>
/// <param name="IsGoalReplaced">The goal no longer belongs to the autopilot: the driver acts on it at once.</param>
internal sealed record Permit(NextStep? Step, bool IsGoalReplaced = false)
{
    public static Permit None { get; } = new((NextStep?)null);
}
