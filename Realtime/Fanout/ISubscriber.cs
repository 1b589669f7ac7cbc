using Realtime.Wire;

namespace Realtime.Fanout;

/// <summary>A connection as feeds see it. Nothing here blocks.</summary>
internal interface ISubscriber
{
    /// <summary>User of the connection.</summary>
    string User { get; }

    /// <summary>Unique among all nodes.</summary>
    string ConnectionId { get; }

    /// <summary>
    /// Writes what is at hand on the calling thread, unless another thread does already; then that one continues until nothing is left.
    /// </summary>
    void Pump();

    /// <summary>The same on a thread of the pool.</summary>
    void Schedule();

    /// <summary>Queues a frame ahead of all messages. What does not fit closes the connection: it reads too slowly.</summary>
    void Enqueue(WireFrame frame);

    /// <summary>Queues a signal ahead of all messages. What does not fit takes the place of older signals.</summary>
    void EnqueueSignal(WireFrame frame);

    /// <summary>The feed ends the subscription.</summary>
    void Drop(Subscription subscription, string reason);
}
