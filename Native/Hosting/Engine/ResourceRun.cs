using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Engine;

/// <summary>One resource that runs as processes: its instances, and what happens once for all of them.</summary>
internal sealed class ResourceRun
{
    private readonly EngineContext _engine;
    private readonly Lock _lock = new();
    private EventSnapshot? _ready;

    public ResourceRun(EngineContext engine, IResource resource)
    {
        _engine = engine;
        Resource = resource;
        Instances = [.. Enumerable.Range(0, Math.Max(1, resource.GetReplicaCount())).Select(index => new Instance(engine, this, index))];
        LifecycleCommands.AddTo(resource, id => Instances.FirstOrDefault(i => ResourceNames.Same(i.Id, id)));
    }

    public IResource Resource { get; }

    public IReadOnlyList<Instance> Instances { get; }

    public bool StartsByItself => !Resource.HasAnnotationOfType<ExplicitStartupAnnotation>();

    public string ResourceType => Resource switch
    {
        ProjectResource => "Project",
        ExecutableResource => "Executable",
        _ => "Container",
    };

    /// <summary>How many waits lie before this resource: what is deeper starts later, and stops earlier.</summary>
    public int Depth { get; set; }

    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var started = StartsByItself ? KnownResourceStates.Starting : KnownResourceStates.NotStarted;
        foreach (var instance in Instances)
        {
            await instance.AnnounceAsync(started);
        }

        await _engine.Eventing.PublishAsync(
            new InitializeResourceEvent(Resource, _engine.Eventing, _engine.Loggers, _engine.Notifications, _engine.Services), cancellationToken);
        if (Resource is IResourceWithEndpoints)
        {
            await _engine.Eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(Resource, _engine.Services), cancellationToken);
        }

        if (Resource is IResourceWithConnectionString)
        {
            await _engine.Eventing.PublishAsync(new ConnectionStringAvailableEvent(Resource, _engine.Services), cancellationToken);
        }
    }

    /// <summary>Starts all instances, once what they wait for is well.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await TryPassAsync(cancellationToken))
        {
            await Task.WhenAll(Instances.Select(i => i.LaunchAsync(cancellationToken)));
        }
    }

    public Task StopAsync() => Task.WhenAll(Instances.Select(i => i.StopAsync(CancellationToken.None)));

    /// <summary>Waits for the dependencies and tells the subscribers; false (and shown as such) when that failed.</summary>
    public async Task<bool> TryPassAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _engine.Notifications.WaitForDependenciesAsync(Resource, cancellationToken);
            await _engine.Eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, _engine.Services), cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            foreach (var instance in Instances)
            {
                await instance.FailAsync(e.Message);
            }

            return false;
        }
    }

    /// <summary>The event of the first time that an instance is well since the resource was last down.</summary>
    public EventSnapshot Ready(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _ready ??= new EventSnapshot(Task.Run(() => PublishReadyAsync(cancellationToken), CancellationToken.None));
        }
    }

    /// <summary>An instance went down. With the last one, being ready is over.</summary>
    public void WentDown()
    {
        lock (_lock)
        {
            if (Instances.All(i => !i.IsRunning))
            {
                _ready = null;
            }
        }
    }

    private async Task PublishReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _engine.Eventing.PublishAsync(new ResourceReadyEvent(Resource, _engine.Services), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            EngineLog.SubscriberFailed(_engine.Loggers.GetLogger(Resource), Resource.Name, e);
            throw;
        }
    }
}
