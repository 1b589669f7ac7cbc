using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Health;

internal static partial class HealthLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Health check {Check} turned {Status}: {Reason}")]
    public static partial void TurnedBad(this ILogger logger, string check, HealthStatus status, string? reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Health check {Check} is healthy again.")]
    public static partial void TurnedHealthy(this ILogger logger, string check);
}
