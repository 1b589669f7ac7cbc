using ServiceDefaults;
using Session;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddSession();

var app = builder.Build();
app.MapSession();
app.MapDefaultEndpoints();

await app.RunAsync();

/// <summary>Entry point; tests host it.</summary>
internal sealed partial class Program;
