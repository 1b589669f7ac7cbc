using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using AppHost.Stores;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Client;
using Contracts;

namespace Bench.Drill;

/// <summary>The whole system as the AppHost describes it, with the faults and their repair. Its data are removed with the run.</summary>
internal sealed class DrillSystem : IAsyncDisposable
{
    private static readonly string[] Services = [ServiceNames.Dbman, ServiceNames.Realtime, ServiceNames.Session, ServiceNames.Chat, ServiceNames.Fileman];

    private const string Unbounded = "1000000000";

    private readonly ConcurrentDictionary<string, ResourceEvent> _replicas = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _watching = new();
    private readonly DirectoryInfo _folder;
    private readonly DistributedApplication _app;
    private readonly Task _watch;

    private DrillSystem(DistributedApplication app, DirectoryInfo folder)
    {
        _app = app;
        _folder = folder;
        _watch = WatchAsync(_watching.Token);
    }

    public static async Task<DrillSystem> StartAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("drill-");
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            [
                $"--VolumeName=drill-{Ids.New(TimeProvider.System)}", $"--{StoreChoice.FolderSetting}={Path.Combine(folder.FullName, "stores")}",
                $"--BlobFolder={Path.Combine(folder.FullName, "blobs")}",
            ],
            cancellationToken);
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

    public async Task HealthyAsync(CancellationToken cancellationToken)
    {
        foreach (var service in Services)
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(service, cancellationToken);
        }
    }

    /// <summary>Kills one process as the OOM killer does.</summary>
    public async Task KillOneAsync(string service, CancellationToken cancellationToken)
    {
        var (id, replica) = Replicas(service).First(pair => pair.Value.Snapshot.State?.Text == KnownResourceStates.Running);
        var text = replica.Snapshot.Properties.First(property => property.Name == "executable.pid").Value;
        using (var process = Process.GetProcessById(Convert.ToInt32(text, CultureInfo.InvariantCulture)))
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancellationToken);
        }

        await _app.ResourceNotifications.WaitForResourceAsync(
            service, resource => resource.ResourceId == id && resource.Snapshot.State?.Text != KnownResourceStates.Running, cancellationToken);
    }

    /// <summary>Stops every replica in order.</summary>
    public async Task StopAsync(string service, CancellationToken cancellationToken) =>
        await Task.WhenAll(Replicas(service).Where(static pair => pair.Value.Snapshot.State?.Text == KnownResourceStates.Running)
            .Select(pair => CommandAsync(pair.Key, KnownResourceCommands.StopCommand, cancellationToken)));

    /// <summary>Starts every replica that does not run, and waits until the service is well.</summary>
    public async Task ReviveAsync(string service, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Replicas(service).Where(static pair => pair.Value.Snapshot.State?.Text != KnownResourceStates.Running)
            .Select(pair => CommandAsync(pair.Key, KnownResourceCommands.StartCommand, cancellationToken)));
        await _app.ResourceNotifications.WaitForResourceHealthyAsync(service, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _watching.Dispose();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private KeyValuePair<string, ResourceEvent>[] Replicas(string service) => [.. _replicas.Where(pair => pair.Value.Resource.Name == service).OrderBy(static pair => pair.Key, StringComparer.Ordinal)];

    private async Task CommandAsync(string resource, string command, CancellationToken cancellationToken)
    {
        var result = await _app.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken);
        if (!result.Success)
        {
            throw new InvalidOperationException($"{command} {resource}: {result.Message}");
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var resource in _app.ResourceNotifications.WatchAsync(cancellationToken))
        {
            _replicas[resource.ResourceId] = resource;
        }
    }
}
