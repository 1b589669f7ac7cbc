namespace Dbman.Housekeeping;

internal static partial class HousekeepingLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Sessions} ended sessions and {Attempts} forgotten login failures.")]
    public static partial void Removed(this ILogger logger, int sessions, int attempts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A round of housekeeping failed; the next one does its work.")]
    public static partial void Skipped(this ILogger logger, Exception exception);
}
