using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Drain;

internal static partial class DrainLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Draining: not ready, serving for another {Delay}, then stopping within {Timeout}.")]
    public static partial void Draining(this ILogger logger, TimeSpan delay, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Draining timed out; remaining work is aborted.")]
    public static partial void OutOfTime(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Participant} failed to drain.")]
    public static partial void ParticipantFailed(this ILogger logger, string participant, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped.")]
    public static partial void Stopped(this ILogger logger);
}
