using Realtime;
using ServiceDefaults;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddUserAuthentication();
builder.AddServiceAuthentication();
builder.AddDbmanClient();
builder.AddRealtime();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapRealtime();

await app.RunAsync();
