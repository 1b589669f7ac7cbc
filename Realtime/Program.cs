using Realtime;
using Realtime.Console;
using Realtime.Migration;
using Realtime.Migration.CommandLine;
using ServiceDefaults;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;

if (LayoutCommandLine.Matches(args))
{
    return await LayoutCommandLine.RunAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddUserAuthentication();
builder.AddServiceAuthentication();
builder.AddDbmanClient();
builder.AddSessionRevocation();
builder.AddRealtime();
builder.AddLayoutDriver();
builder.AddConsole();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapRealtime();
app.MapLayoutAdmin();
app.MapConsole();

await app.RunAsync();
return ExitCodes.Done;
