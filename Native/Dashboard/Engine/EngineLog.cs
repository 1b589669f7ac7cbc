namespace Dashboard.Engine;

internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Warning, "The engine's stream broke off: {Reason}")]
    public static partial void StreamBroke(ILogger logger, string reason);
}
