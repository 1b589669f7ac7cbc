using Contracts.Layouts;

namespace Layouts.Driving;

internal static partial class DrivingLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "This node is the driver of layouts, term {Term}.")]
    public static partial void Drives(this ILogger logger, long term);

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of the driver failed.")]
    public static partial void DriverFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Somebody else changed the layout of {Scope} first: {Detail}")]
    public static partial void StepOvertaken(this ILogger logger, LayoutScope scope, string? detail);
}
