using Contracts.Messages;
using Realtime.Wire;

namespace Realtime.Channels;

/// <summary>
/// One room's subscriptions, over changes of its layout. What the room is to listen to comes from the snapshot; it may listen to more for a while:
/// a channel is unsubscribed only <see cref="ChannelOptions.Overlap"/> after it was last needed, and kept if it is needed again meanwhile.
/// </summary>
/// <remarks>
/// One change at a time (the gate); the gate is held across round trips to the broker, and is this room's alone. Disposing waits for a change that is
/// under way, and ends exactly these subscriptions.
/// </remarks>
internal sealed class RoomListener(
    RoomKey room, IRoomSink sink, RedisRoomChannels owner, ChannelLayouts layouts, ShadowParity parity, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    // By channel name; under the gate.
    private readonly Dictionary<string, Listened> _channels = new(StringComparer.Ordinal);
    private bool _closed;

    // Set under the gate, read by every delivery.
    private ParityProbe? _probe;

    // The same as in the table, for those who look without the gate; replaced as a whole.
    private volatile ChannelSubscription[] _subscriptions = [];

    public RoomKey Room => room;

    /// <summary>The channels that the room listens to at present; any thread.</summary>
    public ReadOnlySpan<ChannelSubscription> Subscriptions => _subscriptions;

    /// <summary>Whether the room still listens to something that it does not need; read without the gate, for the sweep.</summary>
    public bool HasUnneeded { get; private set; }

    /// <summary>
    /// Listens to everything that the present snapshot asks for, acknowledged by the broker; completes at once when it does already. A snapshot that
    /// comes meanwhile counts. Throws when the broker cannot be reached; what was reached stays.
    /// </summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            LayoutSnapshot snapshot;
            do
            {
                snapshot = layouts.Listening;
                await FollowAsync_NeedsGate(snapshot.RoutesOf(room), cancellationToken);
            }
            while (snapshot != layouts.Listening);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Copies that never came are counted, also in a room that is quiet now.</summary>
    public void ExpireComparisons() => Volatile.Read(ref _probe)?.Expire();

    /// <summary>The connection to the broker is interrupted: copies of what is published now say nothing about the layout.</summary>
    public void OnInterrupted() => Volatile.Read(ref _probe)?.Rearm();

    /// <summary>The way to the broker is whole again: anything may have been missed.</summary>
    public void OnRestored()
    {
        Volatile.Read(ref _probe)?.Rearm();
        sink.Interrupted();
    }

    /// <summary>Restores every subscription by <paramref name="mend"/>; true when all are restored and the room has been notified.</summary>
    public async Task<bool> MendAsync(Func<ChannelSubscription, Task<bool>> mend, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var isWhole = true;
            foreach (var listened in _channels.Values)
            {
                isWhole &= await mend(listened.Subscription);
            }

            if (!isWhole)
            {
                return false;
            }
        }
        finally
        {
            _gate.Release();
        }

        OnRestored();
        return true;
    }

    /// <summary>Leaves what has not been needed for longer than <paramref name="overlap"/>.</summary>
    public async Task LeaveUnneededAsync(TimeSpan overlap, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var unneeded = _channels.Values.Where(static listened => listened.UnneededSince is not null).ToArray();
            foreach (var listened in unneeded.Where(listened => time.GetElapsedTime(listened.UnneededSince!.Value) >= overlap))
            {
                // First: should the broker be away, the library has forgotten the channel all the same.
                _channels.Remove(listened.Channel.Name);
                Publish_NeedsGate();
                await owner.UnsubscribeAsync(listened.Subscription);
            }

            HasUnneeded = _channels.Values.Any(static listened => listened.UnneededSince is not null);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        owner.Forget(this);
        await _gate.WaitAsync();
        try
        {
            _closed = true;
            var channels = _channels.Values.ToArray();
            _channels.Clear();
            Publish_NeedsGate();
            foreach (var listened in channels)
            {
                await owner.UnsubscribeAsync(listened.Subscription);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task FollowAsync_NeedsGate(RoomRoutes routes, CancellationToken cancellationToken)
    {
        if (_closed)
        {
            return;
        }

        var compares = routes.CompareWith.Count > 0 && parity.Samples(room);
        foreach (var channel in routes.ListenTo)
        {
            await ListenAsync_NeedsGate(channel, isDelivered: true, cancellationToken);
        }

        foreach (var channel in compares ? routes.CompareWith : [])
        {
            await ListenAsync_NeedsGate(channel, isDelivered: false, cancellationToken);
        }

        // Both layouts are subscribed to from here on.
        var probe = _probe?.Scope == routes.Scope ? _probe : null;
        Volatile.Write(ref _probe, compares ? probe ?? parity.Begin(routes.Scope) : null);
        var needed = routes.ListenTo.Concat(compares ? routes.CompareWith : []).Select(static channel => channel.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var listened in _channels.Values.Where(listened => !needed.Contains(listened.Channel.Name)))
        {
            listened.UnneededSince ??= time.GetTimestamp();
            HasUnneeded = true;
        }

        sink.Listens(routes.Announced);
    }

    private async Task ListenAsync_NeedsGate(ListenedChannel channel, bool isDelivered, CancellationToken cancellationToken)
    {
        if (!_channels.TryGetValue(channel.Name, out var listened))
        {
            var channelSink = new ChannelSink(this, sink, isShard: channel.Kind != ListenedKind.All) { IsDelivered = isDelivered };
            listened = new Listened(channel, channelSink, await owner.SubscribeAsync(channel, channelSink, cancellationToken));
            _channels.Add(channel.Name, listened);
            Publish_NeedsGate();
        }

        listened.UnneededSince = null;

        // A channel that was delivered stays so while it is left: the other side may be late, and second copies vanish in the feed.
        listened.Sink.IsDelivered |= isDelivered;
    }

    private void Publish_NeedsGate() => _subscriptions = [.. _channels.Values.Select(static listened => listened.Subscription)];

    private sealed class Listened(ListenedChannel channel, ChannelSink channelSink, ChannelSubscription subscription)
    {
        public ListenedChannel Channel => channel;

        public ChannelSink Sink => channelSink;

        public ChannelSubscription Subscription => subscription;

        /// <summary>Timestamp since which it is not needed; null: it is.</summary>
        public long? UnneededSince { get; set; }
    }

    /// <summary>Takes what one channel brings: to the room's feed, to the comparison, or to both.</summary>
    private sealed class ChannelSink(RoomListener owner, IRoomSink sink, bool isShard) : IChannelSink
    {
        private bool _isDelivered;

        /// <summary>Set under the gate, read by every delivery.</summary>
        public bool IsDelivered
        {
            get => Volatile.Read(ref _isDelivered);
            set => Volatile.Write(ref _isDelivered, value);
        }

        public void Deliver(in Envelope envelope)
        {
            Volatile.Read(ref owner._probe)?.Seen(envelope, isShard);
            if (IsDelivered)
            {
                sink.Deliver(envelope);
            }
        }

        public void Flush()
        {
            if (IsDelivered)
            {
                sink.Flush();
            }
        }
    }
}
