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
// Outside the request timeout: a request that it cancels while still waiting for its turn would be answered 200 without a body.
app.UseRateLimiter();
app.MapDefaultEndpoints();
app.MapDbman();

await app.RunAsync();
