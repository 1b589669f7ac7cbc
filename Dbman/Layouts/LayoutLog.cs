using Contracts.Layouts;

namespace Dbman.Layouts;

internal static partial class LayoutLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Layout {Epoch}: {Scope} is {State}, requested by {By}.")]
    public static partial void Changed(this ILogger logger, long epoch, LayoutScope scope, LayoutState? state, string by);
}
