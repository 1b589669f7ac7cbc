using Dashboard.Access;
using Dashboard.Engine;
using Dashboard.Layout;
using Dashboard.Listening;

// The engine runs this beside the resources (docs/adr); by itself it has nothing to show.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

builder.AddListeners();
builder.AddAccess();
builder.AddEngine();
builder.AddPages();

var app = builder.Build();

app.UseListeners();
app.UseAccess();
app.MapLogin();
app.MapPages();

await app.RunAsync();
