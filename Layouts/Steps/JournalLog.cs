using Contracts.Layouts;

namespace Layouts.Steps;

internal static partial class JournalLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The driver could not {What}: {Problem} {Detail}. Retrying.")]
    public static partial void DriverCallFailed(this ILogger logger, string what, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "Layout {Epoch} of {Scope}: {Text}")]
    public static partial void Stepped(this ILogger logger, long epoch, LayoutScope scope, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "The goal of {Scope}: {Text}")]
    public static partial void Reached(this ILogger logger, LayoutScope scope, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The goal of {Scope} waits: {Text}")]
    public static partial void Held(this ILogger logger, LayoutScope scope, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Decided about {Scope}: {Decision}. {Text}")]
    public static partial void Decided(this ILogger logger, LayoutScope scope, string decision, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Layouts {Revision} have waited for {Waited}: {Nodes}.")]
    public static partial void Stuck(this ILogger logger, long revision, TimeSpan waited, string nodes);
}
