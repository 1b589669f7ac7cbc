using Microsoft.Extensions.Logging;

namespace Aspire.StackExchange.Redis;

internal static partial class RedisTracingLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Spans of Redis commands could not be written; the commands themselves are unharmed.")]
    public static partial void SpansLost(this ILogger logger, Exception exception);
}
