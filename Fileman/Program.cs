using Fileman;
using Fileman.Blobs;
using Fileman.Downloads;
using Fileman.Files;
using Fileman.Thumbnails;
using Fileman.Uploads;
using ServiceDefaults;
using ServiceDefaults.Health;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;

if (args is [ThumbnailWorker.Verb, _, _, _, _])
{
    return ThumbnailWorker.Run(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddUserAuthentication();
builder.AddDbmanClient();
builder.AddSessionRevocation();
builder.AddDbmanHealthCheck();
builder.AddApi();
builder.AddBlobs();
builder.AddFiles();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapUploads();
app.MapFiles();
app.MapContents();
app.MapThumbnails();

await app.RunAsync();
return 0;
