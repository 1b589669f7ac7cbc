using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Error, "The command '{Command}' failed")]
    public static partial void CommandFailed(ILogger logger, string command, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Stopped waiting for '{Resource}', which is {State}")]
    public static partial void WaitAbandoned(ILogger logger, string resource, string? state);

    [LoggerMessage(3, LogLevel.Error, "{Resource} did not start: {Reason}")]
    public static partial void StartFailed(ILogger logger, string resource, string reason);

    [LoggerMessage(4, LogLevel.Error, "{Instance} ended by itself with exit code {ExitCode}")]
    public static partial void Crashed(ILogger logger, string instance, int exitCode);

    [LoggerMessage(5, LogLevel.Warning, "{Instance} did not end within {Seconds} s of being asked to, and was killed")]
    public static partial void Killed(ILogger logger, string instance, double seconds);

    [LoggerMessage(6, LogLevel.Warning, "Removed what an earlier run left behind: {Processes} processes, folder {Folder}")]
    public static partial void LeftoversRemoved(ILogger logger, int processes, string folder);

    [LoggerMessage(7, LogLevel.Warning, "The folder {Folder} could not be removed")]
    public static partial void FolderStays(ILogger logger, string folder, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "A subscriber to an event of '{Resource}' failed")]
    public static partial void SubscriberFailed(ILogger logger, string resource, Exception exception);

    [LoggerMessage(9, LogLevel.Information, "The volume {Volume} is in {Folder}: the server's unprivileged user cannot reach {State}")]
    public static partial void VolumeElsewhere(ILogger logger, string volume, string folder, string state);

    [LoggerMessage(10, LogLevel.Information, "The process that started this one is gone: stopping")]
    public static partial void ParentGone(ILogger logger);

    [LoggerMessage(11, LogLevel.Information, "{Line}")]
    public static partial void Output(ILogger logger, string line);

    [LoggerMessage(12, LogLevel.Error, "{Line}")]
    public static partial void ErrorOutput(ILogger logger, string line);

    [LoggerMessage(13, LogLevel.Information, "{Text}")]
    public static partial void Note(ILogger logger, string text);

    [LoggerMessage(14, LogLevel.Error, "The dashboard ended by itself with exit code {ExitCode}")]
    public static partial void DashboardEnded(ILogger logger, int exitCode);
}
