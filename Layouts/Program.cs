using Layouts;
using Layouts.CommandLine;
using Layouts.Console;
using Realtime;
using ServiceDefaults;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;

if (LayoutCommandLine.Matches(args))
{
    return await LayoutCommandLine.RunAsync(args);
}

// The service is realtime, for those whom it calls, in traces and in its health report, whichever assembly starts it.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ApplicationName = nameof(Realtime) });
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
