using Contracts.Layouts;
using Layouts.Steps;

namespace Layouts.Autopilot;

/// <summary>
/// The autopilot's way to sharded: that of <see cref="LayoutPath"/>, with a rung for each share of canaries. The current rung follows from the layout
/// alone, so nothing has to be remembered, and the next driver continues from there.
/// </summary>
internal static class LayoutLadder
{
    /// <summary>Whether an autopilot can lead there.</summary>
    public static bool CanReach(LayoutState? target) => target is { Stage: LayoutStages.Sharded, Step: LayoutSteps.None };

    /// <summary>What comes after <paramref name="current"/>; null when it is <paramref name="target"/>, a sharded layout.</summary>
    /// <param name="scope">Whose layout it is; a room is a canary or none.</param>
    /// <param name="current">Its current layout.</param>
    /// <param name="target">Where it leads.</param>
    /// <param name="shares">Canaries of 1000, growing.</param>
    public static LayoutState? Next(LayoutScope scope, LayoutState current, LayoutState target, IReadOnlyList<int> shares)
    {
        var isSameFamily = current.Shards == target.Shards && current.ShardKey == target.ShardKey;
        return isSameFamily && current.Stage is LayoutStages.Shadow or LayoutStages.Canary
            ? NextCanary(scope, current, target, shares)
            : LayoutPath.Next(scope, current, target, shares[0]);
    }

    /// <summary>All rungs behind <paramref name="current"/>.</summary>
    public static IEnumerable<LayoutState> Walk(LayoutScope scope, LayoutState current, LayoutState target, IReadOnlyList<int> shares)
    {
        for (var state = Next(scope, current, target, shares); state is not null; state = Next(scope, state, target, shares))
        {
            yield return state;
        }
    }

    /// <summary>
    /// All steps from where the scope is, that which gives it a layout of its own among them; ends with a blocked one where one cannot be made.
    /// </summary>
    public static IEnumerable<NextStep> Steps(LayoutCatalog catalog, LayoutScope scope, LayoutState target, IReadOnlyList<int> shares)
    {
        var own = catalog.Own(scope);
        if (own is null)
        {
            var opening = NextStep.Of(catalog, scope, target, shares[0]);
            yield return opening;
            own = opening.State;
        }

        foreach (var rung in own is null ? [] : Walk(scope, own, target, shares))
        {
            yield return new NextStep(StepKind.Change, rung);
        }
    }

    /// <summary>
    /// Whether the gates have to hold before the layout is left. Not in legacy, where there is nothing to look at; nor in the middle of a step, where
    /// both sides are listened and published to, or on the way to another number of shards before anybody listens to them.
    /// </summary>
    public static bool IsSoaked(LayoutState current, LayoutState target) =>
        current.Step == LayoutSteps.None
        && current.Stage != LayoutStages.Legacy
        && current.Shards == target.Shards
        && current.ShardKey == target.ShardKey;

    /// <summary>Where a broken gate rolls back to; never forward.</summary>
    public static LayoutState Back(LayoutState current, string stage) => new(
        current.Stage == LayoutStages.Legacy ? LayoutStages.Legacy : stage,
        LayoutSteps.None,
        current is { Step: LayoutSteps.Listen, NextShards: { } next } ? next : current.Shards,
        null,
        current.ShardKey);

    private static LayoutState? NextCanary(LayoutScope scope, LayoutState current, LayoutState target, IReadOnlyList<int> shares)
    {
        if (scope.Room is not null)
        {
            return LayoutPath.Next(scope, current, target, passing: 0);
        }

        var share = shares.FirstOrDefault(share => share > (current.Canary?.PerMille ?? 0));
        return share == 0
            ? LayoutPath.Next(scope, current, target, shares[0])
            : current with { Stage = LayoutStages.Canary, Canary = new CanaryRule(current.Canary?.Tenants ?? [], current.Canary?.Rooms ?? [], share) };
    }
}
