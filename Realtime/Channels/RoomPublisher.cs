using System.Diagnostics;
using Contracts;
using Contracts.Messages;
using Contracts.Publish;
using Contracts.Results;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>
/// Hands events of rooms to the broker, on every channel that their rooms' layouts name. A batch is pipelined: all of it is sent before the first answer is awaited.
/// An event is encoded once, however many channels it goes to.
/// </summary>
/// <remarks>
/// A publish counts when the node's lease held before it began and after the broker had taken it. One that ran over the lease's end is repeated by the
/// layouts of then, or refused: the caller repeats it elsewhere. Receivers drop the second copy.
/// </remarks>
internal sealed class RoomPublisher(
    IConnectionMultiplexer redis, ChannelLayouts layouts, RealtimeTelemetry telemetry, TimeProvider time, ILogger<RoomPublisher> logger)
{
    /// <summary>A second run over the lease's end in a row means that the node is in no state to publish.</summary>
    private const int MaxTries = 2;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private static readonly ServiceProblem WithoutLease = new(
        StatusCodes.Status503ServiceUnavailable,
        ProblemTypes.DependencyUnavailable,
        "No lease",
        "This node cannot know at the moment which channels are in use.",
        RetryAfter);

    /// <summary>Messages and system events together; succeeds when the broker has taken all of them.</summary>
    public async Task<ServiceResult<Unit>> PublishAsync(PublishRequest request)
    {
        using var activity = StartPublish(request.Messages.Count + request.System.Count);
        return await SendAsync(request.Messages.Count > 0 ? ChannelKind.Message : ChannelKind.System, snapshot => BatchOf(request, snapshot));
    }

    /// <summary>One signal of a connection. <paramref name="data"/> is copied.</summary>
    public Task<ServiceResult<Unit>> SignalAsync(RoomKey room, string id, string sender, string? to, string connection, ReadOnlySpan<byte> data)
    {
        var now = Now();
        var trace = TraceParent();
        var envelope = Frames.Envelope(room.Room, id, sender, to, connection, data, now, trace);
        return SendAsync(ChannelKind.Signal, snapshot =>
        {
            var routes = snapshot.RoutesOf(room);
            var batch = new Batch(routes.Copies, null);
            for (var copy = 0; copy < routes.Copies; copy++)
            {
                batch.Add(routes.SignalChannel(copy), envelope);
            }

            batch.Note(routes);
            return batch;
        });
    }

    /// <summary>Something for every node; needs no lease, as its channel never changes.</summary>
    public Task<ServiceResult<Unit>> ControlAsync(string name, ReadOnlySpan<byte> payload)
    {
        var header = new Envelope(ChannelKind.Control, 0, 0, Now(), null, null, null, name, TraceParent(), default);
        var batch = new Batch(1, "none");
        batch.Add(RedisChannel.Literal(ChannelNames.Control), Envelope.Encode(header, payload));
        return SendAsync(ChannelKind.Control, batch);
    }

    /// <summary>One span for the batch, of a request that is recorded: one per command, as the client's own profiler has it, costs more than the command.</summary>
    private Activity? StartPublish(int events)
    {
        var activity = Activity.Current is { Recorded: true } ? telemetry.Activities.StartActivity("PUBLISH", ActivityKind.Client) : null;
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("db.system.name", "redis");
            activity.SetTag("db.operation.name", "PUBLISH");
            activity.SetTag("db.operation.batch.size", events);
        }

        return activity;
    }

    /// <summary>Only where somebody records: the header costs every receiver its bytes.</summary>
    private static string? TraceParent() => Activity.Current is { Recorded: true } activity ? activity.Id : null;

    private Batch BatchOf(PublishRequest request, LayoutSnapshot snapshot)
    {
        var now = Now();
        var trace = TraceParent();
        var batch = new Batch(request.Messages.Count + request.System.Count, null);
        foreach (var message in request.Messages)
        {
            var routes = snapshot.RoutesOf(new RoomKey(message.Tenant, message.Room));
            var envelope = Frames.Envelope(message, now, trace, routes.Epoch);
            for (var copy = 0; copy < routes.Copies; copy++)
            {
                batch.Add(routes.MessageChannel(copy, message.Id, message.Sender), envelope);
            }

            batch.Note(routes);
        }

        foreach (var record in request.System)
        {
            var routes = snapshot.RoutesOf(new RoomKey(record.Tenant, record.Room));
            var envelope = Frames.Envelope(record, now, trace, routes.Epoch);
            for (var copy = 0; copy < routes.Copies; copy++)
            {
                batch.Add(routes.SystemChannel(copy), envelope);
            }

            batch.Note(routes);
        }

        return batch;
    }

    private async Task<ServiceResult<Unit>> SendAsync(ChannelKind kind, Func<LayoutSnapshot, Batch> batchOf)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (layouts.TryEnter() is not { } snapshot)
            {
                break;
            }

            ServiceResult<Unit> result;
            long? copiesSince;
            try
            {
                var batch = batchOf(snapshot);
                copiesSince = batch.IsSplit ? time.GetTimestamp() : null;
                result = await SendAsync(kind, batch);
            }
            finally
            {
                snapshot.Leave();
            }

            if (!result.IsSuccess || layouts.Holds(snapshot, copiesSince))
            {
                return result;
            }
        }

        telemetry.PublishRefused();
        return WithoutLease;
    }

    private async Task<ServiceResult<Unit>> SendAsync(ChannelKind kind, Batch batch)
    {
        var started = time.GetTimestamp();
        try
        {
            await batch.SendAsync(redis.GetSubscriber());
            telemetry.Published(kind, batch.Layout, time.GetElapsedTime(started), "ok");
            return default(Unit);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            telemetry.Published(kind, batch.Layout, time.GetElapsedTime(started), "failed");
            logger.PublishFailed(batch.Count, exception.Message);
            return new ServiceProblem(
                StatusCodes.Status503ServiceUnavailable, ProblemTypes.BrokerUnavailable, "Broker unavailable", "The broker cannot be reached.", RetryAfter);
        }
    }

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>What goes out together.</summary>
    private sealed class Batch(int capacity, string? layout)
    {
        private readonly List<(RedisChannel Channel, byte[] Envelope)> _items = new(capacity);

        public int Count => _items.Count;

        /// <summary>Value of the <c>layout</c> tag.</summary>
        public string Layout { get; private set; } = layout ?? "none";

        public void Add(RedisChannel channel, byte[] envelope) => _items.Add((channel, envelope));

        /// <summary>Whether some event goes to several channels.</summary>
        public bool IsSplit { get; private set; }

        public void Note(RoomRoutes routes)
        {
            Layout = Layout == "none" || Layout == routes.Layout ? routes.Layout : "mixed";
            IsSplit |= routes.Copies > 1;
        }

        public async Task SendAsync(ISubscriber subscriber)
        {
            if (_items is [var only])
            {
                await subscriber.PublishAsync(only.Channel, only.Envelope);
                return;
            }

            var sends = new Task<long>[_items.Count];
            for (var i = 0; i < sends.Length; i++)
            {
                sends[i] = subscriber.PublishAsync(_items[i].Channel, _items[i].Envelope);
            }

            await Task.WhenAll(sends);
        }
    }
}
