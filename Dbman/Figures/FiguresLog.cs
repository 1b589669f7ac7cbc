namespace Dbman.Figures;

internal static partial class FiguresLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "This replica's figures cannot be written: {Reason}. They are tried again with each interval.")]
    public static partial void FiguresUnwritten(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica's figures are written again.")]
    public static partial void FiguresWritten(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica's figures could not be removed at its end ({Reason}); they expire.")]
    public static partial void FiguresLeft(this ILogger logger, string reason);
}
