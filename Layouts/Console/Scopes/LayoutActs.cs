using Contracts;
using Contracts.Layouts;
using Contracts.Results;
using Layouts.Admin;
using Layouts.Console.Access;

namespace Layouts.Console.Scopes;

/// <summary>Does what operators' API does, for the operator of one open page, who is checked before each act.</summary>
internal sealed class LayoutActs(LayoutAdmin admin, ConsoleSession session, ILogger<LayoutActs> logger)
{
    public const int MaxReason = 500;

    private static readonly char[] Separators = [',', ';', ' ', '\n', '\r', '\t'];

    /// <summary>What it would do.</summary>
    public async Task<ServiceResult<LayoutPlan>> PlanAsync(LayoutAct act, CancellationToken cancellationToken) =>
        (await session.CheckAsync(cancellationToken)).TryGet(out var user, out var problem)
            ? await AskAsync(act, ConsoleTicket.ByOf(user), isDry: true, cancellationToken)
            : problem;

    /// <summary>
    /// Does it, if it still does what <paramref name="shown"/> says; else nothing is done, and the answer is the plan of now, which has no
    /// <see cref="LayoutPlan.GoalAt"/>.
    /// </summary>
    public async Task<ServiceResult<LayoutPlan>> DoAsync(LayoutAct act, LayoutPlan shown, CancellationToken cancellationToken)
    {
        if (!(await session.CheckAsync(cancellationToken)).TryGet(out var user, out var problem))
        {
            return problem;
        }

        var by = ConsoleTicket.ByOf(user);
        var now = await AskAsync(act, by, isDry: true, cancellationToken);
        if (!now.TryGet(out var plan, out problem) || !SaysTheSame(shown, plan))
        {
            return now;
        }

        var done = await AskAsync(act, by, isDry: false, cancellationToken);
        if (done.IsSuccess)
        {
            logger.ConsoleActed(by, act.Title);
        }

        return done;
    }

    /// <summary>Takes the goal away; false: there is none.</summary>
    /// <param name="act">Which; of the autopilot's only where it says so.</param>
    /// <param name="cancellationToken">Ends the wait for dbman.</param>
    public async Task<ServiceResult<bool>> EndAsync(LayoutAct act, CancellationToken cancellationToken)
    {
        if (!(await session.CheckAsync(cancellationToken)).TryGet(out var user, out var problem))
        {
            return problem;
        }

        if (!ScopeText.TryParse(act.Scope, out var parsed))
        {
            return Invalid("A scope is all, tenant or tenant/room.");
        }

        var cleared = await admin.ClearAsync(parsed, cancellationToken, onlyAutopilot: act.Kind == LayoutActKind.StopAutopilot);
        if (cleared.IsSuccess)
        {
            logger.ConsoleActed(ConsoleTicket.ByOf(user), act.Title);
        }

        return cleared;
    }

    /// <summary>A scope that has no layout of its own yet.</summary>
    public async Task<ServiceResult<ScopeView>> FindAsync(string scope, CancellationToken cancellationToken)
    {
        if (!ScopeText.TryParse(scope, out var parsed))
        {
            return Invalid("A scope is all, a tenant's id, or tenant/room.");
        }

        return (await session.CheckAsync(cancellationToken)).Problem is { } ended ? ended
            : (await admin.StatusAsync(parsed, scopes: 1, decisions: 1, cancellationToken)).TryGet(out var status, out var problem) ? status.Scopes[0]
            : problem;
    }

    /// <summary>Records of all layouts, newest first.</summary>
    public async Task<ServiceResult<HistoryView>> HistoryAsync(long? before, int limit, CancellationToken cancellationToken) =>
        (await session.CheckAsync(cancellationToken)).Problem is { } ended ? ended : await admin.HistoryAsync(before, limit, cancellationToken);

    /// <summary>What was decided, newest first.</summary>
    public async Task<ServiceResult<Page<LayoutDecision>>> DecisionsAsync(long? before, int limit, CancellationToken cancellationToken) =>
        (await session.CheckAsync(cancellationToken)).Problem is { } ended ? ended : await admin.DecisionsAsync(before, limit, cancellationToken);

    private async Task<ServiceResult<LayoutPlan>> AskAsync(LayoutAct act, string by, bool isDry, CancellationToken cancellationToken)
    {
        var reason = act.Reason.Trim();
        return !ScopeText.TryParse(act.Scope, out var scope) ? Invalid("A scope is all, tenant or tenant/room.")
            : reason.Length > MaxReason ? Invalid($"The reason is longer than {MaxReason} characters.")
            : await admin.AskAsync(
                scope,
                (own, current) => TargetOf(act, scope, own, current),
                by,
                reason.Length == 0 ? null : reason,
                isDry,
                cancellationToken,
                act.Kind != LayoutActKind.Autopilot ? GoalMode.ByHand : act.IsRehearsal ? GoalMode.DryAutopilot : GoalMode.Autopilot);
    }

    private Target TargetOf(LayoutAct act, LayoutScope scope, LayoutState? own, LayoutState current) => act.Kind switch
    {
        LayoutActKind.Go => TargetRules.Of(
            new GoalRequest(act.Scope, act.Stage, act.Shards, Canary: act.Stage == LayoutStages.Canary && scope.Room is null ? CanaryOf(act) : null), scope, current),
        LayoutActKind.RollBack => TargetRules.Of(new RollbackRequest(act.Scope, act.Stage), scope, own, current),
        LayoutActKind.Reshard => TargetRules.Of(new ReshardRequest(act.Scope, act.Shards ?? 0), scope, current),
        LayoutActKind.GiveUp => TargetRules.Of(new GoalRequest(act.Scope, GiveUp: true), scope, current),
        LayoutActKind.Autopilot => TargetRules.Of(new AutopilotRequest(act.Scope, act.Shards, act.IsRehearsal), scope, current),
        _ => new Target(Invalid: $"{act.Kind} has no target."),
    };

    private static CanaryRequest CanaryOf(LayoutAct act) =>
        new(Split(act.Tenants), Split(act.Rooms), (int)Math.Clamp(Math.Round(act.Percent * 10), 0, 1_000));

    private static string[] Split(string list) =>
        [.. list.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];

    private static bool SaysTheSame(LayoutPlan shown, LayoutPlan now) =>
        shown.Epoch == now.Epoch && shown.From == now.From && shown.To == now.To && shown.Obstacle == now.Obstacle
        && shown.Steps.Select(static step => step.Name).SequenceEqual(now.Steps.Select(static step => step.Name), StringComparer.Ordinal)
        && shown.Undoes.SequenceEqual(now.Undoes, StringComparer.Ordinal);

    private static ServiceProblem Invalid(string detail) => new(StatusCodes.Status400BadRequest, ProblemTypes.InvalidRequest, "Invalid request", detail);
}
