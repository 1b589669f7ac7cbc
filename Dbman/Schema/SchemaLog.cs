namespace Dbman.Schema;

internal static partial class SchemaLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The schema is current: {Count} scripts, {Applied} of them applied just now.")]
    public static partial void Current(this ILogger logger, int count, int applied);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The schema is newer than this version: {Scripts}. The service continues, as newer schemas stay compatible for one version.")]
    public static partial void Newer(this ILogger logger, string scripts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL is not usable yet ({Reason}); next try in {Delay}.")]
    public static partial void NotYet(this ILogger logger, string reason, TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Error, Message = "The schema cannot be brought up to date; next try in {Delay}.")]
    public static partial void Failed(this ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Text}")]
    public static partial void Script(this ILogger logger, string text);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Text}")]
    public static partial void ScriptFailed(this ILogger logger, string text);
}
