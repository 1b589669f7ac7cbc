namespace Dbman.Messages.Commit;

internal static partial class CommitLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} messages lost its connection and is tried once more: {Reason}")]
    public static partial void TryingAgain(this ILogger logger, int count, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Rooms} rooms could not lock all of them and is tried room by room: {Reason}")]
    public static partial void RoomByRoom(this ILogger logger, int rooms, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} messages failed ({Kind}): {Reason}")]
    public static partial void BatchFailed(this ILogger logger, int count, string kind, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message cannot be stored; it fails alone.")]
    public static partial void ItemRefused(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Commit lane {Lane} met an error of its own; it goes on with the next batch.")]
    public static partial void LaneFailed(this ILogger logger, int lane, Exception exception);
}
