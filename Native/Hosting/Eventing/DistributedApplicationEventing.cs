using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    // Replaced as a whole by subscribers (any thread), read once per publication.
    private ImmutableList<(Type EventType, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];

    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(callback);
        return Add(typeof(T), new DistributedApplicationEventSubscription((@event, token) => callback((T)@event, token)));
    }

    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(callback);
        return Add(typeof(T), new DistributedApplicationResourceEventSubscription(
            resource, (@event, token) => ReferenceEquals(@event.Resource, resource) ? callback((T)@event, token) : Task.CompletedTask));
    }

    public void Unsubscribe(DistributedApplicationEventSubscription subscription) =>
        ImmutableInterlocked.Update(ref _subscriptions, list => list.RemoveAll(s => ReferenceEquals(s.Subscription, subscription)));

    public Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent => PublishAsync(@event, EventDispatchBehavior.BlockingSequential, cancellationToken);

    public async Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(@event);
        var subscriptions = _subscriptions.Where(s => s.EventType == typeof(T)).Select(s => s.Subscription).ToArray();
        switch (dispatchBehavior)
        {
            case EventDispatchBehavior.BlockingConcurrent:
                await ConcurrentAsync();
                break;
            case EventDispatchBehavior.NonBlockingConcurrent:
                _ = Task.Run(ConcurrentAsync, CancellationToken.None);
                break;
            case EventDispatchBehavior.NonBlockingSequential:
                _ = Task.Run(SequentialAsync, CancellationToken.None);
                break;
            default:
                await SequentialAsync();
                break;
        }

        Task ConcurrentAsync() => Task.WhenAll(subscriptions.Select(s => s.Callback(@event, cancellationToken)));

        async Task SequentialAsync()
        {
            foreach (var subscription in subscriptions)
            {
                await subscription.Callback(@event, cancellationToken);
            }
        }
    }

    private DistributedApplicationEventSubscription Add(Type type, DistributedApplicationEventSubscription subscription)
    {
        ImmutableInterlocked.Update(ref _subscriptions, list => list.Add((type, subscription)));
        return subscription;
    }
}
