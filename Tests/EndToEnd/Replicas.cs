using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using AppHost.Stores;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Contracts;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tests.EndToEnd;

/// <summary>
/// The replicas of a running AppHost's resources, as its notifications report them, and what can be done to them. The drill of Bench compiles this file
/// too.
/// </summary>
internal sealed class Replicas : IAsyncDisposable
{
    /// <summary>In the order in which they are waited for.</summary>
    public static readonly IReadOnlyList<string> Services = [ServiceNames.Dbman, ServiceNames.Realtime, ServiceNames.Session, ServiceNames.Chat, ServiceNames.Fileman];

    private readonly ConcurrentDictionary<string, ResourceEvent> _replicas = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _watching = new();
    private readonly DistributedApplication _app;
    private readonly Task _watch;

    /// <summary>Watches an application that is built; it need not run yet.</summary>
    public Replicas(DistributedApplication app)
    {
        _app = app;
        _watch = WatchAsync(_watching.Token);
    }

    /// <summary>All of them, by id.</summary>
    public IEnumerable<KeyValuePair<string, ResourceEvent>> All => _replicas.OrderBy(static pair => pair.Key, StringComparer.Ordinal);

    /// <summary>Arguments of an AppHost whose data are in <paramref name="folder"/>, and nowhere else.</summary>
    public static string[] ArgumentsIn(DirectoryInfo folder, string prefix) =>
    [
        $"--VolumeName={prefix}-{Ids.New(TimeProvider.System)}", $"--{StoreChoice.FolderSetting}={Path.Combine(folder.FullName, "stores")}",
        $"--BlobFolder={Path.Combine(folder.FullName, "blobs")}",
    ];

    /// <summary>Those of one resource, by id.</summary>
    public IEnumerable<KeyValuePair<string, ResourceEvent>> Of(string resource) => All.Where(pair => pair.Value.Resource.Name == resource);

    /// <summary>The same that run.</summary>
    public IEnumerable<KeyValuePair<string, ResourceEvent>> Running(string resource) => Of(resource).Where(static pair => IsRunning(pair.Value.Snapshot));

    /// <summary>Process ids of a service's running replicas by resource id.</summary>
    public IReadOnlyDictionary<string, int> Processes(string service) => Running(service)
        .Select(static pair => (pair.Key, Pid: Pid(pair.Value)))
        .Where(static pair => pair.Pid is not null)
        .ToDictionary(static pair => pair.Key, static pair => pair.Pid!.Value, StringComparer.Ordinal);

    /// <summary>Waits until every service is healthy.</summary>
    public async Task HealthyAsync(CancellationToken cancellationToken)
    {
        foreach (var service in Services)
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(service, cancellationToken);
        }
    }

    /// <summary>Kills one process of a service as the kernel would, and waits until the system has noticed.</summary>
    public async Task KillAsync(string service, int pid, CancellationToken cancellationToken)
    {
        var replica = Processes(service).Single(pair => pair.Value == pid).Key;
        using (var process = Process.GetProcessById(pid))
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancellationToken);
        }

        await _app.ResourceNotifications.WaitForResourceAsync(
            service, resource => resource.ResourceId == replica && !IsRunning(resource.Snapshot), cancellationToken);
    }

    /// <summary>Runs one of <see cref="KnownResourceCommands"/> on one replica.</summary>
    public async Task CommandAsync(string replica, string command, CancellationToken cancellationToken)
    {
        var result = await _app.ResourceCommands.ExecuteCommandAsync(replica, command, cancellationToken);
        if (!result.Success)
        {
            throw new InvalidOperationException($"{command} {replica}: {result.Message}");
        }
    }

    /// <summary>Starts every replica of a resource that has ended, and waits until all of them are healthy.</summary>
    public async Task ReviveAsync(string resource, CancellationToken cancellationToken)
    {
        var replicas = Of(resource).ToArray();
        foreach (var (id, _) in replicas.Where(static pair => HasEnded(pair.Value.Snapshot)))
        {
            await CommandAsync(id, KnownResourceCommands.StartCommand, cancellationToken);
        }

        // By replica: of a service as a whole, the one that has just ended may be seen last.
        foreach (var (id, _) in replicas)
        {
            await _app.ResourceNotifications.WaitForResourceAsync(
                resource, resourceEvent => resourceEvent.ResourceId == id && IsHealthy(resourceEvent.Snapshot), cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _watching.Dispose();
    }

    public static bool IsHealthy(CustomResourceSnapshot snapshot) => IsRunning(snapshot) && snapshot.HealthStatus == HealthStatus.Healthy;

    public static bool HasEnded(CustomResourceSnapshot snapshot) => KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text);

    private static bool IsRunning(CustomResourceSnapshot snapshot) => snapshot.State?.Text == KnownResourceStates.Running;

    private static int? Pid(ResourceEvent replica) => replica.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value switch
    {
        int pid => pid,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) => pid,
        _ => null,
    };

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var replica in _app.ResourceNotifications.WatchAsync(cancellationToken))
        {
            _replicas[replica.ResourceId] = replica;
        }
    }
}
