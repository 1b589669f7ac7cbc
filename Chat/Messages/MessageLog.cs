namespace Chat.Messages;

internal static partial class MessageLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Storing {Count} messages failed.")]
    public static partial void AppendFailed(this ILogger logger, int count, Exception exception);
}
