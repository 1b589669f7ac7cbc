using Contracts.Layouts;
using Layouts.Steps;

namespace Layouts.Admin;

/// <summary>The target of a request, or why the request is refused.</summary>
/// <param name="State">The target; null with <paramref name="IsGivenUp"/>, or when it is refused.</param>
/// <param name="IsGivenUp">The scope is to follow the wider layout again.</param>
/// <param name="Invalid">Why the request is invalid by itself.</param>
/// <param name="Conflict">Why it makes no sense in the current state.</param>
internal sealed record Target(LayoutState? State = null, bool IsGivenUp = false, string? Invalid = null, string? Conflict = null);

/// <summary>Makes targets out of requests: what is not said stays as it is.</summary>
internal static class TargetRules
{
    public static Target Of(GoalRequest request, LayoutScope scope, LayoutState current)
    {
        if (request.GiveUp)
        {
            var asksForMore = request.Stage is not null || request.Shards is not null || request.ShardKey is not null || request.Canary is not null;
            return asksForMore ? new Target(Invalid: "giveUp: allows no other field.")
                : scope == LayoutScope.All ? new Target(Invalid: "giveUp: there is no layout wider than that of everything; rollback leads to legacy.")
                : new Target(IsGivenUp: true);
        }

        var stage = request.Stage ?? current.Stage;
        if (!LayoutStages.All.Contains(stage))
        {
            return new Target(Invalid: $"stage: one of {string.Join(", ", LayoutStages.All)}.");
        }

        if (request.Canary is not null && stage != LayoutStages.Canary)
        {
            return new Target(Invalid: "canary: belongs to the stage canary.");
        }

        var canary = stage == LayoutStages.Canary ? CanaryOf(request.Canary, scope, current) : null;
        if (stage == LayoutStages.Canary && canary is null)
        {
            return new Target(Invalid: "canary: say which rooms: tenants, rooms or perMille.");
        }

        return Checked(scope, new LayoutState(stage, LayoutSteps.None, request.Shards ?? Shards(current), null, request.ShardKey ?? current.ShardKey, canary));
    }

    public static Target Of(RollbackRequest request, LayoutScope scope, LayoutState? own, LayoutState current)
    {
        if (own is null && scope != LayoutScope.All)
        {
            return new Target(Conflict: $"{scope} has no layout of its own to roll back: it follows the wider one.");
        }

        if (request.To is null && current is { Stage: LayoutStages.Sharded, Step: not LayoutSteps.None })
        {
            return new Target(current with { Step = LayoutSteps.None, NextShards = null });
        }

        var stages = LayoutStages.All.ToList();
        var at = stages.IndexOf(current.Stage);
        var to = request.To is null ? at - 1 : stages.IndexOf(request.To);
        if (request.To is not null && to < 0)
        {
            return new Target(Invalid: $"to: one of {string.Join(", ", stages)}.");
        }

        if (to < 0 || to >= at)
        {
            return new Target(Conflict: $"{scope} is in {current.Stage}: there is nothing to roll back to{(request.To is null ? "" : $" in {request.To}")}.");
        }

        var canary = stages[to] == LayoutStages.Canary ? new CanaryRule([], [], scope.Room is null ? LayoutPath.PassingPerMille : 0) : null;
        return Checked(scope, new LayoutState(stages[to], LayoutSteps.None, Shards(current), null, current.ShardKey, canary));
    }

    public static Target Of(ReshardRequest request, LayoutScope scope, LayoutState current) =>
        Checked(scope, current with { Step = LayoutSteps.None, Shards = request.Shards, NextShards = null });

    /// <summary>
    /// Where an autopilot leads: to sharded. Its ladder goes up only, so the number of shards is chosen where nobody listens to them yet, or changed
    /// by a reshard.
    /// </summary>
    public static Target Of(AutopilotRequest request, LayoutScope scope, LayoutState current)
    {
        var shards = request.Shards ?? Shards(current);
        return shards != current.Shards && current.Stage is LayoutStages.Canary or LayoutStages.Cutover
            ? new Target(Conflict: $"{scope} is in {current.Stage} with {current.Shards} shards: another number is chosen in legacy or shadow, or by a reshard.")
            : Checked(scope, new LayoutState(LayoutStages.Sharded, LayoutSteps.None, shards, null, current.ShardKey));
    }

    /// <summary>The number that everybody listens to, or soon will.</summary>
    private static int Shards(LayoutState current) => current is { Step: LayoutSteps.Listen, NextShards: { } next } ? next : current.Shards;

    private static CanaryRule? CanaryOf(CanaryRequest? request, LayoutScope scope, LayoutState current) =>
        request is null ? current.Canary ?? (scope.Room is null ? null : new CanaryRule([], [], 0))
        : new CanaryRule(request.Tenants ?? [], request.Rooms ?? [], request.PerMille);

    private static Target Checked(LayoutScope scope, LayoutState state) =>
        LayoutRules.Check(scope, state) is { } problem ? new Target(Invalid: problem) : new Target(state);
}
