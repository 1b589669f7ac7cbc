using Fileman.Thumbnails;

namespace Fileman;

internal static partial class FilemanLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Upload {Tenant}/{File} was aborted after {Bytes} bytes: {Reason}")]
    public static partial void UploadCutOff(this ILogger logger, string tenant, string file, long bytes, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The blob store cannot be used.")]
    public static partial void StoreLost(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "An upload was refused: the disk of contents has {FreeBytes} free bytes left.")]
    public static partial void DiskFull(this ILogger logger, long? freeBytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What upload {Tenant}/{File} left could not be removed at once; the reaper will.")]
    public static partial void CleanUpFailed(this ILogger logger, string tenant, string file, Exception exception);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The reservation of upload {Tenant}/{File} could not be released ({Status} {Type} {Detail}); it will expire.")]
    public static partial void GiveBackRefused(this ILogger logger, string tenant, string file, int status, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "File {Tenant}/{File} is ready, but its content is missing.")]
    public static partial void ContentMissing(this ILogger logger, string tenant, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "Content of file {Tenant}/{File} ended {Missing} bytes early; the connection is cut so that the caller notices.")]
    public static partial void ContentShort(this ILogger logger, string tenant, string file, long missing);

    [LoggerMessage(Level = LogLevel.Error, Message = "Thumbnails cannot be made on {Runtime}: {Reason}")]
    public static partial void NoPictureLibrary(this ILogger logger, string runtime, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "A picture was not decoded: {Reason}")]
    public static partial void NotDecoded(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A thumbnail worker ended with {ExitCode}: {Reason}")]
    public static partial void WorkerCrashed(this ILogger logger, int exitCode, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "File {Tenant}/{File} gets no thumbnail: its worker ended as {Outcome}.")]
    public static partial void NoThumbnail(this ILogger logger, string tenant, string file, WorkerOutcome outcome);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reaper could not {Step}: {Status} {Type} {Detail}")]
    public static partial void ReapRefused(this ILogger logger, string step, int status, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of the reaper failed.")]
    public static partial void ReapFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The reaper removed {Count} contents.")]
    public static partial void Reaped(this ILogger logger, int count);
}
