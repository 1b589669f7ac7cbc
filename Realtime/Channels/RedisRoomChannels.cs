using System.Diagnostics;
using Contracts.Messages;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>Rooms' channels on Redis.</summary>
/// <remarks>
/// Subscribing and unsubscribing of one channel never overlap: the client library counts handlers under a lock of its own, but sends the commands
/// outside of it, so that an unsubscribe could
/// overtake a newer subscribe. Channels are spread over stripes; only those that share a stripe wait for each other, and a stripe is held for one round trip.
/// Restored is raised when the library has the subscription connection back. It sends all SUBSCRIBE commands anew on that connection before anything
/// else, so one answered ping later they are
/// in force.
/// </remarks>
internal sealed class RedisRoomChannels : IRoomChannels, IDisposable
{
    /// <summary>Far more than calls in flight, so that rooms rarely share one.</summary>
    private const int Stripes = 256;

    private readonly IConnectionMultiplexer _redis;
    private readonly ISubscriber _subscriber;
    private readonly RealtimeTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim[] _stripes = [.. Enumerable.Range(0, Stripes).Select(static _ => new SemaphoreSlim(1))];

    public RedisRoomChannels(IConnectionMultiplexer redis, RealtimeTelemetry telemetry, ILogger<RedisRoomChannels> logger)
    {
        _redis = redis;
        _subscriber = redis.GetSubscriber();
        _telemetry = telemetry;
        _logger = logger;
        _redis.ConnectionFailed += OnConnectionFailed;
        _redis.ConnectionRestored += OnConnectionRestored;
    }

    /// <inheritdoc/>
    public event EventHandler? Restored;

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> SubscribeAsync(RoomKey room, IRoomSink sink, CancellationToken cancellationToken)
    {
        var subscription = new RoomSubscription(this);
        try
        {
            foreach (var name in LegacyLayout.SubscribeTo(room))
            {
                subscription.Add(await SubscribeAsync(name, sink, cancellationToken));
            }

            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    public void Dispose()
    {
        _redis.ConnectionFailed -= OnConnectionFailed;
        _redis.ConnectionRestored -= OnConnectionRestored;
        foreach (var stripe in _stripes)
        {
            stripe.Dispose();
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync(string name, IRoomSink sink, CancellationToken cancellationToken)
    {
        var stripe = StripeOf(name);
        await stripe.WaitAsync(cancellationToken);
        try
        {
            // Not cancelled: a command that is on its way takes effect, and must be matched by an unsubscribe.
            var queue = await _redis.SubscribeOrForgetAsync(RedisChannel.Literal(name));
            _ = ReadAsync(queue, name, sink);
            return queue;
        }
        finally
        {
            stripe.Release();
        }
    }

    private async Task UnsubscribeAsync(ChannelMessageQueue queue)
    {
        var stripe = StripeOf(queue.Channel.ToString());
        await stripe.WaitAsync();
        try
        {
            await queue.UnsubscribeAsync();
        }
        finally
        {
            stripe.Release();
        }
    }

    /// <summary>Reads one channel in order, for as long as it is subscribed to. Whatever is there is delivered before the sink is told to flush: a
    /// burst becomes one write round.</summary>
    private async Task ReadAsync(ChannelMessageQueue queue, string name, IRoomSink sink)
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
                    Deliver(message.Message, name, sink);
                }
                while (queue.TryRead(out message));

                sink.Flush();
            }
            catch (Exception exception)
            {
                // A bug in the delivery of one event: the room goes on, and finds what it missed by the next seq or head.
                _logger.DeliveryFailed(name, exception);
            }
        }
    }

    private void Deliver(RedisValue value, string name, IRoomSink sink)
    {
        // The library hands over an array of its own for each message; nobody else has it.
        var status = Envelope.TryDecode((byte[]?)value, out var envelope);
        if (status == DecodeStatus.Ok)
        {
            using var activity = envelope.TraceParent is { } parent
                ? _telemetry.Activities.StartActivity("realtime deliver", ActivityKind.Consumer, parent)
                : null;
            sink.Deliver(envelope);
            return;
        }

        _telemetry.EnvelopeSkipped(status.ToString());
        _logger.EnvelopeSkipped(name, status.ToString());
    }

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
        if (args.ConnectionType == ConnectionType.Subscription)
        {
            _ = AnnounceAsync();
        }
    }

    private async Task AnnounceAsync()
    {
        try
        {
            await _subscriber.PingAsync();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Lost again; the next time it is restored says so.
            _logger.BrokerLost(exception.Message);
            return;
        }

        _logger.BrokerBack();
        Restored?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>All channels of one room.</summary>
    private sealed class RoomSubscription(RedisRoomChannels owner) : IAsyncDisposable
    {
        private readonly List<ChannelMessageQueue> _queues = [];

        public void Add(ChannelMessageQueue queue) => _queues.Add(queue);

        public async ValueTask DisposeAsync()
        {
            foreach (var queue in _queues)
            {
                await owner.UnsubscribeAsync(queue);
            }
        }
    }
}
