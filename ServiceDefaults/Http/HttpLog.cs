using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Http;

internal static partial class HttpLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} keeps failing ({Failure}): calls are refused here for {Break}.")]
    public static partial void CircuitOpened(this ILogger logger, string service, string failure, TimeSpan @break);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} answers again.")]
    public static partial void CircuitClosed(this ILogger logger, string service);
}
