using Contracts.Layouts;

namespace Layouts.Steps;

/// <summary>What is to be done next for a goal.</summary>
internal enum StepKind
{
    /// <summary>Nothing: the goal is reached.</summary>
    Reached,

    /// <summary>A record with <see cref="NextStep.State"/>; null gives the scope up.</summary>
    Change,

    /// <summary>Nothing can be done before a wider scope has moved; <see cref="NextStep.Obstacle"/> says which.</summary>
    Blocked,
}

/// <summary>The next step to a goal, from whatever the layouts are.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="State">With <see cref="StepKind.Change"/>.</param>
/// <param name="Obstacle">With <see cref="StepKind.Blocked"/>, in words.</param>
internal sealed record NextStep(StepKind Kind, LayoutState? State = null, string? Obstacle = null)
{
    /// <summary>The next step for a scope to reach <paramref name="target"/>; null: to have no layout of its own.</summary>
    public static NextStep Of(LayoutCatalog catalog, LayoutScope scope, LayoutState? target, int passing) =>
        Of(catalog.Own(scope), catalog.Wider(scope), scope, target, passing);

    /// <summary>All steps from the current state; ends with a blocked one where one cannot be made.</summary>
    public static IEnumerable<NextStep> Walk(LayoutCatalog catalog, LayoutScope scope, LayoutState? target, int passing)
    {
        var own = catalog.Own(scope);
        var wider = catalog.Wider(scope);
        while (true)
        {
            var step = Of(own, wider, scope, target, passing);
            if (step.Kind == StepKind.Reached)
            {
                yield break;
            }

            yield return step;
            if (step.Kind == StepKind.Blocked || step.State is null)
            {
                yield break;
            }

            own = step.State;
        }
    }

    private static NextStep Of(LayoutState? own, LayoutState wider, LayoutScope scope, LayoutState? target, int passing)
    {
        if (target is null)
        {
            return GiveUp(own, wider, scope, passing);
        }

        if (own is null)
        {
            // The first record must mean the channels that the scope has already, so that opening it changes nothing. Of a scope with nothing above
            // it that is the layout of the beginning.
            return LayoutRules.AreEqual(wider, wider) ? new NextStep(StepKind.Change, wider) : Mixed(scope, "gets a layout of its own");
        }

        return LayoutPath.Next(scope, own, target, passing) is { } next ? new NextStep(StepKind.Change, next) : new NextStep(StepKind.Reached);
    }

    private static NextStep GiveUp(LayoutState? own, LayoutState wider, LayoutScope scope, int passing) =>
        own is null ? new NextStep(StepKind.Reached)
        : LayoutRules.AreEqual(own, wider) ? new NextStep(StepKind.Change)
        : !LayoutRules.AreEqual(wider, wider) ? Mixed(scope, "gives its own layout up")
        : LayoutPath.Next(scope, own, wider, passing) is { } next ? new NextStep(StepKind.Change, next)
        : throw new InvalidOperationException($"{own} is {wider}, but does not mean the same channels.");

    private static NextStep Mixed(LayoutScope scope, string what) => new(
        StepKind.Blocked,
        Obstacle: $"{scope} {what} once the wider layout is out of canary: its rooms listen to different channels until then.");
}
