using Dashboard.Access;
using Dashboard.Consoles;
using Dashboard.Engine;
using Dashboard.Layout;
using Dashboard.Listening;
using Dashboard.Otlp;
using Dashboard.Overview;

// The engine runs this beside the resources (docs/adr); by itself it has nothing to show.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// A request's address may hold the token of a link.
builder.Logging.SetMinimumLevel(LogLevel.Warning);

builder.AddListeners();
builder.AddAccess();
builder.AddEngine();
builder.AddTelemetryReception();
builder.AddOverview();
builder.AddPages();

var app = builder.Build();

app.UseListeners();
app.UseTelemetryReception();
app.UseAccess();
app.MapLogin();
app.MapTelemetryReception();
app.MapConsole();
app.MapPages();

await app.RunAsync();
