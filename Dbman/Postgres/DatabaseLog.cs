namespace Dbman.Postgres;

internal static partial class DatabaseLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A call to PostgreSQL failed ({Kind}): {Reason}")]
    public static partial void DatabaseFailed(this ILogger logger, string kind, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The health check failed: {Reason}")]
    public static partial void Unhealthy(this ILogger logger, string reason);
}
