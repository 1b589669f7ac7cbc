using Contracts.Layouts;

namespace Layouts.Planning;

internal static partial class PlanningLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The planner skips a window: {Problem} {Detail}.")]
    public static partial void PlannerFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Scope} should have {To} shards instead of {From}: {Rate} messages/s.")]
    public static partial void Proposed(this ILogger logger, LayoutScope scope, int from, int to, double rate);
}
