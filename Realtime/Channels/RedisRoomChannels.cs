using System.Collections.Concurrent;
using System.Diagnostics;
using Contracts.Messages;
using Microsoft.Extensions.Options;
using Realtime.Counting;
using Realtime.Wire;
using ServiceDefaults.Waiting;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>Rooms' channels on Redis.</summary>
/// <remarks>
/// The layout decides which channels a room has: each room has a <see cref="RoomListener"/>, which follows the layouts. Subscribing and
/// unsubscribing of one channel never overlap: the client library counts handlers under a lock of its own, but sends the commands outside of it, so
/// that an unsubscribe could overtake a newer subscribe. Channels are spread over stripes; only those that share a stripe wait for each other, and a
/// stripe is held for one round trip. On a single server, rooms are notified of an interruption when the library has restored the subscription
/// connection: it repeats all SUBSCRIBE commands on it before anything else, so one answered ping later they are in force. On a cluster each channel
/// may be on another server, whose connection may never come back: there <see cref="ClusterWatch"/> restores subscriptions.
/// </remarks>
internal sealed class RedisRoomChannels : IRoomChannels, IChannelFollower, IDisposable
{
    /// <summary>Far more than calls in flight, so that rooms rarely share one.</summary>
    private const int Stripes = 256;

    /// <summary>Rooms whose channels are changed at the same time: enough to keep a connection busy, few beside what it delivers.</summary>
    public const int FollowConcurrency = 32;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(2);

    private readonly IConnectionMultiplexer _redis;
    private readonly ISubscriber _subscriber;
    private readonly RealtimeTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly ChannelLayouts _layouts;
    private readonly ChannelOptions _options;
    private readonly ShadowParity _parity;
    private readonly ClusterView _cluster;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<RoomListener, bool> _listeners = new();
    private readonly ConcurrentDictionary<(string Layout, ListenedKind Kind, int Shard), long> _counts = new();
    private volatile bool _isDisposed;
    private int _following;

    // Connections that came back and are not announced yet.
    private int _restored;
    private readonly SemaphoreSlim[] _stripes = [.. Enumerable.Range(0, Stripes).Select(static _ => new SemaphoreSlim(1))];

    public RedisRoomChannels(
        IConnectionMultiplexer redis,
        ChannelLayouts layouts,
        IOptions<ChannelOptions> options,
        ShadowParity parity,
        ClusterView cluster,
        RealtimeTelemetry telemetry,
        TimeProvider time,
        ILogger<RedisRoomChannels> logger)
    {
        _cluster = cluster;
        _layouts = layouts;
        _options = options.Value;
        _parity = parity;
        _time = time;
        _redis = redis;
        _subscriber = redis.GetSubscriber();
        _telemetry = telemetry;
        _logger = logger;
        _redis.ConnectionFailed += OnConnectionFailed;
        _redis.ConnectionRestored += OnConnectionRestored;
    }

    /// <inheritdoc/>
    public event EventHandler? Restored;

    /// <summary>All rooms that are listened to.</summary>
    public IEnumerable<RoomListener> Listeners => _listeners.Keys;

    /// <summary>How many channels of a kind, family and shard are listened to.</summary>
    public IEnumerable<KeyValuePair<(string Layout, ListenedKind Kind, int Shard), long>> Counts => _counts;

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> SubscribeAsync(RoomKey room, IRoomSink sink, CancellationToken cancellationToken)
    {
        await _layouts.Known.WaitAsync(cancellationToken);
        var listener = new RoomListener(room, sink, this, _layouts, _parity, _time);

        // Before the layouts are read: a change that is applied from now on finds it here.
        _listeners[listener] = true;
        try
        {
            await listener.FollowAsync(cancellationToken);
            return listener;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Following => Volatile.Read(ref _following);

    /// <inheritdoc/>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var listeners = _listeners.Keys.ToArray();

        // Counts all rooms that are left, not only those that are next. One change at a time is applied, so nobody else counts here.
        Interlocked.Exchange(ref _following, listeners.Length);
        try
        {
            await EachAsync(listeners, FollowAsync, cancellationToken);
        }
        finally
        {
            Interlocked.Exchange(ref _following, 0);
        }
    }

    /// <inheritdoc/>
    public Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners.Keys)
        {
            listener.ExpireComparisons();
        }

        return EachAsync(_listeners.Keys.Where(static listener => listener.HasUnneeded), LeaveUnneededAsync, cancellationToken);
    }

    internal void Forget(RoomListener listener) => _listeners.TryRemove(listener, out _);

    private async ValueTask FollowAsync(RoomListener listener, CancellationToken cancellationToken)
    {
        try
        {
            var backoff = new BackoffTimer(RetryDelay, MaxRetryDelay, _time);
            while (_listeners.ContainsKey(listener))
            {
                try
                {
                    await listener.FollowAsync(cancellationToken);
                    return;
                }
                catch (Exception exception) when (exception.IsOfBroker())
                {
                    _logger.ListenFailed(listener.Room, exception.Message);
                }

                await backoff.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _following);
        }
    }

    private async ValueTask LeaveUnneededAsync(RoomListener listener, CancellationToken cancellationToken)
    {
        try
        {
            await listener.LeaveUnneededAsync(_options.Overlap, cancellationToken);
        }
        catch (Exception exception) when (exception.IsOfBroker())
        {
            // The broker is away, and with it the subscription; the library has forgotten it.
            _logger.UnlistenFailed(listener.Room, exception.Message);
        }
    }

    private Task EachAsync(IEnumerable<RoomListener> listeners, Func<RoomListener, CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            listeners, new ParallelOptions { MaxDegreeOfParallelism = FollowConcurrency, CancellationToken = cancellationToken }, action);

    public void Dispose()
    {
        _redis.ConnectionFailed -= OnConnectionFailed;
        _redis.ConnectionRestored -= OnConnectionRestored;
        _isDisposed = true;
        foreach (var stripe in _stripes)
        {
            stripe.Dispose();
        }
    }

    internal async Task<ChannelSubscription> SubscribeAsync(ListenedChannel channel, IChannelSink sink, CancellationToken cancellationToken)
    {
        var stripe = StripeOf(channel.Name);
        await stripe.WaitAsync(cancellationToken);
        try
        {
            var subscription = new ChannelSubscription(channel, RoomRoutes.Channel(channel.Name, _options.Cluster), sink);
            await BeginAsync_NeedsStripe(subscription);
            Count(channel, 1);
            return subscription;
        }
        finally
        {
            stripe.Release();
        }
    }

    /// <summary>
    /// Subscribes again, wherever the library finds the channel now. Throws when that server is out of reach; then there is no subscription until the
    /// next renewal.
    /// </summary>
    internal async Task RenewAsync(ChannelSubscription subscription, CancellationToken cancellationToken)
    {
        var stripe = StripeOf(subscription.Channel.Name);
        await stripe.WaitAsync(cancellationToken);
        try
        {
            if (subscription.Queue is { } queue)
            {
                subscription.Queue = null;
                await queue.UnsubscribeAsync(CommandFlags.FireAndForget);

                // What came before is delivered before anything that comes after. Only here: a queue whose end failed is never read to its end.
                await subscription.Reading;
            }

            await BeginAsync_NeedsStripe(subscription);
        }
        finally
        {
            stripe.Release();
        }
    }

    internal async Task UnsubscribeAsync(ChannelSubscription subscription)
    {
        var stripe = StripeOf(subscription.Channel.Name);
        await stripe.WaitAsync();
        try
        {
            Count(subscription.Channel, -1);
            if (subscription.Queue is { } queue)
            {
                subscription.Queue = null;
                await queue.UnsubscribeAsync();
            }
        }
        finally
        {
            stripe.Release();
        }
    }

    private async Task BeginAsync_NeedsStripe(ChannelSubscription subscription)
    {
        // Read before: a server that takes the channel over from now on shows as a difference.
        var owner = _cluster.OwnerOf(subscription);

        // Not cancelled: a command that is on its way takes effect, and must be matched by an unsubscribe.
        var queue = await _redis.SubscribeOrForgetAsync(subscription.Name);
        subscription.Place = _cluster.PlaceOf(subscription, owner);
        subscription.Queue = queue;
        subscription.Reading = ReadAsync(queue, subscription.Channel, subscription.Sink);
    }

    /// <summary>Reads one channel in order, for as long as it is subscribed to. Delivers all that is there before it flushes the sink: a
    /// burst becomes one write round.</summary>
    private async Task ReadAsync(ChannelMessageQueue queue, ListenedChannel channel, IChannelSink sink)
    {
        while (true)
        {
            ChannelMessage message;
            try
            {
                message = await queue.ReadAsync();
            }
            catch (System.Threading.Channels.ChannelClosedException)
            {
                return;
            }

            try
            {
                do
                {
                    Deliver(message.Message, channel.Kind, sink);
                }
                while (queue.TryRead(out message));

                sink.Flush();
            }
            catch (Exception exception)
            {
                // A bug in the delivery of one event: the room continues, and finds what it missed by the next seq or head.
                _logger.DeliveryFailed(channel.Name, exception);
            }
        }
    }

    private void Deliver(RedisValue value, ListenedKind kind, IChannelSink sink)
    {
        // The library hands over an array of its own for each message; nobody else has it.
        var status = Envelope.TryDecode((byte[]?)value, out var envelope);
        if (status == DecodeStatus.Ok)
        {
            using var activity = envelope.TraceParent is { } parent
                ? _telemetry.Activities.StartActivity("realtime deliver", ActivityKind.Consumer, parent)
                : null;
            if (envelope.Kind != ChannelKind.Bundle)
            {
                sink.Deliver(envelope);
                return;
            }

            foreach (var message in Bundle.Of(envelope))
            {
                sink.Deliver(message);
            }

            return;
        }

        _telemetry.EnvelopeSkipped(status.ToString());
        _logger.EnvelopeSkipped(RealtimeTelemetry.Text(kind), status.ToString());
    }

    private void Count(ListenedChannel channel, int change) =>
        _counts.AddOrUpdate(
            (LayoutNames.Of(channel.Kind != ListenedKind.All), channel.Kind, channel.Shard),
            static (_, change) => change,
            static (_, count, change) => count + change,
            change);

    private SemaphoreSlim StripeOf(string channel) => _stripes[(uint)string.GetHashCode(channel, StringComparison.Ordinal) % Stripes];

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs args)
    {
        if (args.ConnectionType == ConnectionType.Subscription)
        {
            _logger.BrokerLost(args.FailureType.ToString());
        }
    }

    private void OnConnectionRestored(object? sender, ConnectionFailedEventArgs args)
    {
        if (args.ConnectionType != ConnectionType.Subscription)
        {
            return;
        }

        if (_options.Cluster)
        {
            Restored?.Invoke(this, EventArgs.Empty);
        }
        else if (Interlocked.Increment(ref _restored) == 1)
        {
            _ = AnnounceAsync();
        }
    }

    /// <summary>One at a time; connections that come back meanwhile are announced after it.</summary>
    private async Task AnnounceAsync()
    {
        int announced;
        do
        {
            announced = Volatile.Read(ref _restored);
            if (!await AwaitAnswerAsync())
            {
                return;
            }

            _logger.BrokerBack();
            Restored?.Invoke(this, EventArgs.Empty);
            var rooms = _listeners.Keys.ToArray();
            foreach (var listener in rooms)
            {
                listener.OnRestored();
            }

            _telemetry.RoomsInterrupted(rooms.Length);
        }
        while (Interlocked.Add(ref _restored, -announced) > 0);
    }

    /// <summary>
    /// The connection for commands may come back a little later than this one, and a ping is refused until then. Nothing else would notify rooms
    /// of the interruption, so the ping is retried until it is answered. False when the node ends before.
    /// </summary>
    private async Task<bool> AwaitAnswerAsync()
    {
        var backoff = new BackoffTimer(RetryDelay, MaxRetryDelay, _time);
        while (!_isDisposed)
        {
            if (await IsAnsweredAsync())
            {
                return true;
            }

            // Two seconds at most, after which it sees that the node has ended.
            await backoff.WaitAsync(CancellationToken.None);
        }

        return false;
    }

    private async Task<bool> IsAnsweredAsync()
    {
        try
        {
            await _subscriber.PingAsync();
            return true;
        }
        catch (Exception exception) when (exception.IsOfBroker())
        {
            _logger.BrokerLost(exception.Message);
            return false;
        }
    }
}
