using System.Diagnostics;
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
/// Hands events of rooms to the broker, on every channel that their rooms' layouts name. An event is encoded once, however many channels it goes to.
/// Messages of one room that are handed over together, or while earlier ones are under way (<see cref="RoomLane"/>), travel as <see cref="Bundle"/>s.
/// </summary>
/// <remarks>
/// A publish counts when the node's lease held before it began and after the broker had taken it. One that outlasted the lease is repeated
/// by the current layouts, or refused: the caller repeats it elsewhere. Receivers drop the second copy.
/// </remarks>
internal sealed class RoomPublisher
{
    /// <summary>A second run over the lease's end in a row means that the node is in no state to publish.</summary>
    private const int MaxTries = 2;

    /// <summary>Encoding never awaits.</summary>
    [ThreadStatic]
    private static BundleWriter? _bundles;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private static readonly ServiceProblem WithoutLease = new(
        StatusCodes.Status503ServiceUnavailable,
        ProblemTypes.DependencyUnavailable,
        "No lease",
        "This node cannot know at the moment which channels are in use.",
        RetryAfter);

    private readonly BrokerWriter _writer;
    private readonly ChannelLayouts _layouts;
    private readonly HotRoomCounter _hot;
    private readonly RealtimeTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<RoomPublisher> _logger;
    private readonly WriteMessages _writeMessages;

    public RoomPublisher(
        BrokerWriter writer, ChannelLayouts layouts, HotRoomCounter hot, RealtimeTelemetry telemetry, TimeProvider time, ILogger<RoomPublisher> logger)
    {
        _writer = writer;
        _layouts = layouts;
        _hot = hot;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _writeMessages = (routes, messages, since) => WriteAsync(routes, messages, since, trace: null);
    }

    /// <summary>Messages and system events together; succeeds when the broker has taken all of them.</summary>
    public async Task<ServiceResult<Unit>> PublishAsync(PublishRequest request)
    {
        using var activity = StartPublish(request.Messages.Count + request.System.Count);
        var rooms = RoomsOf(request.Messages);
        var result = await WithLeaseAsync(snapshot => Begin(rooms, request.System, snapshot));
        if (result.IsSuccess)
        {
            foreach (var (room, messages) in rooms)
            {
                _hot.Add(room, isMessage: true, messages.Count);
            }

            foreach (var record in request.System)
            {
                _hot.Add(new RoomKey(record.Tenant, record.Room), isMessage: false);
            }
        }

        return result;
    }

    /// <summary>One signal of a connection. <paramref name="data"/> is copied.</summary>
    public Task<ServiceResult<Unit>> SignalAsync(RoomKey room, string id, string sender, string? to, string connection, ReadOnlySpan<byte> data)
    {
        return PublishAsync(Frames.Envelope(room.Room, id, sender, to, connection, data, Now(), TraceParent()));

        async Task<ServiceResult<Unit>> PublishAsync(byte[] envelope)
        {
            var result = await WithLeaseAsync(snapshot =>
            {
                var routes = snapshot.RoutesOf(room);
                return new Sending(1, _writer.WriteAsync(routes.CopiesOf(ChannelKind.Signal, id, sender, envelope, events: 1)), routes.Copies > 1);
            });
            if (result.IsSuccess)
            {
                _hot.Add(room, isMessage: false);
            }

            return result;
        }
    }

    /// <summary>Something for every node; needs no lease, as its channel never changes.</summary>
    public Task<ServiceResult<Unit>> ControlAsync(string name, ReadOnlySpan<byte> payload)
    {
        var header = new Envelope(ChannelKind.Control, 0, 0, Now(), null, null, null, name, TraceParent(), default);
        var to = new PublishedChannel(RedisChannel.Literal(ChannelNames.Control), IsSharded: false, 0);
        var copy = new EventCopy(to, Envelope.Encode(header, payload), ChannelKind.Control, LayoutScope.All, Events: 1);
        return ResultOfAsync(new Sending(1, _writer.WriteAsync([copy]), IsSplit: false));
    }

    /// <summary>
    /// One span for the batch, of a request that is recorded: one per command, as the client's own profiler has it, costs more than the command.
    /// </summary>
    private Activity? StartPublish(int events)
    {
        var activity = Activity.Current is { Recorded: true } ? _telemetry.Activities.StartActivity("PUBLISH", ActivityKind.Client) : null;
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

    private static IReadOnlyList<(RoomKey Room, IReadOnlyList<MessageRecord> Messages)> RoomsOf(IReadOnlyList<MessageRecord> messages)
    {
        if (messages is [])
        {
            return [];
        }

        var first = RoomOf(messages[0]);
        if (messages.All(message => RoomOf(message) == first))
        {
            return [(first, messages)];
        }

        return [.. messages.GroupBy(RoomOf).Select(static room => (room.Key, (IReadOnlyList<MessageRecord>)[.. room]))];
    }

    private static RoomKey RoomOf(MessageRecord message) => new(message.Tenant, message.Room);

    private Sending Begin(
        IReadOnlyList<(RoomKey Room, IReadOnlyList<MessageRecord> Messages)> rooms, IReadOnlyList<SystemEventRecord> events, LayoutSnapshot snapshot)
    {
        var trace = TraceParent();
        var isSplit = false;
        var count = events.Count;
        var writes = new List<Task<string?>>(rooms.Count + 1);
        foreach (var (room, messages) in rooms)
        {
            var routes = snapshot.RoutesOf(room);
            isSplit |= routes.Copies > 1;
            count += messages.Count;

            // A bundle has one trace: what is recorded travels alone. Nodes that read no bundles would only make messages wait for each other.
            writes.Add(
                trace is not null || !_layouts.ReadBundles
                    ? WriteAsync(routes, messages, _time.GetTimestamp(), trace)
                    : routes.Lane.WriteAsync(messages, _time, _writeMessages));
        }

        if (events.Count > 0)
        {
            var copies = new List<EventCopy>(events.Count);
            foreach (var record in events)
            {
                var routes = snapshot.RoutesOf(new RoomKey(record.Tenant, record.Room));
                isSplit |= routes.Copies > 1;
                copies.AddRange(routes.CopiesOf(ChannelKind.System, record.Id, record.Actor, Frames.Envelope(record, Now(), trace, routes.Epoch), events: 1));
            }

            writes.Add(_writer.WriteAsync(copies));
        }

        return new Sending(count, writes is [var only] ? only : AllAsync(writes), isSplit);
    }

    private static async Task<string?> AllAsync(List<Task<string?>> writes)
    {
        var failures = await Task.WhenAll(writes);
        return Array.Find(failures, static failure => failure is not null);
    }

    private Task<string?> WriteAsync(RoomRoutes routes, IReadOnlyList<MessageRecord> messages, long since, string? trace)
    {
        var waited = _time.GetElapsedTime(since);
        _telemetry.Gathered(waited);

        // Taken out while in use: what throws halfway leaves no half-filled writer behind.
        var bundles = _bundles ?? new BundleWriter();
        _bundles = null;
        var copies = new List<EventCopy>();
        var publishedAt = Now() - (long)waited.TotalMicroseconds;
        var most = _layouts.ReadBundles ? Bundle.MaxMessages : 1;
        foreach (var group in routes.GroupsOf(messages))
        {
            var first = group[0];
            foreach (var message in group)
            {
                if (bundles.Count > 0 && (bundles.Count == most || !bundles.TryAdd(message)))
                {
                    Take(first);
                }

                if (bundles.Count == 0)
                {
                    first = message;
                    bundles.TryAdd(message);
                }
            }

            Take(first);
        }

        _bundles = bundles;
        return _writer.WriteAsync(copies);

        void Take(MessageRecord first)
        {
            var events = bundles.Count;
            copies.AddRange(routes.CopiesOf(ChannelKind.Message, first.Id, first.Sender, bundles.Take(routes.Epoch, publishedAt, trace), events));
        }
    }

    /// <summary>Publishes by the layouts of the moment, again where they changed meanwhile.</summary>
    private async Task<ServiceResult<Unit>> WithLeaseAsync(Func<LayoutSnapshot, Sending> begin)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (_layouts.TryEnter() is not { } snapshot)
            {
                break;
            }

            ServiceResult<Unit> result;
            var started = _time.GetTimestamp();
            bool isSplit;
            try
            {
                var sending = begin(snapshot);
                isSplit = sending.IsSplit;
                result = await ResultOfAsync(sending);
            }
            finally
            {
                snapshot.Leave();
            }

            if (!result.IsSuccess || _layouts.Holds(snapshot, isSplit ? started : null))
            {
                return result;
            }
        }

        _telemetry.PublishRefused();
        return WithoutLease;
    }

    private async Task<ServiceResult<Unit>> ResultOfAsync(Sending sending)
    {
        if (await sending.Written is not { } failure)
        {
            return default(Unit);
        }

        _logger.PublishFailed(sending.Events, failure);
        return new ServiceProblem(
            StatusCodes.Status503ServiceUnavailable, ProblemTypes.BrokerUnavailable, "Broker unavailable", "The broker cannot be reached.", RetryAfter);
    }

    private long Now() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>What was begun.</summary>
    /// <param name="Events">How many.</param>
    /// <param name="Written">Null when the broker has taken all, else why not.</param>
    /// <param name="IsSplit">Whether some event goes to several channels.</param>
    private readonly record struct Sending(int Events, Task<string?> Written, bool IsSplit);
}
