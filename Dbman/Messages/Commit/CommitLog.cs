namespace Dbman.Messages.Commit;

internal static partial class CommitLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} messages lost its connection and is retried once: {Reason}")]
    public static partial void TryingAgain(this ILogger logger, int count, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Rooms} rooms could not lock all of them and is retried room by room: {Reason}")]
    public static partial void RoomByRoom(this ILogger logger, int rooms, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} messages failed ({Kind}): {Reason}")]
    public static partial void BatchFailed(this ILogger logger, int count, string kind, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message cannot be stored; the rest of its batch is not affected.")]
    public static partial void ItemRefused(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Commit lane {Lane} hit an unexpected error; it continues with the next batch.")]
    public static partial void LaneFailed(this ILogger logger, int lane, Exception exception);
}
