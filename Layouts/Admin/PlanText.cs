using Contracts.Layouts;
using Layouts.Steps;

namespace Layouts.Admin;

/// <summary>Plans, worked out and put into words.</summary>
internal static class PlanText
{
    /// <param name="catalog">What holds.</param>
    /// <param name="nodes">Who has to apply it.</param>
    /// <param name="scope">For what.</param>
    /// <param name="target">Where it leads; null: to no layout of its own.</param>
    /// <param name="replaced">The goal that it takes the place of.</param>
    /// <param name="way">The steps.</param>
    public static LayoutPlan Plan(LayoutCatalog catalog, NodesResponse nodes, LayoutScope scope, LayoutState? target, LayoutGoal? replaced, IEnumerable<NextStep> way)
    {
        var (steps, obstacle) = Steps(catalog, scope, way);
        List<string> undoes =
        [
            .. steps.Where(static step => step.IsBackward && !step.Effects.Contains(StepText.NoEffect)).Select(static step => string.Join("; ", step.Effects)),
        ];
        if (replaced is not null)
        {
            undoes.Insert(0, $"it takes the place of the goal {StepText.Name(replaced.Target)}, set by {replaced.By}");
        }

        return new LayoutPlan(
            scope.ToString(),
            catalog.EpochOf(scope),
            StepText.Name(catalog.Effective(scope)),
            StepText.Name(target),
            target,
            steps,
            undoes,
            [.. nodes.Nodes.Where(static node => node.IsLive).Select(static node => node.Node)],
            obstacle,
            GoalAt: null);
    }

    public static (IReadOnlyList<StepView> Steps, string? Obstacle) Steps(LayoutCatalog catalog, LayoutScope scope, IEnumerable<NextStep> way)
    {
        var before = catalog.Effective(scope);
        var opens = catalog.Own(scope) is null;
        List<StepView> steps = [];
        foreach (var step in way)
        {
            if (step.Kind == StepKind.Blocked)
            {
                return (steps, step.Obstacle);
            }

            steps.Add(View(steps.Count + 1, scope, before, step.State, opens));
            before = step.State ?? before;
            opens = false;
        }

        return (steps, null);
    }

    private static StepView View(int number, LayoutScope scope, LayoutState before, LayoutState? after, bool opens)
    {
        // The initial layout needs no record; once written, the record stays.
        var isBeginning = opens && scope == LayoutScope.All;
        var undo = isBeginning ? "not needed" : opens ? "give the layout up again" : $"back to {StepText.Name(before)}";
        return after is null
            ? new StepView(number, StepText.Name(null), null, null, false, ["it follows the wider layout, which means the same channels"], "open a layout of its own again")
            : new StepView(
                number,
                StepText.Name(after),
                after,
                RoutesView.Of(after),
                LayoutPath.IsBackward(before, after),
                isBeginning ? ["what holds already is put on record"]
                : opens ? ["it gets a layout of its own, equal to the wider one"]
                : StepText.Effects(before, after),
                undo);
    }
}
