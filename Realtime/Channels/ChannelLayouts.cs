using Microsoft.Extensions.Options;

namespace Realtime.Channels;

/// <summary>
/// What this node listens by and publishes by. The node's agent writes, everybody reads: one volatile read gives a consistent whole.
/// </summary>
/// <remarks>
/// Invariant: what is published while <see cref="TryEnter"/> grants goes by a revision that differs by at most one from what any other node with a
/// lease listens by. It rests on four things: the lease is looked at before and after (<see cref="Holds"/>), a change is reported as applied only after the last
/// publish by the snapshot before has ended, dbman adds no change before all have reported the one before, and a publish whose copies took half as long as the pause before
/// channels are left, or longer, does not count: one copy may have come before somebody listened to its channel, and the other after he left that of the other. A lease that is
/// renewed meanwhile would not show it.
/// </remarks>
internal sealed class ChannelLayouts(NodeLease lease, IOptions<ChannelOptions> options, TimeProvider time)
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LayoutSnapshot _listening = LayoutSnapshot.Empty(options.Value.Cluster);
    private LayoutSnapshot? _publishing;

    /// <summary>Completes when the layouts were read for the first time: nothing is listened to before.</summary>
    public Task Known => _known.Task;

    /// <summary>What rooms are listened to by. Written by the agent.</summary>
    public LayoutSnapshot Listening
    {
        get => Volatile.Read(ref _listening);
        set
        {
            Volatile.Write(ref _listening, value);
            _known.TrySetResult();
        }
    }

    /// <summary>Begins a publish: the snapshot to publish by, to be left again; null while this node has no lease.</summary>
    public LayoutSnapshot? TryEnter()
    {
        while (lease.Holds && Volatile.Read(ref _publishing) is { } snapshot)
        {
            if (snapshot.TryEnter())
            {
                return snapshot;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether what was just published by the snapshot counts: the lease still held when the broker had taken it, and events with copies on several channels took less
    /// time than anybody keeps listening to channels that he needs no more.
    /// </summary>
    /// <param name="snapshot">By which it was published.</param>
    /// <param name="copiesSince">Timestamp from before the first copy was sent; null: no event had several.</param>
    public bool Holds(LayoutSnapshot snapshot, long? copiesSince) =>
        lease.Holds
        && Volatile.Read(ref _publishing)!.Revision <= snapshot.Revision + 1
        && (copiesSince is not { } since || time.GetElapsedTime(since) < options.Value.Overlap / 2);

    /// <summary>Publishes go by <paramref name="next"/> from now on; completes when the last one by the snapshot before has ended.</summary>
    public Task PublishByAsync(LayoutSnapshot next) => Interlocked.Exchange(ref _publishing, next)?.RetireAsync() ?? Task.CompletedTask;
}
