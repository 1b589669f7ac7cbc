namespace Chat.Web.Demo;

internal static partial class DemoLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The demo is ready: tenant '{Tenant}', users {Users}.")]
    public static partial void Ready(this ILogger logger, string tenant, string users);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The demo is not complete yet (attempt {Attempt}): {Reason}")]
    public static partial void NotYet(this ILogger logger, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The demo is not complete after {Attempts} attempts; giving up: {Reason}")]
    public static partial void GaveUp(this ILogger logger, int attempts, string reason);
}
