namespace Dbman.Housekeeping;

internal static partial class HousekeepingLog
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Removed {Sessions} ended sessions, {Attempts} expired login failures, {Nodes} lost realtime nodes, {Replicas} lost dbman replicas, and {Decisions} old decisions.")]
    public static partial void Removed(this ILogger logger, int sessions, int attempts, int nodes, int replicas, int decisions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A round of housekeeping failed; the next round retries it.")]
    public static partial void Skipped(this ILogger logger, Exception exception);
}
