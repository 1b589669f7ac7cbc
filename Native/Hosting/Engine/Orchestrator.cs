using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Starts the model and stops it again. Start: ports for all, then every resource at once, each as soon as what it waits for is well. Stop: the
/// other way round, those that others wait for last, so that nothing loses what it works with while it still works.
/// </summary>
internal sealed class Orchestrator(EngineContext engine, Balancer balancer) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _work = [];
    private IReadOnlyList<ResourceRun> _runs = [];
    private bool _stopped;

    /// <summary>Empty until everything has its ports.</summary>
    public IReadOnlyList<ResourceRun> Runs => _runs;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (engine.Execution.IsPublishMode)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            throw new DistributedApplicationException("The native engine runs on Linux and macOS. On Windows use AspireEngine=packages.");
        }

        foreach (var subscriber in engine.Services.GetServices<IDistributedApplicationEventingSubscriber>())
        {
            await subscriber.SubscribeAsync(engine.Eventing, engine.Execution, cancellationToken);
        }

        await engine.Eventing.PublishAsync(new BeforeStartEvent(engine.Services, engine.Model), cancellationToken);
        foreach (var resource in engine.Options.IsScalable ? engine.Model.Resources.Where(EndpointAllocation.CanBeScaled) : [])
        {
            resource.Annotations.Add(new ScalableAnnotation());
        }

        EndpointAllocation.AllocatePublicPorts(engine.Model.Resources, engine.Options.RandomizePorts);
        _runs = [.. engine.Model.Resources.Where(IsProcess).Select(r => new ResourceRun(engine, r))];
        foreach (var run in _runs)
        {
            run.Depth = WaitDepth.Of(run.Resource);
            await run.InitializeAsync(cancellationToken);
        }

        var children = engine.Model.Resources.OfType<IResourceWithParent>().Select(c => new ChildRun(engine, c, c.Parent)).ToArray();
        foreach (var child in children)
        {
            await child.InitializeAsync(cancellationToken);
        }

        await ParameterStates.PublishAsync(engine);
        await balancer.StartAsync(_runs, cancellationToken);
        _work.AddRange(children.Select(c => c.RunAsync(_stopping.Token)));
        Task[] starts = [.. _runs.Where(r => r.StartsByItself).Select(StartOneAsync)];
        _work.AddRange(starts);
        if (!await HaveStartedAsync(starts, cancellationToken))
        {
            return;
        }

        await engine.Eventing.PublishAsync(new AfterResourcesCreatedEvent(engine.Services, engine.Model), cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await _stopping.CancelAsync();
        foreach (var level in _runs.GroupBy(r => r.Depth).OrderByDescending(g => g.Key))
        {
            await Task.WhenAll(level.Select(r => r.StopAsync()));
        }

        await balancer.StopAsync();
        await Task.WhenAll(_work);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private static bool IsProcess(IResource resource) => resource is ProjectResource or ExecutableResource or ContainerResource;

    /// <summary>
    /// Whether all have been started, or have failed to; what they wait for is waited for. False when the application is told to stop meanwhile, which is no failure.
    /// </summary>
    private async Task<bool> HaveStartedAsync(Task[] starts, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(starts).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (engine.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return false;
        }

        return !_stopping.IsCancellationRequested;
    }

    private async Task StartOneAsync(ResourceRun run)
    {
        try
        {
            await run.StartAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped while it waited for something.
        }
    }
}
