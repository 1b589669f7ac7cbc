using Fileman.Downloads;
using Fileman.Pictures;
using Fileman.Reaping;
using Fileman.Thumbnails;
using Fileman.Uploads;
using ServiceDefaults;

namespace Fileman;

internal static class FilemanExtensions
{
    public static void AddFiles(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<UploadOptions>(UploadOptions.Section);
        builder.AddValidatedOptions<ReaperOptions>(ReaperOptions.Section);
        builder.AddValidatedOptions<PictureOptions>(PictureOptions.Section);
        builder.Services.AddSingleton<FilemanTelemetry>();
        builder.Services.AddSingleton<Uploader>();
        builder.Services.AddSingleton<ContentSender>();
        builder.Services.AddSingleton<WorkerProcess>();
        builder.Services.AddSingleton<ThumbnailMaker>();
        builder.Services.AddHostedService<Reaper>();
    }
}
