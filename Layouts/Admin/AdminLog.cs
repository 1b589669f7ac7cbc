namespace Layouts.Admin;

internal static partial class AdminLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Nodes could not be told that goals changed; the driver sees it with its next look: {Problem} {Detail}.")]
    public static partial void GoalUnannounced(this ILogger logger, string problem, string? detail);
}
