using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;
using Layouts.Autopilot;
using Layouts.Figures;
using Layouts.Steps;
using Microsoft.Extensions.Options;

namespace Layouts.Admin;

/// <summary>What operators see of autopilots. Any node answers: what only the driver knows is in its report.</summary>
internal sealed class AutopilotAdmin(DbmanClient dbman, FigureFeed feed, IOptions<AutopilotOptions> options)
{
    public async Task<ServiceResult<AutopilotsView>> StatusAsync(LayoutScope? only, CancellationToken cancellationToken)
    {
        if (!(await dbman.Layouts.GetGoalsAsync(cancellationToken)).TryGet(out var goals, out var problem)
            || !(await dbman.Layouts.GetAsync(0, cancellationToken)).TryGet(out var records, out problem)
            || !(await feed.ReadAsync(cancellationToken)).TryGet(out var look, out problem))
        {
            return problem;
        }

        // A driver that was replaced may be in the list until its next report: the younger one counts.
        var catalog = new LayoutCatalog(records);
        var driver = look.Reading.Nodes.Values.Where(static node => node.Figures.Driving is not null).MinBy(static node => node.Age);
        return new AutopilotsView(
            driver?.Node,
            [
                .. goals.Goals
                    .Where(goal => goal.Autopilot && (only is null || goal.Scope == only))
                    .Select(goal => Row(goal, catalog, driver?.Figures.Driving?.Autopilots.FirstOrDefault(status => status.Scope == goal.Scope && status.GoalAt == goal.At))),
            ]);
    }

    private AutopilotRow Row(LayoutGoal goal, LayoutCatalog catalog, AutopilotStatus? status)
    {
        var current = catalog.Effective(goal.Scope);
        return new AutopilotRow(
            goal.Scope.ToString(),
            StepText.Name(current),
            StepText.Name(goal.Target),
            goal.IsDry,
            goal.By,
            goal.At,
            goal.Reason,
            status is null
                ? null
                : new AutopilotStatusView(
                    status.Stage, status.Next, status.Verdict, status.Text, status.SoakedMilliseconds / 1000.0, status.SoakMilliseconds / 1000.0, status.Gates),
            LayoutLadder.CanReach(goal.Target) ? [.. LayoutLadder.Walk(goal.Scope, current, goal.Target!, options.Value.Shares).Select(StepText.Name)] : []);
    }
}
