using Contracts.Layouts;

namespace Realtime.Migration;

internal static partial class MigrationLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The control plane does not answer: {Problem} {Detail}. Trying again.")]
    public static partial void BeatFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "Layouts {Revision} are applied, after {Duration}.")]
    public static partial void LayoutsApplied(this ILogger logger, long revision, TimeSpan duration);

    [LoggerMessage(Level = LogLevel.Error, Message = "Applying layouts {Revision} failed.")]
    public static partial void ApplyFailed(this ILogger logger, long revision, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Layouts changed while this node was out of touch. Its {Count} connections are asked to come back.")]
    public static partial void PassedOver(this ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Layouts {Revision} cannot be applied, {Rooms} rooms to go: the lease is given up, the others go on.")]
    public static partial void LeaseGivenUp(this ILogger logger, long revision, int rooms);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control plane could not be told that this node leaves: {Problem} {Detail}. Its lease runs out.")]
    public static partial void LeaveFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node drives layouts, term {Term}.")]
    public static partial void Drives(this ILogger logger, long term);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The driver could not {What}: {Problem} {Detail}. Trying again.")]
    public static partial void DriverCallFailed(this ILogger logger, string what, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of the driver failed.")]
    public static partial void DriverFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Layout {Epoch} of {Scope}: {Text}")]
    public static partial void Stepped(this ILogger logger, long epoch, LayoutScope scope, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "The goal of {Scope}: {Text}")]
    public static partial void Reached(this ILogger logger, LayoutScope scope, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Somebody else changed the layout of {Scope} first: {Detail}")]
    public static partial void StepOvertaken(this ILogger logger, LayoutScope scope, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The goal of {Scope} waits: {Text}")]
    public static partial void Held(this ILogger logger, LayoutScope scope, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Decided about {Scope}: {Decision}. {Text}")]
    public static partial void Decided(this ILogger logger, LayoutScope scope, string decision, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Layouts {Revision} have been waiting for {Waited}: {Nodes}.")]
    public static partial void Stuck(this ILogger logger, long revision, TimeSpan waited, string nodes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nodes could not be told that goals changed; the driver sees it with its next look: {Problem} {Detail}.")]
    public static partial void GoalUnannounced(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "The control plane refuses this node's figures: {Problem} {Detail}. They are left out for {Pause}.")]
    public static partial void FiguresRefused(this ILogger logger, string problem, string? detail, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Figures of the nodes could not be read: {Problem} {Detail}.")]
    public static partial void FiguresUnread(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The planner skips a window: {Problem} {Detail}.")]
    public static partial void PlannerFailed(this ILogger logger, string problem, string? detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Scope} should have {To} shards instead of {From}: {Rate} messages/s.")]
    public static partial void Proposed(this ILogger logger, LayoutScope scope, int from, int to, double rate);
}
