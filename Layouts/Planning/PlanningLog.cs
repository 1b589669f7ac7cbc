using Contracts.Layouts;

namespace Layouts.Planning;

internal static partial class PlanningLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The planner skips a window: {Problem} {Detail}.")]
    public static partial void PlannerFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Scope} should have {To} shards instead of {From}. {Why}")]
    public static partial void Proposed(this ILogger logger, LayoutScope scope, int from, int to, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What an event costs Redis cannot be measured: {Gap}. While it is not known, shards follow Planner:MessagesPerShard.")]
    public static partial void PriceUnknown(this ILogger logger, string gap);

    [LoggerMessage(Level = LogLevel.Information, Message = "What an event costs Redis is known: {Microseconds} us.")]
    public static partial void PriceKnown(this ILogger logger, double microseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Tenant}/{Room} takes {Percent} % of a core on its busiest Redis master, and more shards would not lower it: {Why}")]
    public static partial void RoomHeld(this ILogger logger, string tenant, string room, double percent, string why);
}
