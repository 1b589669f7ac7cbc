using Microsoft.Extensions.Logging;

namespace Client;

internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Information, "The socket ended ({CloseCode} {Reason}); next attempt in {Wait}.")]
    public static partial void SocketLost(ILogger logger, int? closeCode, string? reason, TimeSpan wait);

    [LoggerMessage(2, LogLevel.Error, "The connection's loop failed.")]
    public static partial void LoopFailed(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Missing messages of room {Room} could not be fetched: {Status} {Type}.")]
    public static partial void RepairFailed(ILogger logger, string room, int status, string type);

    [LoggerMessage(4, LogLevel.Debug, "The subscribe frame of room {Room} was not answered: {Reason}")]
    public static partial void SubscribeUnanswered(ILogger logger, string room, string reason);

    [LoggerMessage(5, LogLevel.Debug, "The unsubscribe frame of room {Room} was not answered: {Reason}")]
    public static partial void UnsubscribeUnanswered(ILogger logger, string room, string reason);

    [LoggerMessage(6, LogLevel.Warning, "The token of the open socket could not be renewed: {Reason}")]
    public static partial void RenewalFailed(ILogger logger, string reason);
}
