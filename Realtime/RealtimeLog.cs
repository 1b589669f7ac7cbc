using Contracts.Messages;

namespace Realtime;

internal static partial class RealtimeLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "History of {Room} could not be read: {Problem} {Detail}. Trying again.")]
    public static partial void HistoryFailed(this ILogger logger, RoomKey room, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Heads could not be read: {Problem} {Detail}. Trying again.")]
    public static partial void HeadsFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Members of {Room} could not be read: {Problem} {Detail}.")]
    public static partial void MembershipFailed(this ILogger logger, RoomKey room, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{User} is no member of {Room} any more, and the event that says so was never heard. Unsubscribed.")]
    public static partial void MembershipEndUnheard(this ILogger logger, RoomKey room, string user);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Room} was announced to have seq {Announced}, but dbman has {Stored}. Believing dbman.")]
    public static partial void PhantomHead(this ILogger logger, RoomKey room, long announced, long stored);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The channels of {Room} could not be subscribed to: {Reason}. Trying again.")]
    public static partial void ListenFailed(this ILogger logger, RoomKey room, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The channels of {Room} could not be unsubscribed from: {Reason}.")]
    public static partial void UnlistenFailed(this ILogger logger, RoomKey room, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An envelope on {Channel} was skipped: {Status}.")]
    public static partial void EnvelopeSkipped(this ILogger logger, string channel, string status);

    [LoggerMessage(Level = LogLevel.Error, Message = "Handling an event of {Channel} failed.")]
    public static partial void DeliveryFailed(this ILogger logger, string channel, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker's connection was lost: {Failure}.")]
    public static partial void BrokerLost(this ILogger logger, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The broker's connection is back; heads are compared.")]
    public static partial void BrokerBack(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The channels of {Count} rooms do not stand any more where they belong on the cluster.")]
    public static partial void RoomsInterrupted(this ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "The channels of {Count} rooms stand again; their subscribers are told, heads are compared. {Left} rooms to go.")]
    public static partial void RoomsMended(this ILogger logger, int count, int left);

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking after the channels on the cluster failed. Trying again.")]
    public static partial void LookFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Channel} could not be subscribed to anew: {Reason}. Trying again.")]
    public static partial void RenewFailed(this ILogger logger, string channel, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publishing {Count} events failed: {Reason}.")]
    public static partial void PublishFailed(this ILogger logger, int count, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {Connection} failed.")]
    public static partial void ConnectionFailed(this ILogger logger, string connection, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {Connection} ended: {Code} {Reason}.")]
    public static partial void ConnectionEnded(this ILogger logger, string connection, int code, string? reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining {Count} connections over {Spread}.")]
    public static partial void DrainingConnections(this ILogger logger, int count, TimeSpan spread);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control channel could not be subscribed to: {Reason}. Trying again.")]
    public static partial void ControlFailed(this ILogger logger, string reason);
}
