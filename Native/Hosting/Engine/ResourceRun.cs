using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Engine;

/// <summary>One resource that runs as processes: its instances, and what happens once for all of them.</summary>
internal sealed class ResourceRun
{
    private readonly EngineContext _engine;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _scaling = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private EventSnapshot? _ready;

    public ResourceRun(EngineContext engine, IResource resource)
    {
        _engine = engine;
        Resource = resource;
        Instances = [.. Enumerable.Range(0, Math.Max(1, resource.GetReplicaCount())).Select(index => new Instance(engine, this, index))];
        LifecycleCommands.AddTo(resource, id => Instances.FirstOrDefault(i => ResourceNames.Same(i.Id, id)));
    }

    public IResource Resource { get; }

    /// <summary>Replaced, never changed, when the resource is scaled; whoever reads it takes it once.</summary>
    public IReadOnlyList<Instance> Instances { get; private set; }

    public bool IsScalable => Resource.HasAnnotationOfType<ScalableAnnotation>();

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

    /// <summary>Stops them all. What is being scaled has come to its end before, so that no new instance is missed.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _scaling.WaitAsync(CancellationToken.None);
        try
        {
            await Task.WhenAll(Instances.Select(i => i.StopAsync(CancellationToken.None)));
        }
        finally
        {
            _scaling.Release();
        }
    }

    /// <summary>
    /// Starts more instances, or stops the latest and forgets them. Those that go are taken from the list first, so that nothing new reaches them
    /// while they finish what they have. Returns when those that went have ended; those that came say by themselves when they are ready.
    /// </summary>
    public async Task ScaleAsync(int replicas, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        await _scaling.WaitAsync(either.Token);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            var before = Instances;
            var kept = before.Take(replicas).ToArray();
            var added = Enumerable.Range(0, Math.Max(0, replicas - before.Count)).Select(i => new Instance(_engine, this, before.Count + i)).ToArray();
            foreach (var instance in added)
            {
                await instance.AnnounceAsync(KnownResourceStates.Starting);
            }

            Resource.Annotations.Remove(Resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()!);
            Resource.Annotations.Add(new ReplicaAnnotation(replicas));
            Instances = [.. kept, .. added];
            await Task.WhenAll([.. added.Select(a => a.StartAsync(either.Token)), .. before.Skip(replicas).Select(RemoveAsync)]);
        }
        finally
        {
            _scaling.Release();
        }
    }

    /// <summary>Tells the subscribers and waits for the dependencies; false (and shown as such) when that failed.</summary>
    public async Task<bool> TryPassAsync(CancellationToken cancellationToken)
    {
        try
        {
            // In this order: Aspire waits in a subscription of its own to this event, made when everybody else's has been.
            await _engine.Eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, _engine.Services), cancellationToken);
            await _engine.Notifications.WaitForDependenciesAsync(Resource, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            foreach (var instance in Instances.Where(i => !i.IsRunning))
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

    private async Task RemoveAsync(Instance instance)
    {
        await instance.StopAsync(CancellationToken.None);
        _engine.Notifications.Forget(instance.Id);
        _engine.Loggers.Forget(instance.Id);
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
