var builder = DistributedApplication.CreateBuilder(args);
var redis = builder.AddRedis("redis");
if (builder.Configuration["WithDashboardSubjects"] is not null)
{
    // A service with a secret and two replicas, and a program that says what a log page has to cope with.
    var secret = builder.AddParameter("seed", "not-for-everybodys-eyes", secret: true);
    builder.AddProject("web", Path.Combine(builder.AppHostDirectory, "..", "Web", "Fixtures.Web.csproj"))
        .WithReplicas(2)
        .WithEndpoint("http", endpoint => endpoint.Port = null)
        .WithHttpHealthCheck("/health/ready")
        .WithReference(redis)
        .WithEnvironment("SEED", secret)
        .WaitFor(redis);
    builder.AddExecutable("talker", "/bin/sh", ".", "-c", """
        i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo "info: line $i of a long story"; done
        printf '\033[31mfail\033[0m: a red word and <b>markup</b>\n'; echo 'warn: the needle is here'; echo 'crit: to the other side' >&2
        sleep 600
        """);
}

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
