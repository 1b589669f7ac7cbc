using Dbman;
using Dbman.Postgres;
using ServiceDefaults;
using ServiceDefaults.Identity;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceAuthentication();
builder.AddDatabase();
builder.AddStores();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapDbman();

await app.RunAsync();
