namespace Layouts.Console;

internal static partial class ConsoleLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{By} signed in to the console.")]
    public static partial void ConsoleSignedIn(this ILogger logger, string by);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in to the console was refused: {Type} {Detail}")]
    public static partial void ConsoleSignInRefused(this ILogger logger, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{By} did {Act} in the console.")]
    public static partial void ConsoleActed(this ILogger logger, string by, string act);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The console cannot read the state of layouts: {Type} {Detail}")]
    public static partial void ConsoleUnread(this ILogger logger, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An operator signed out, but the session could not be ended: {Type} {Detail}")]
    public static partial void ConsoleSessionKept(this ILogger logger, string type, string? detail);
}
