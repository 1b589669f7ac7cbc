using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Http;

internal static partial class HttpLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Calls to {Service} keep failing ({Failure}): the circuit is open for {Break}.")]
    public static partial void CircuitOpened(this ILogger logger, string service, string failure, TimeSpan @break);

    [LoggerMessage(Level = LogLevel.Information, Message = "The circuit to {Service} is closed again.")]
    public static partial void CircuitClosed(this ILogger logger, string service);
}
