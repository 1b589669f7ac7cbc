namespace Chat.Relay;

internal static partial class RelayLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Relay lane {Lane} is full: messages are left to the sweeper until it has room again.")]
    public static partial void LaneFull(this ILogger logger, int lane);

    [LoggerMessage(Level = LogLevel.Information, Message = "Relay lane {Lane} has room again; {Overflowed} messages were left to the sweeper.")]
    public static partial void LaneRecovered(this ILogger logger, int lane, long overflowed);

    [LoggerMessage(Level = LogLevel.Information, Message = "Publishing {Count} {What} was refused and is retried: {Status} {Type} {Detail}")]
    public static partial void Retrying(this ILogger logger, int count, string what, int status, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publishing {Count} messages was refused: {Status} {Type} {Detail}. They are left to the sweeper.")]
    public static partial void MessagesGivenUp(this ILogger logger, int count, int status, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Publishing {Count} {What} failed.")]
    public static partial void PublishFailed(this ILogger logger, int count, string what, Exception exception);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} messages were not published before the shutdown timed out; another replica's sweeper publishes them.")]
    public static partial void MessagesUnflushed(this ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} system events are lost: {Reason}")]
    public static partial void SystemEventsLost(this ILogger logger, int count, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reporting {Count} relayed ranges was refused: {Status} {Type} {Detail}. They are reported again.")]
    public static partial void MarkRefused(this ILogger logger, int count, int status, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reporting relayed ranges failed.")]
    public static partial void MarkFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} relayed ranges could not be reported within their bounds; the sweeper publishes them again.")]
    public static partial void MarksDropped(this ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweeper repaired {Count} messages of room {Room} in tenant {Tenant}, up to {Seq}.")]
    public static partial void Repaired(this ILogger logger, int count, string tenant, string room, long seq);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweeper could not {Step}: {Status} {Type} {Detail}")]
    public static partial void SweepRefused(this ILogger logger, string step, int status, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of the sweeper failed.")]
    public static partial void SweepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "History of room {Room} in tenant {Tenant} has a gap after {Seq}; its relay position cannot advance.")]
    public static partial void HistoryHole(this ILogger logger, string tenant, string room, long seq);
}
