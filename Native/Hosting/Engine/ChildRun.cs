using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Engine;

/// <summary>A resource that lives inside another, such as a database in its server: it runs while its parent does.</summary>
internal sealed class ChildRun(EngineContext engine, IResource child, IResource parent)
{
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await engine.Notifications.PublishUpdateAsync(child, child.Name, s => s with { State = KnownResourceStates.Starting });
        if (child is IResourceWithConnectionString)
        {
            await engine.Eventing.PublishAsync(new ConnectionStringAvailableEvent(child, engine.Services), cancellationToken);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var life = new CancellationTokenSource();
        var health = Task.CompletedTask;
        var running = false;
        try
        {
            await foreach (var change in engine.Notifications.WatchAsync(cancellationToken))
            {
                if (!ReferenceEquals(change.Resource, parent))
                {
                    continue;
                }

                var ready = change.Snapshot.ResourceReadyEvent;
                if (ready is not null && !running)
                {
                    running = true;
                    life.Dispose();
                    life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    health = LiveAsync(ready, life.Token);
                }
                else if (change.Snapshot.State?.Text != KnownResourceStates.Running)
                {
                    if (running)
                    {
                        running = false;
                        await life.CancelAsync();
                        await health;
                        life.Dispose();
                        life = new CancellationTokenSource();
                    }

                    await engine.Notifications.PublishUpdateAsync(child, child.Name, s => s with
                    {
                        State = change.Snapshot.State,
                        ExitCode = change.Snapshot.ExitCode,
                        HealthReports = [],
                        ResourceReadyEvent = null,
                    });
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
        finally
        {
            await life.CancelAsync();
            await health;
            life.Dispose();
        }
    }

    private async Task LiveAsync(EventSnapshot parentReady, CancellationToken cancellationToken)
    {
        try
        {
            await parentReady.EventTask.WaitAsync(cancellationToken);
            await engine.Notifications.PublishUpdateAsync(child, child.Name, s => s with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.Running, KnownResourceStateStyles.Success),
                ExitCode = null,
                HealthReports = [.. HealthMonitor.KeysOf(child).Select(k => new HealthReportSnapshot(k, null, null, null))],
            });
            EventSnapshot? own = null;
            var none = new Dictionary<EndpointAnnotation, int>();
            await HealthMonitor.RunAsync(engine, child, child.Name, none, () => own ??= Ready(cancellationToken), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The parent went down.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            EngineLog.StartFailed(engine.Loggers.GetLogger(child), child.Name, e.Message);
            await engine.Notifications.PublishUpdateAsync(child, child.Name, s => s with { State = KnownResourceStates.FailedToStart });
        }
    }

    private EventSnapshot Ready(CancellationToken cancellationToken) =>
        new(engine.Eventing.PublishAsync(new ResourceReadyEvent(child, engine.Services), cancellationToken));
}
