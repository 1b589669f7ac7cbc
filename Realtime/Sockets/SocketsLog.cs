namespace Realtime.Sockets;

internal static partial class SocketsLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {Connection} failed.")]
    public static partial void ConnectionFailed(this ILogger logger, string connection, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {Connection} ended: {Code} {Reason}.")]
    public static partial void ConnectionEnded(this ILogger logger, string connection, int code, string? reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining {Count} connections over {Spread}.")]
    public static partial void DrainingConnections(this ILogger logger, int count, TimeSpan spread);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control channel could not be subscribed to: {Reason}. Retrying.")]
    public static partial void ControlFailed(this ILogger logger, string reason);
}
