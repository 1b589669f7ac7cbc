var builder = DistributedApplication.CreateBuilder(args);
var redis = builder.AddRedis("redis");
if (builder.Configuration["WithoutPostgres"] is not null)
{
    await builder.Build().RunAsync();
    return;
}

var postgres = builder.AddPostgres("postgres");
if (builder.Configuration["Volume"] is { } volume)
{
    postgres.WithDataVolume(volume);
}

builder.AddExecutable("worker", "sleep", ".", "600").WaitFor(postgres).WaitFor(redis);

// Its child must not outlive it.
builder.AddExecutable("family", "/bin/sh", ".", "-c", "sleep 600 & wait");

if (builder.Configuration["Port"] is { } port)
{
    builder.AddExecutable("listener", "sleep", ".", "600").WithHttpEndpoint(port: int.Parse(port), isProxied: false);
}

if (builder.Configuration["Crash"] is not null)
{
    builder.AddExecutable("crasher", "/bin/sh", ".", "-c", "echo the reason why >&2; exit 3");
}

await builder.Build().RunAsync();
