namespace Realtime.Node;

internal static partial class NodeLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The control plane does not answer: {Problem} {Detail}. Retrying.")]
    public static partial void BeatFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "Layouts {Revision} applied after {Duration}.")]
    public static partial void LayoutsApplied(this ILogger logger, long revision, TimeSpan duration);

    [LoggerMessage(Level = LogLevel.Error, Message = "Applying layouts {Revision} failed.")]
    public static partial void ApplyFailed(this ILogger logger, long revision, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Layouts changed while this node had no lease. Its {Count} connections are asked to reconnect.")]
    public static partial void PassedOver(this ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Layouts {Revision} cannot be applied, {Rooms} rooms left. The lease is given up; the other nodes continue.")]
    public static partial void LeaseGivenUp(this ILogger logger, long revision, int rooms);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control plane could not be notified that this node leaves: {Problem} {Detail}. Its lease will expire.")]
    public static partial void LeaveFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "The control plane refuses this node's figures: {Problem} {Detail}. They are omitted for {Pause}.")]
    public static partial void FiguresRefused(this ILogger logger, string problem, string? detail, TimeSpan pause);
}
