using Contracts.Messages;

namespace Realtime.Channels;

internal static partial class ChannelsLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The channels of {Room} could not be subscribed to: {Reason}. Retrying.")]
    public static partial void ListenFailed(this ILogger logger, RoomKey room, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The channels of {Room} could not be unsubscribed from: {Reason}.")]
    public static partial void UnlistenFailed(this ILogger logger, RoomKey room, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An envelope on a channel of kind {Kind} was skipped: {Status}.")]
    public static partial void EnvelopeSkipped(this ILogger logger, string kind, string status);

    [LoggerMessage(Level = LogLevel.Error, Message = "Handling an event of {Channel} failed.")]
    public static partial void DeliveryFailed(this ILogger logger, string channel, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker's connection was lost: {Failure}.")]
    public static partial void BrokerLost(this ILogger logger, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The broker's connection is back; heads are compared.")]
    public static partial void BrokerBack(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} rooms lost subscriptions on their cluster masters.")]
    public static partial void RoomsInterrupted(this ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} rooms are subscribed again on their cluster masters; subscribers are notified, heads are compared. {Left} rooms left.")]
    public static partial void RoomsMended(this ILogger logger, int count, int left);

    [LoggerMessage(Level = LogLevel.Error, Message = "Checking subscriptions on the cluster failed. Retrying.")]
    public static partial void LookFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Channel} could not be subscribed to again: {Reason}. Retrying.")]
    public static partial void RenewFailed(this ILogger logger, string channel, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publishing {Count} events failed: {Reason}.")]
    public static partial void PublishFailed(this ILogger logger, int count, string reason);
}
