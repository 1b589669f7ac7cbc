namespace Fileman;

internal static partial class FilemanLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Upload {Tenant}/{File} was cut off after {Bytes} bytes: {Reason}")]
    public static partial void UploadCutOff(this ILogger logger, string tenant, string file, long bytes, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store of contents cannot be used.")]
    public static partial void StoreLost(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What upload {Tenant}/{File} left could not be removed at once; the reaper will.")]
    public static partial void CleanUpFailed(this ILogger logger, string tenant, string file, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reservation of upload {Tenant}/{File} could not be given back ({Status} {Type} {Detail}); it ends by itself.")]
    public static partial void GiveBackRefused(this ILogger logger, string tenant, string file, int status, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "File {Tenant}/{File} is ready, but its content is not there.")]
    public static partial void ContentMissing(this ILogger logger, string tenant, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "Content of file {Tenant}/{File} ended {Missing} bytes early; the connection is cut so that the caller notices.")]
    public static partial void ContentShort(this ILogger logger, string tenant, string file, long missing);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reaper could not {Step}: {Status} {Type} {Detail}")]
    public static partial void ReapRefused(this ILogger logger, string step, int status, string type, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of the reaper failed.")]
    public static partial void ReapFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The reaper removed {Count} contents.")]
    public static partial void Reaped(this ILogger logger, int count);
}
