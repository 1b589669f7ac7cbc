using Fileman.Downloads;
using Fileman.Reaping;
using Fileman.Uploads;
using ServiceDefaults;

namespace Fileman;

internal static class FilemanExtensions
{
    public static void AddFiles(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<UploadOptions>(UploadOptions.Section);
        builder.AddValidatedOptions<ReaperOptions>(ReaperOptions.Section);
        builder.Services.AddSingleton<FilemanTelemetry>();
        builder.Services.AddSingleton<Uploader>();
        builder.Services.AddSingleton<ContentSender>();
        builder.Services.AddHostedService<Reaper>();
    }
}
