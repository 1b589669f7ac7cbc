using Contracts.Messages;

namespace Realtime.Fanout;

internal static partial class FanoutLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "History of {Room} could not be read: {Problem} {Detail}. Retrying.")]
    public static partial void HistoryFailed(this ILogger logger, RoomKey room, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Heads could not be read: {Problem} {Detail}. Retrying.")]
    public static partial void HeadsFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Members of {Room} could not be read: {Problem} {Detail}.")]
    public static partial void MembershipFailed(this ILogger logger, RoomKey room, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{User} is no longer a member of {Room}, but the event that says so never arrived. Unsubscribed.")]
    public static partial void MembershipEndUnheard(this ILogger logger, RoomKey room, string user);

    [LoggerMessage(Level = LogLevel.Error, Message = "An announcement says that {Room} has seq {Announced}, but dbman has {Stored}. Using dbman's.")]
    public static partial void PhantomHead(this ILogger logger, RoomKey room, long announced, long stored);
}
