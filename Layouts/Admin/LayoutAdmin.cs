using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;
using Layouts.Autopilot;
using Layouts.Driving;
using Layouts.Steps;
using Microsoft.Extensions.Options;
using Realtime.Channels;

namespace Layouts.Admin;

/// <summary>
/// What operators ask of layouts. Any node answers: all of it is in dbman, so the answer does not depend on the driver.
/// </summary>
internal sealed class LayoutAdmin(
    DbmanClient dbman, RoomPublisher publisher, LayoutDriver driver, IOptions<AutopilotOptions> autopilot, ILogger<LayoutAdmin> logger)
{
    private readonly LayoutsClient _plane = dbman.Layouts;
    private readonly IReadOnlyList<int> _shares = autopilot.Value.Shares;

    public async Task<ServiceResult<LayoutStatus>> StatusAsync(LayoutScope? only, int scopes, int decisions, CancellationToken cancellationToken)
    {
        if (!(await ReadAsync(cancellationToken)).TryGet(out var now, out var problem))
        {
            return problem;
        }

        if (!(await _plane.GetDriverAsync(cancellationToken)).TryGet(out var lease, out problem)
            || !(await _plane.GetDecisionsAsync(null, decisions, cancellationToken)).TryGet(out var history, out problem))
        {
            return problem;
        }

        LayoutScope[] all = only is { } one
            ? [one]
            : [.. now.Catalog.Records.Select(static record => record.Scope)
                .Concat(now.Goals.Select(static goal => goal.Scope))
                .Append(LayoutScope.All)
                .Distinct()
                .OrderBy(static scope => scope.Tenant, StringComparer.Ordinal)
                .ThenBy(static scope => scope.Room, StringComparer.Ordinal)];
        return new LayoutStatus(
            now.Catalog.Revision,
            lease.Holder is null ? null : lease,
            [.. all.Take(scopes).Select(now.View)],
            Math.Max(0, all.Length - scopes),
            now.Nodes.Nodes,
            history.Items);
    }

    public async Task<ServiceResult<NodesView>> NodesAsync(CancellationToken cancellationToken) =>
        (await _plane.GetNodesAsync(cancellationToken)).TryGet(out var nodes, out var problem)
            ? new NodesView(nodes.Revision, nodes.Nodes, [.. Laggards.Of(nodes).Select(node => Laggards.Describe(node, nodes.Revision))])
            : problem;

    public async Task<ServiceResult<HistoryView>> HistoryAsync(long? before, int limit, CancellationToken cancellationToken) =>
        (await _plane.GetHistoryAsync(before, limit, cancellationToken)).TryGet(out var page, out var problem)
            ? new HistoryView(
                [.. page.Items.Select(static record => new HistoryEntry(
                    record.Epoch, record.Scope.ToString(), StepText.Name(record.State), record.State, record.By, record.Reason, record.At))],
                page.Next)
            : problem;

    public Task<ServiceResult<Page<LayoutDecision>>> DecisionsAsync(long? before, int limit, CancellationToken cancellationToken) =>
        _plane.GetDecisionsAsync(before, limit, cancellationToken);

    /// <summary>Works out what the goal does and, unless it is only asked for the plan, sets it.</summary>
    /// <param name="scope">For what.</param>
    /// <param name="targetOf">The target, from the scope's own layout and what holds for it.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isDry">Whether only the plan is wanted.</param>
    /// <param name="cancellationToken">Ends the wait for dbman.</param>
    /// <param name="mode">Who decides when a step is made.</param>
    public async Task<ServiceResult<LayoutPlan>> AskAsync(
        LayoutScope scope,
        Func<LayoutState?, LayoutState, Target> targetOf,
        string by,
        string? reason,
        bool isDry,
        CancellationToken cancellationToken,
        GoalMode mode = GoalMode.ByHand)
    {
        if (!(await ReadAsync(cancellationToken)).TryGet(out var now, out var problem))
        {
            return problem;
        }

        var target = targetOf(now.Catalog.Own(scope), now.Catalog.Effective(scope));
        if ((target.Invalid ?? target.Conflict) is { } refusal)
        {
            return target.Invalid is null
                ? new ServiceProblem(StatusCodes.Status409Conflict, ProblemTypes.Conflict, "Conflict", refusal)
                : new ServiceProblem(StatusCodes.Status400BadRequest, ProblemTypes.InvalidRequest, "Invalid request", refusal);
        }

        var plan = PlanText.Plan(now.Catalog, now.Nodes, scope, target.State, now.GoalOf(scope), now.Way(scope, target.State, mode != GoalMode.ByHand));
        if (isDry)
        {
            return plan;
        }

        var set = await _plane.SetGoalAsync(new SetLayoutGoalRequest(scope, target.State, mode != GoalMode.ByHand, by, reason, mode == GoalMode.DryAutopilot), cancellationToken);
        if (!set.TryGet(out var goal, out problem))
        {
            return problem;
        }

        await AnnounceAsync();
        return plan with { GoalAt = goal.At };
    }

    /// <summary>False: the scope has no goal, or none of the autopilot.</summary>
    public async Task<ServiceResult<bool>> ClearAsync(LayoutScope scope, CancellationToken cancellationToken, bool onlyAutopilot = false)
    {
        if (!(await _plane.GetGoalsAsync(cancellationToken)).TryGet(out var goals, out var problem))
        {
            return problem;
        }

        if (goals.Goals.FirstOrDefault(goal => goal.Scope == scope && (goal.Autopilot || !onlyAutopilot)) is not { } goal)
        {
            return false;
        }

        if ((await _plane.ClearGoalAsync(goal, cancellationToken)).Problem is { } refusal)
        {
            return refusal;
        }

        await AnnounceAsync();
        return true;
    }

    /// <summary>So that the driver, whichever node it is, looks at once.</summary>
    private async Task AnnounceAsync()
    {
        driver.Poke();
        if ((await publisher.ControlAsync(ControlEvents.GoalsChanged, default)).Problem is { } problem)
        {
            logger.GoalUnannounced(problem.Type, problem.Detail);
        }
    }

    private async Task<ServiceResult<Facts>> ReadAsync(CancellationToken cancellationToken) =>
        !(await _plane.GetGoalsAsync(cancellationToken)).TryGet(out var goals, out var problem) ? problem
        : !(await _plane.GetAsync(0, cancellationToken)).TryGet(out var layouts, out problem) ? problem
        : !(await _plane.GetNodesAsync(cancellationToken)).TryGet(out var nodes, out problem) ? problem
        : new Facts(new LayoutCatalog(layouts), goals.Goals, nodes, _shares);

    /// <summary>What dbman has, read one after the other: a change in between shows in the next look.</summary>
    private sealed record Facts(LayoutCatalog Catalog, IReadOnlyList<LayoutGoal> Goals, NodesResponse Nodes, IReadOnlyList<int> Shares)
    {
        private readonly string[] _late = [.. Laggards.Of(Nodes).Select(node => Laggards.Describe(node, Nodes.Revision))];

        public LayoutGoal? GoalOf(LayoutScope scope) => Goals.FirstOrDefault(goal => goal.Scope == scope);

        /// <summary>The autopilot makes a step for each share of canaries.</summary>
        public IEnumerable<NextStep> Way(LayoutScope scope, LayoutState? target, bool isAutopilot) => isAutopilot && LayoutLadder.CanReach(target)
            ? LayoutLadder.Steps(Catalog, scope, target!, Shares)
            : NextStep.Walk(Catalog, scope, target, LayoutPath.PassingPerMille);

        public ScopeView View(LayoutScope scope)
        {
            var state = Catalog.Effective(scope);
            var record = Catalog.RecordOf(scope);
            return new ScopeView(
                scope.ToString(),
                Catalog.Own(scope) is not null,
                Catalog.EpochOf(scope),
                StepText.Name(state),
                state,
                RoutesView.Of(state),
                record?.By,
                record?.At,
                GoalOf(scope) is { } goal ? View(goal) : null);
        }

        private GoalView View(LayoutGoal goal)
        {
            var (steps, obstacle) = PlanText.Steps(Catalog, goal.Scope, Way(goal.Scope, goal.Target, goal.Autopilot));
            return new GoalView(
                StepText.Name(goal.Target),
                goal.Target,
                goal.Autopilot,
                goal.By,
                goal.At,
                goal.Reason,
                steps.Count > 0 ? steps[0] : null,
                steps.Count,
                obstacle is null ? _late : [.. _late, obstacle],
                goal.IsDry);
        }
    }
}

/// <summary>Who decides when the steps to a goal are made.</summary>
internal enum GoalMode
{
    /// <summary>An operator set the goal: each step follows as soon as all nodes have applied the one before.</summary>
    ByHand,

    /// <summary>The autopilot, when its gates hold.</summary>
    Autopilot,

    /// <summary>The autopilot writes down what it would do.</summary>
    DryAutopilot,
}
