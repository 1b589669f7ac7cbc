using Contracts.Layouts;
using Layouts.Admin;

namespace Layouts.Console.Scopes;

/// <summary>How a scope's stages are drawn.</summary>
/// <param name="Stops">The stages, in order.</param>
/// <param name="Goal">Index of the stage that it is going to; null: it stays, also where an autopilot only rehearses.</param>
internal sealed record TrackView(IReadOnlyList<TrackStop> Stops, int? Goal)
{
    public static TrackView Of(ScopeView scope)
    {
        var now = IndexOf(scope.State.Stage);
        var goal = scope.Goal is { IsDry: false, Target: { } target } ? IndexOf(target.Stage) : (int?)null;
        return new TrackView(
            [
                .. LayoutStages.All.Select((stage, index) => new TrackStop(
                    stage,
                    index == now ? "now" : index == goal ? "goal" : goal is { } end && (index - now) * (index - end) < 0 ? "way" : index < now ? "past" : "ahead",
                    index == now ? StepOf(scope.State) : null)),
            ],
            goal);
    }

    private static int IndexOf(string stage) => LayoutStages.All.ToList().IndexOf(stage);

    private static string? StepOf(LayoutState state) => (state.Step, state.NextShards) switch
    {
        (LayoutSteps.Widen, { } next) => $"to {next}: publishing to both",
        (LayoutSteps.Listen, { } next) => $"to {next}: listening to the new",
        (LayoutSteps.Listen, _) => "listening; legacy still fed",
        _ => null,
    };
}

/// <summary>One stage of a track.</summary>
/// <param name="Stage">Which.</param>
/// <param name="Kind">now, goal, way (passed on the way to the goal), past or ahead.</param>
/// <param name="Step">The step within it that holds.</param>
internal sealed record TrackStop(string Stage, string Kind, string? Step)
{
    /// <summary>For those who hear it.</summary>
    public string Said => Kind switch
    {
        "now" => "it is here",
        "goal" => "it is going there",
        "way" => "on the way",
        "past" => "passed",
        _ => "not yet",
    };
}
