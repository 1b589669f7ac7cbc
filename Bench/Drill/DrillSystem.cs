using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Client;
using Contracts;
using Tests.EndToEnd;

namespace Bench.Drill;

/// <summary>The whole system as the AppHost describes it, with the faults and their repair. Its data are removed with the run.</summary>
internal sealed class DrillSystem : IAsyncDisposable
{
    private const string Unbounded = "1000000000";

    private readonly DirectoryInfo _folder;
    private readonly DistributedApplication _app;
    private readonly Replicas _replicas;

    private DrillSystem(DistributedApplication app, DirectoryInfo folder)
    {
        _app = app;
        _folder = folder;
        _replicas = new Replicas(app);
    }

    public static async Task<DrillSystem> StartAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("drill-");
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Replicas.ArgumentsIn(folder, "drill"), cancellationToken);
        foreach (var service in builder.Resources.OfType<ProjectResource>())
        {
            // Nothing collects telemetry here, and a few users make the load of many.
            builder.CreateResourceBuilder(service)
                .WithEnvironment(static context => context.EnvironmentVariables.Remove("OTEL_EXPORTER_OTLP_ENDPOINT"))
                .WithEnvironment("Rates__posts__UserBurst", Unbounded)
                .WithEnvironment("Rates__posts__TenantBurst", Unbounded)
                .WithEnvironment("Sockets__MaxPerUser", "1000000");
        }

        var system = new DrillSystem(await builder.BuildAsync(cancellationToken), folder);
        await system._app.StartAsync(cancellationToken);
        await system.HealthyAsync(cancellationToken);
        return system;
    }

    public ChatClient NewClient() => new(new ChatClientOptions
    {
        Session = _app.GetEndpoint(ServiceNames.Session, "http"),
        Chat = _app.GetEndpoint(ServiceNames.Chat, "http"),
        Fileman = _app.GetEndpoint(ServiceNames.Fileman, "http"),
        Realtime = _app.GetEndpoint(ServiceNames.Realtime, "http"),
    });

    public Task HealthyAsync(CancellationToken cancellationToken) => _replicas.HealthyAsync(cancellationToken);

    /// <summary>Kills one process as the OOM killer does.</summary>
    public Task KillOneAsync(string service, CancellationToken cancellationToken) =>
        _replicas.KillAsync(service, _replicas.Processes(service).First().Value, cancellationToken);

    /// <summary>Stops every replica in order.</summary>
    public Task StopAsync(string service, CancellationToken cancellationToken) =>
        Task.WhenAll(_replicas.Running(service).Select(pair => _replicas.CommandAsync(pair.Key, KnownResourceCommands.StopCommand, cancellationToken)));

    /// <summary>Starts every replica that does not run, and waits until the service is well.</summary>
    public Task ReviveAsync(string service, CancellationToken cancellationToken) => _replicas.ReviveAsync(service, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _replicas.DisposeAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
