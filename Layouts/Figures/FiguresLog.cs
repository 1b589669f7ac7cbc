namespace Layouts.Figures;

internal static partial class FiguresLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Figures of the nodes could not be read: {Problem} {Detail}.")]
    public static partial void FiguresUnread(this ILogger logger, string problem, string? detail);
}
