// What runs, what it needs, and in what order.
using System.Reflection;
using AppHost.Running;
using AppHost.Stores;
using Microsoft.Extensions.DependencyInjection;

// PostgreSQL's connections are the system's scarcest good: the most replicas that will ever run, times the pool of one, plus what people,
// backups and monitoring need, is what the server must allow.
const int DbmanReplicas = 3;
const int DbmanMostReplicas = 20;
const int DbmanMaxReplicas = DbmanMostReplicas + 2; // while a rolling update runs: one that comes, one that leaves
const int DbmanPoolSize = 20;
const int ReservedConnections = 10;
const int MaxConnections = (DbmanMaxReplicas * DbmanPoolSize) + ReservedConnections;

try
{
    var builder = DistributedApplication.CreateBuilder(args);
    await DescribeAsync(builder);
    await builder.Build().RunAsync();
    return 0;
}
catch (DistributedApplicationException e) when (Assembly.GetEntryAssembly() == Assembly.GetExecutingAssembly())
{
    // The message says what to do. A test that drives this program gets the exception.
    Console.Error.WriteLine(e.Message);
    return 1;
}

async Task DescribeAsync(IDistributedApplicationBuilder builder)
{
    var keys = new ServiceKeys(builder);
    var (database, redis) = await builder.AddStoresAsync(MaxConnections);

    var dbman = Service(builder.AddProject<Projects.Dbman>("dbman"), DbmanReplicas, DbmanMostReplicas)
        .WithReplicas(DbmanReplicas)
        .WithEndpoint("http", endpoint => endpoint.Port = null)
        .WithReference(database)
        .WaitFor(database)
        .WithEnvironment("Dbman__Database__MaxPoolSize", DbmanPoolSize.ToString())
        .WithEnvironment("Dbman__Database__MaxReplicas", DbmanMaxReplicas.ToString())
        .WithEnvironment("Dbman__Database__ReservedConnections", ReservedConnections.ToString());

    var realtime = Service(builder.AddProject<Projects.Layouts>("realtime"), 3, 50)
        .WithReplicas(2)
        .WithExternalHttpEndpoints()
        .WithReference(redis)
        .WithReference(dbman)
        .WaitFor(redis)
        .WaitFor(dbman);

    var session = Service(builder.AddProject<Projects.Session>("session"), 2, 10)
        .WithEnvironment("ConnectionStrings__signing-key-protection", builder.AddParameter(
            "signing-key-protection", new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true))
        .WithExternalHttpEndpoints()
        .WithReference(dbman).WithReference(realtime)
        .WaitFor(dbman);

    // Realtime checks tokens with session's keys, and session notifies realtime of revoked sessions. Neither waits for the other.
    realtime.WithReference(session);

    var chat = Service(builder.AddProject<Projects.Chat>("chat"), 2, 20)
        .WithReplicas(2)
        .WithExternalHttpEndpoints()
        .WithReference(dbman)
        .WithReference(realtime)
        .WithReference(session)
        .WaitFor(dbman);

    var fileman = Service(builder.AddProject<Projects.Fileman>("fileman"), 2, 10)
        .WithExternalHttpEndpoints()
        .WithReference(dbman).WithReference(session)
        .WaitFor(dbman);

    // Deployed, contents go where the deployment says, and an ingress puts all services behind the chat page's own origin. Here each has an origin of its own.
    if (builder.ExecutionContext.IsRunMode)
    {
        var page = chat.GetEndpoint("http");
        var blobs = builder.Configuration["BlobFolder"] ?? Path.Combine(builder.AppHostDirectory, ".aspire", "blobs");
        session.WithEnvironment("Cors__Origins__0", page);
        fileman.WithEnvironment("Cors__Origins__0", page).WithEnvironment("Blobs__Folder", blobs);
        realtime.WithEnvironment("Sockets__AllowedOrigins__0", page)
            .WithUrlForEndpoint("http", endpoint => new() { Url = "/console", DisplayText = "Console", Endpoint = endpoint })
            .WithLayoutCommand("console", "Sign in to the console", "Key", keys.Operator!)
            .WithLayoutCommand("status", "Layout status", "BranchFork", keys.Operator!);
        chat.WithEnvironment("Web__SessionUrl", session.GetEndpoint("http"))
            .WithEnvironment("Web__FilemanUrl", fileman.GetEndpoint("http"))
            .WithEnvironment("Web__RealtimeUrl", realtime.GetEndpoint("http"))
            .WithUrlForEndpoint("http", static url => url.DisplayText = "Chat page")
            .WithTryItCommand(session);
        database.WithResetCommand(blobs, dbman, realtime, session, chat, fileman);
        builder.Services.AddHostedService<ReadyNotice>();
        builder.Configuration["DcpPublisher:WaitForResourceCleanup"] = "true"; // The prompt comes back when everything has ended.
        builder.EnsurePortsAreFree();
    }
    else
    {
        // A connection string becomes a Secret; what else a reference adds, a password in a variable of its own among it, would be in a ConfigMap.
        foreach (var (service, prefix) in new[] { (dbman, "DBMAN_DB_"), (dbman, "ConnectionStrings__dbman_db"), (realtime, "REDIS_") })
        {
            service.WithEnvironment(context => context.EnvironmentVariables.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .ToList().ForEach(name => context.EnvironmentVariables.Remove(name)));
        }
    }

    IResourceBuilder<ProjectResource> Service(IResourceBuilder<ProjectResource> project, int least, int most)
    {
        // Deployed, TLS ends before the services; each listens where the images' own default is, and for the kubelet and Prometheus on a port that no Service has;
        // the autoscaler's bounds select its templates.
        if (builder.ExecutionContext.IsPublishMode)
        {
            project.Resource.Annotations.Remove(project.GetEndpoint("https").EndpointAnnotation);
            project.WithEndpoint("http", endpoint => endpoint.TargetPort = 8080).WithEnvironment("Management__Port", "8081")
                .WithEnvironment("K8S_HPA_MIN", least.ToString()).WithEnvironment("K8S_HPA_MAX", most.ToString());
        }
        else
        {
            // The dashboard ends first. Telemetry that services still have to export must not hold up Ctrl-C; in milliseconds.
            project.WithEnvironment("OTEL_EXPORTER_OTLP_TIMEOUT", "1000");
        }

        keys.Give(project, calls: project.Resource.Name != "dbman");
        return project.WithHttpHealthCheck("/health/ready");
    }
}
