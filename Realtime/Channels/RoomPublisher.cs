using System.Diagnostics;
using System.Runtime.InteropServices;
using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Contracts.Publish;
using Contracts.Results;
using Realtime.Counting;
using Realtime.Wire;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>
/// Hands events of rooms to the broker, on every channel that their rooms' layouts name. A batch is pipelined: all of it is sent before the first
/// answer is awaited. An event is encoded once, however many channels it goes to. Messages of one batch that go to the same channels travel as
/// <see cref="Bundle"/>s.
/// </summary>
/// <remarks>
/// A publish counts when the node's lease held before it began and after the broker had taken it. One that outlasted the lease is repeated
/// by the current layouts, or refused: the caller repeats it elsewhere. Receivers drop the second copy.
/// </remarks>
internal sealed class RoomPublisher(
    IConnectionMultiplexer redis,
    ChannelLayouts layouts,
    NodeCounters counters,
    HotRoomCounter hot,
    RealtimeTelemetry telemetry,
    TimeProvider time,
    ILogger<RoomPublisher> logger)
{
    /// <summary>A second run over the lease's end in a row means that the node is in no state to publish.</summary>
    private const int MaxTries = 2;

    /// <summary>Encoding never awaits.</summary>
    [ThreadStatic]
    private static BundleWriter? _writer;

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
        return await SendAsync(snapshot => BatchOf(request, snapshot));
    }

    /// <summary>One signal of a connection. <paramref name="data"/> is copied.</summary>
    public Task<ServiceResult<Unit>> SignalAsync(RoomKey room, string id, string sender, string? to, string connection, ReadOnlySpan<byte> data)
    {
        var now = Now();
        var trace = TraceParent();
        var envelope = Frames.Envelope(room.Room, id, sender, to, connection, data, now, trace);
        return SendAsync(snapshot =>
        {
            var routes = snapshot.RoutesOf(room);
            var batch = new Batch(routes.Copies);
            batch.Add(routes, ChannelKind.Signal, room, id, sender, envelope, events: 1);
            return batch;
        });
    }

    /// <summary>Something for every node; needs no lease, as its channel never changes.</summary>
    public Task<ServiceResult<Unit>> ControlAsync(string name, ReadOnlySpan<byte> payload)
    {
        var header = new Envelope(ChannelKind.Control, 0, 0, Now(), null, null, null, name, TraceParent(), default);
        var batch = new Batch(1);
        batch.Add(RedisChannel.Literal(ChannelNames.Control), Envelope.Encode(header, payload));
        return SendAsync(batch);
    }

    /// <summary>
    /// One span for the batch, of a request that is recorded: one per command, as the client's own profiler has it, costs more than the command.
    /// </summary>
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
        var batch = new Batch(request.Messages.Count + request.System.Count);
        AddMessages(batch, request.Messages, snapshot, now, trace);
        foreach (var record in request.System)
        {
            var room = new RoomKey(record.Tenant, record.Room);
            var routes = snapshot.RoutesOf(room);
            batch.Add(routes, ChannelKind.System, room, record.Id, record.Actor, Frames.Envelope(record, now, trace, routes.Epoch), events: 1);
        }

        return batch;
    }

    /// <summary>In groups that may share a bundle, each in the order of the batch.</summary>
    private void AddMessages(Batch batch, IReadOnlyList<MessageRecord> messages, LayoutSnapshot snapshot, long now, string? trace)
    {
        // Taken out while in use: what throws halfway leaves no half-filled writer behind.
        var writer = _writer ?? new BundleWriter();
        _writer = null;
        var most = layouts.ReadBundles ? Bundle.MaxMessages : 1;
        foreach (var (routes, group) in GroupsOf(messages, snapshot))
        {
            var first = group[0];
            foreach (var message in group)
            {
                if (writer.Count > 0 && (writer.Count == most || !writer.TryAdd(message)))
                {
                    Take(first, routes);
                }

                if (writer.Count == 0)
                {
                    first = message;
                    writer.TryAdd(message);
                }
            }

            Take(first, routes);
        }

        _writer = writer;

        void Take(MessageRecord first, RoomRoutes routes)
        {
            var events = writer.Count;
            batch.Add(
                routes, ChannelKind.Message, new RoomKey(first.Tenant, first.Room), first.Id, first.Sender, writer.Take(routes.Epoch, now, trace), events);
        }
    }

    private static IEnumerable<(RoomRoutes Routes, IReadOnlyList<MessageRecord> Group)> GroupsOf(IReadOnlyList<MessageRecord> messages, LayoutSnapshot snapshot)
    {
        if (messages is [var only])
        {
            return [(snapshot.RoutesOf(new RoomKey(only.Tenant, only.Room)), messages)];
        }

        var groups = new Dictionary<(RoomRoutes Routes, int Group), List<MessageRecord>>();
        foreach (var message in messages)
        {
            var routes = snapshot.RoutesOf(new RoomKey(message.Tenant, message.Room));
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, (routes, routes.GroupOf(message.Sender)), out _);
            (group ??= []).Add(message);
        }

        return groups.Select(static pair => (pair.Key.Routes, (IReadOnlyList<MessageRecord>)pair.Value));
    }

    private async Task<ServiceResult<Unit>> SendAsync(Func<LayoutSnapshot, Batch> batchOf)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (layouts.TryEnter() is not { } snapshot)
            {
                break;
            }

            ServiceResult<Unit> result;
            Batch batch;
            long? copiesSince;
            try
            {
                batch = batchOf(snapshot);
                copiesSince = batch.IsSplit ? time.GetTimestamp() : null;
                result = await SendAsync(batch);
            }
            finally
            {
                snapshot.Leave();
            }

            if (!result.IsSuccess || layouts.Holds(snapshot, copiesSince))
            {
                if (result.IsSuccess)
                {
                    batch.CountRooms(hot);
                }

                return result;
            }
        }

        telemetry.PublishRefused();
        return WithoutLease;
    }

    private async Task<ServiceResult<Unit>> SendAsync(Batch batch)
    {
        if (await batch.SendAsync(this) is not { } failure)
        {
            return default(Unit);
        }

        logger.PublishFailed(batch.Count, failure);
        return new ServiceProblem(
            StatusCodes.Status503ServiceUnavailable, ProblemTypes.BrokerUnavailable, "Broker unavailable", "The broker cannot be reached.", RetryAfter);
    }

    /// <summary>
    /// One copy, timed for itself: copies that go to several servers are answered in any order, and each counts when its own answer is there. Its
    /// state is all that a copy allocates. Null when the broker has taken it, else why not.
    /// </summary>
    private async Task<string?> SendAsync(Copy copy)
    {
        var started = time.GetTimestamp();
        try
        {
            await redis.GetSubscriber().PublishAsync(copy.To.Channel, copy.Envelope);
            Count(copy, time.GetElapsedTime(started), isTaken: true);
            return null;
        }
        catch (Exception exception) when (exception.IsOfBroker())
        {
            Count(copy, time.GetElapsedTime(started), isTaken: false);
            return exception.Message;
        }
    }

    private void Count(in Copy copy, TimeSpan duration, bool isTaken)
    {
        if (copy.Kind == ChannelKind.Control)
        {
            telemetry.Published(copy.Kind, LayoutNames.None, 0, copy.Events, duration, isTaken);
            return;
        }

        telemetry.Published(copy.Kind, LayoutNames.Of(copy.To.IsSharded), copy.To.Shard, copy.Events, duration, isTaken);
        if (isTaken)
        {
            counters.Published(copy.Kind, copy.To.IsSharded, copy.Scope, copy.Events, duration);
        }
        else
        {
            counters.Failed(copy.Kind, copy.To.IsSharded, copy.Scope, copy.Events);
        }
    }

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>An event, or a bundle of them, on one of its channels.</summary>
    private readonly record struct Copy(PublishedChannel To, byte[] Envelope, ChannelKind Kind, LayoutScope Scope, int Events);

    /// <summary>What goes out together.</summary>
    private sealed class Batch(int capacity)
    {
        private readonly List<Copy> _copies = new(capacity);
        private readonly List<(RoomKey Room, ChannelKind Kind, int Count)> _events = new(capacity);

        public int Count => _copies.Count;

        /// <summary>Whether some event goes to several channels.</summary>
        public bool IsSplit { get; private set; }

        /// <summary>One envelope, to every channel that the routes name for the event, or for the first one of a bundle.</summary>
        public void Add(RoomRoutes routes, ChannelKind kind, in RoomKey room, string id, string sender, byte[] envelope, int events)
        {
            for (var copy = 0; copy < routes.Copies; copy++)
            {
                _copies.Add(new Copy(routes.Channel(copy, kind, id, sender), envelope, kind, routes.Scope, events));
            }

            _events.Add((room, kind, events));
            IsSplit |= routes.Copies > 1;
        }

        /// <summary>Something from node to node.</summary>
        public void Add(RedisChannel channel, byte[] envelope) =>
            _copies.Add(new Copy(new PublishedChannel(channel, IsSharded: false, 0), envelope, ChannelKind.Control, LayoutScope.All, Events: 1));

        /// <summary>Once, when it is certain that it counts.</summary>
        public void CountRooms(HotRoomCounter hot)
        {
            foreach (var (room, kind, count) in _events)
            {
                hot.Add(room, kind == ChannelKind.Message, count);
            }
        }

        /// <summary>All at once; null when the broker has taken everything, else the first reason why not.</summary>
        public async Task<string?> SendAsync(RoomPublisher publisher)
        {
            if (_copies is [var only])
            {
                return await publisher.SendAsync(only);
            }

            var sends = new Task<string?>[_copies.Count];
            for (var i = 0; i < sends.Length; i++)
            {
                sends[i] = publisher.SendAsync(_copies[i]);
            }

            string? failure = null;
            foreach (var send in sends)
            {
                failure = await send ?? failure;
            }

            return failure;
        }
    }
}
