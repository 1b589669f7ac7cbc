using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Waits for what a resource's <see cref="WaitAnnotation"/>s name. A dependency with replicas is waited for until each of them is well.
/// With <see cref="WaitBehavior.StopOnResourceUnavailable"/> a dependency that ended ends the wait with an error; otherwise the wait goes on
/// until somebody starts it again.
/// </summary>
internal sealed class DependencyWaits(ResourceNotificationService notifications, WaitBehavior defaultBehavior)
{
    public static bool IsOver(string? state) => state is not null
        && (KnownResourceStates.TerminalStates.Contains(state, StringComparer.Ordinal) || state == KnownResourceStates.RuntimeUnhealthy);

    public async Task WaitAsync(IResource resource, CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().Where(w => w.Resource is not IResourceWithoutLifetime).ToArray();
        if (waits.Length == 0)
        {
            return;
        }

        await notifications.PublishUpdateAsync(resource, s => s.State?.Text is null or "NotStarted" or "Starting" ? s with { State = KnownResourceStates.Waiting } : s);
        await Task.WhenAll(waits.Select(w => WaitForOneAsync(resource, w, cancellationToken)));
    }

    private async Task WaitForOneAsync(IResource waiting, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var dependency = wait.Resource;
        var behavior = wait.WaitBehavior ?? defaultBehavior;
        var replicas = dependency.GetReplicaCount();
        if (wait.WaitType == WaitType.WaitForCompletion)
        {
            await WaitForCompletionAsync(waiting, wait, replicas, cancellationToken);
            return;
        }

        var well = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var reached = await notifications.WaitForResourceAsync(
            dependency.Name,
            e =>
            {
                if (behavior == WaitBehavior.StopOnResourceUnavailable && IsOver(e.Snapshot.State?.Text))
                {
                    return true;
                }

                var ok = e.Snapshot.State?.Text == KnownResourceStates.Running
                    && (wait.WaitType == WaitType.WaitUntilStarted
                        || (e.Snapshot.HealthStatus == HealthStatus.Healthy && e.Snapshot.ResourceReadyEvent is not null));
                _ = ok ? well.Add(e.ResourceId) : well.Remove(e.ResourceId);
                return well.Count >= replicas;
            },
            cancellationToken);
        if (IsOver(reached.Snapshot.State?.Text))
        {
            throw new DistributedApplicationException(
                $"'{waiting.Name}' stopped waiting for '{dependency.Name}', which is {reached.Snapshot.State!.Text}. {notifications.Describe(dependency.Name)}");
        }

        if (wait.WaitType == WaitType.WaitUntilHealthy && reached.Snapshot.ResourceReadyEvent is { } ready)
        {
            await ready.EventTask.WaitAsync(cancellationToken);
        }
    }

    private async Task WaitForCompletionAsync(IResource waiting, WaitAnnotation wait, int replicas, CancellationToken cancellationToken)
    {
        var done = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var reached = await notifications.WaitForResourceAsync(
            wait.Resource.Name,
            e =>
            {
                if (!IsOver(e.Snapshot.State?.Text))
                {
                    return false;
                }

                done.Add(e.ResourceId);
                return done.Count >= replicas || e.Snapshot.State!.Text == KnownResourceStates.FailedToStart || e.Snapshot.ExitCode != wait.ExitCode;
            },
            cancellationToken);
        if (reached.Snapshot.State!.Text == KnownResourceStates.FailedToStart || reached.Snapshot.ExitCode != wait.ExitCode)
        {
            throw new DistributedApplicationException(
                $"'{waiting.Name}' waits for '{wait.Resource.Name}' to end with exit code {wait.ExitCode}. {notifications.Describe(wait.Resource.Name)}");
        }
    }
}
