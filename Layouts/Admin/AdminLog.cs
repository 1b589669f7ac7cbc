namespace Layouts.Admin;

internal static partial class AdminLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Nodes could not be notified that goals changed; the driver sees it on its next turn: {Problem} {Detail}.")]
    public static partial void GoalUnannounced(this ILogger logger, string problem, string? detail);
}
