using Microsoft.Extensions.Options;

namespace Realtime.Channels;

/// <summary>
/// The layouts that this node listens and publishes by. Written by the node's agent, read by everybody: one volatile read gives a consistent
/// snapshot.
/// </summary>
/// <remarks>
/// <b>Invariant.</b> The revision that a publish uses differs by at most one from the revision that any other node with a lease listens by. Four
/// rules keep it:
/// <list type="number">
/// <item>The lease is checked before and after a publish (<see cref="TryEnter"/>, <see cref="Holds"/>).</item>
/// <item>A node reports a revision as applied only after the last publish by its previous snapshot has ended.</item>
/// <item>dbman adds no record before all nodes with a lease have reported the one before.</item>
/// <item>A publish with several copies counts only if it took less than half of <see cref="ChannelOptions.Overlap"/>. A slower one could send its
/// first copy before a node subscribes to that channel, and the other after the node has unsubscribed from its old one. The lease does not reveal
/// that: it may have been renewed meanwhile.</item>
/// </list>
/// </remarks>
internal sealed class ChannelLayouts(NodeLease lease, IOptions<ChannelOptions> options, TimeProvider time)
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LayoutSnapshot _listening = LayoutSnapshot.Empty(options.Value.Cluster);
    private LayoutSnapshot? _publishing;
    private bool _readBundles;

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

    /// <summary>
    /// Whether every node can read bundles, by the last answer that granted or kept this node's lease. Written by the agent. dbman grants no first lease
    /// to a node that cannot before the others know.
    /// </summary>
    public bool ReadBundles
    {
        get => Volatile.Read(ref _readBundles);
        set => Volatile.Write(ref _readBundles, value);
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
    /// Whether a publish by the snapshot counts: the lease still held when the broker had taken it, and events with copies on several channels took
    /// less than half the time for which nodes stay subscribed to channels that they no longer need.
    /// </summary>
    /// <param name="snapshot">By which it was published.</param>
    /// <param name="copiesSince">Timestamp from before the first copy was sent; null: no event had several.</param>
    public bool Holds(LayoutSnapshot snapshot, long? copiesSince) =>
        lease.Holds
        && Volatile.Read(ref _publishing)!.Revision <= snapshot.Revision + 1
        && (copiesSince is not { } since || time.GetElapsedTime(since) < options.Value.Overlap / 2);

    /// <summary>Publishes use <paramref name="next"/> from now on; completes when the last one by the previous snapshot has ended.</summary>
    public Task PublishByAsync(LayoutSnapshot next) => Interlocked.Exchange(ref _publishing, next)?.RetireAsync() ?? Task.CompletedTask;
}
