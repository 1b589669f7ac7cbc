namespace Dbman.Figures;

internal static partial class FiguresLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "This replica's figures cannot be written: {Reason}. The write is retried at each interval.")]
    public static partial void FiguresUnwritten(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Writing this replica's figures succeeds again.")]
    public static partial void FiguresWritten(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica's figures could not be removed at shutdown ({Reason}); they will expire.")]
    public static partial void FiguresLeft(this ILogger logger, string reason);
}
