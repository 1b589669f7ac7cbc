using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The latest snapshot of every instance, and a stream of changes. An instance is a replica of a project or the one process of anything
/// else; its id is the resource's name and a suffix. Updates to one instance are applied and announced one after the other.
/// </summary>
public class ResourceNotificationService : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly ILogger _logger;
    private readonly IServiceProvider _services;
    private readonly WaitBehavior _defaultWaitBehavior;

    // Written under the lock; a watcher's channel is unbounded but a watcher lives only as long as somebody awaits it.
    private ImmutableDictionary<string, ResourceEvent> _latest = ImmutableDictionary.Create<string, ResourceEvent>(StringComparer.OrdinalIgnoreCase);
    private ImmutableList<Channel<ResourceEvent>> _watchers = [];

    public ResourceNotificationService(
        ILogger<ResourceNotificationService> logger,
        IHostApplicationLifetime hostApplicationLifetime,
        IServiceProvider serviceProvider,
        ResourceLoggerService resourceLoggerService)
    {
        ArgumentNullException.ThrowIfNull(hostApplicationLifetime);
        ArgumentNullException.ThrowIfNull(resourceLoggerService);
        _logger = logger;
        _services = serviceProvider;
        _defaultWaitBehavior = serviceProvider.GetService<IOptions<ResourceNotificationServiceOptions>>()?.Value.DefaultWaitBehavior
            ?? WaitBehavior.StopOnResourceUnavailable;
    }

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var ids = IdsOf(resource);
        foreach (var id in ids.Count > 0 ? ids : [resource.Name])
        {
            Update(resource, id, stateFactory);
        }

        return Task.CompletedTask;
    }

    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(resourceId);
        Update(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        if (_latest.TryGetValue(resourceId, out resourceEvent))
        {
            return true;
        }

        // A resource's name stands for its only instance; with several, the caller has to say which.
        var byName = _latest.Values.Where(e => ResourceNames.Same(e.Resource.Name, resourceId)).Take(2).ToArray();
        resourceEvent = byName.Length == 1 ? byName[0] : null;
        return resourceEvent is not null;
    }

    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        var channel = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
        lock (_lock)
        {
            foreach (var known in _latest.Values)
            {
                channel.Writer.TryWrite(known);
            }

            _watchers = _watchers.Add(channel);
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(stop.Token))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers = _watchers.Remove(channel);
            }
        }
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [string.IsNullOrEmpty(targetState) ? KnownResourceStates.Running : targetState], cancellationToken);

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToArray();
        var reached = await WaitForResourceAsync(
            resourceName, e => e.Snapshot.State is { } state && states.Contains(state.Text, StringComparer.OrdinalIgnoreCase), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        ArgumentNullException.ThrowIfNull(predicate);
        try
        {
            await foreach (var change in WatchAsync(cancellationToken))
            {
                if (ResourceNames.Same(change.Resource.Name, resourceName) && predicate(change))
                {
                    return change;
                }
            }
        }
        catch (OperationCanceledException e)
        {
            throw new OperationCanceledException($"Gave up waiting for the resource '{resourceName}'. {Describe(resourceName)}", e, e.CancellationToken);
        }

        throw new OperationCanceledException($"The application ended while '{resourceName}' was awaited. {Describe(resourceName)}");
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, _defaultWaitBehavior, cancellationToken);

    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        if (waitBehavior == WaitBehavior.StopOnResourceUnavailable
            && !TryGetCurrentState(resourceName, out _)
            && _services.GetService<DistributedApplicationModel>() is { } model
            && !model.Resources.TryGetByName(resourceName, out _))
        {
            throw new DistributedApplicationException($"There is no resource '{resourceName}' to wait for.");
        }

        var healthy = await WaitForResourceAsync(
            resourceName,
            e => e.Snapshot.HealthStatus == HealthStatus.Healthy
                || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && DependencyWaits.IsOver(e.Snapshot.State?.Text)),
            cancellationToken);
        if (healthy.Snapshot.HealthStatus != HealthStatus.Healthy)
        {
            EngineLog.WaitAbandoned(_logger, resourceName, healthy.Snapshot.State?.Text);
            throw new DistributedApplicationException($"The resource '{resourceName}' did not become healthy. {Describe(resourceName)}");
        }

        var ready = await WaitForResourceAsync(
            resourceName, e => e.ResourceId == healthy.ResourceId && e.Snapshot.ResourceReadyEvent is not null, cancellationToken);
        await ready.Snapshot.ResourceReadyEvent!.EventTask.WaitAsync(cancellationToken);
        return ready;
    }

    public Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken) =>
        new DependencyWaits(this, _defaultWaitBehavior).WaitAsync(resource, cancellationToken);

    public void Dispose()
    {
        _disposing.Cancel();
        GC.SuppressFinalize(this);
    }

    internal IReadOnlyList<string> IdsOf(IResource resource) =>
        [.. _latest.Values.Where(e => ReferenceEquals(e.Resource, resource)).Select(e => e.ResourceId).Order(StringComparer.Ordinal)];

    internal IResource? ResourceOfId(string resourceId) => _latest.TryGetValue(resourceId, out var known) ? known.Resource : null;

    /// <summary>An instance that will not come back.</summary>
    internal void Forget(string resourceId)
    {
        lock (_lock)
        {
            _latest = _latest.Remove(resourceId);
        }
    }

    internal IReadOnlyCollection<ResourceEvent> Current => [.. _latest.Values];

    /// <summary>State, health and reports of all instances, for the message of a wait that failed.</summary>
    internal string Describe(string resourceName)
    {
        var instances = _latest.Values.Where(e => ResourceNames.Same(e.Resource.Name, resourceName)).Select(e =>
        {
            var reports = string.Concat(e.Snapshot.HealthReports.Where(r => r.Status != HealthStatus.Healthy)
                .Select(r => $", {r.Name}: {r.Status?.ToString() ?? "not run"} {r.Description}{r.ExceptionText?.Split('\n')[0]}"));
            return $"{e.ResourceId} is {e.Snapshot.State?.Text ?? "unknown"}{(e.Snapshot.ExitCode is { } code ? $" (exit code {code})" : string.Empty)}{reports}";
        }).ToArray();
        return instances.Length == 0 ? $"'{resourceName}' was never started." : string.Join("; ", instances) + ".";
    }

    private void Update(IResource resource, string id, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_lock)
        {
            var before = _latest.TryGetValue(id, out var known) ? known.Snapshot : Initial(resource);
            var after = new ResourceEvent(resource, id, stateFactory(before));
            _latest = _latest.SetItem(id, after);
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(after);
            }
        }
    }

    private static CustomResourceSnapshot Initial(IResource resource) => resource.TryGetLastAnnotation<ResourceSnapshotAnnotation>(out var annotation)
        ? annotation.InitialSnapshot
        : new CustomResourceSnapshot
        {
            ResourceType = resource.GetType().Name.Replace("Resource", string.Empty, StringComparison.Ordinal),
            Properties = [],
            HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(h => new HealthReportSnapshot(h.Key, null, null, null))],
        };
}
