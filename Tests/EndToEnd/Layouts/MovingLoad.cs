using System.Globalization;
using System.Text.Json;
using Client;
using Client.Realtime;
using Contracts;
using Contracts.Messages;
using Contracts.Public;
using Contracts.Publish;
using Tests.Infrastructure;
using Tests.Layouts.Faults;

namespace Tests.EndToEnd.Layouts;

/// <summary>
/// Rooms of two tenants with senders that continue through every fault, over chat's API, and subscribers of both orders over the SDK.
/// </summary>
internal sealed class MovingLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(40);

    private readonly HttpClient _http;
    private readonly List<Room> _rooms = [];
    private readonly List<ChatClient> _clients = [];
    private readonly List<RealtimeConnection> _connections = [];
    private readonly List<Task> _senders = [];
    private readonly CancellationTokenSource _sending = new();
    private readonly CancellationTokenSource _reading = new();
    private long _taken;
    private int _troubles;

    private MovingLoad(HttpClient http) => _http = http;

    private sealed record Room(RoomKey Key, Sent Signals, Sent Events, List<Subscriber> Subscribers)
    {
        public long Head;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Whose rooms are moved; the first is hot.</summary>
    public string Moved => _rooms[0].Key.Tenant;

    /// <summary>Somebody else's room.</summary>
    public RoomKey Other => _rooms[^1].Key;

    public IEnumerable<RoomKey> MovedRooms => _rooms.Where(room => room.Key.Tenant == Moved).Select(static room => room.Key);

    /// <summary>How often subscribers learned on an open connection that they may have missed something.</summary>
    public int Interruptions => Subscribers.Sum(static subscriber => subscriber.Log.Interruptions);

    private IEnumerable<Subscriber> Subscribers => _rooms.SelectMany(static room => room.Subscribers);

    public static async Task<MovingLoad> StartAsync(RunningSystem system, CancellationToken cancellationToken)
    {
        var load = new MovingLoad(await system.ServiceAsync(ServiceNames.Chat, ServiceNames.Realtime, cancellationToken));
        await load.TenantAsync(system, "moved", ["hot", "calm"], cancellationToken);
        await load.TenantAsync(system, "still", ["room"], cancellationToken);
        foreach (var room in load._rooms)
        {
            var client = load._clients.First(client => client.SignedIn!.Tenant == room.Key.Tenant);
            var connection = await client.ConnectAsync(cancellationToken);
            load._connections.Add(connection);
            await connection.SubscribeAsync(room.Key.Room, cancellationToken: cancellationToken);
            for (var i = 0; i < (room == load._rooms[0] ? 3 : 1); i++)
            {
                var sender = i;
                load._senders.Add(Task.Run(() => load.SendMessagesAsync(client, room, sender), cancellationToken));
            }

            load._senders.Add(Task.Run(() => load.SendSignalsAsync(connection, room), cancellationToken));
            load._senders.Add(Task.Run(() => load.SendEventsAsync(room), cancellationToken));
        }

        return load;
    }

    /// <summary>Redis, or a node's connection to it, is disturbed: connections of that time may miss events.</summary>
    public void Trouble() => Interlocked.Increment(ref _troubles);

    /// <summary>Waits until so many more messages, signals and events were accepted.</summary>
    public Task TakeMoreAsync(long events)
    {
        var goal = Interlocked.Read(ref _taken) + events;
        return Eventually.ClearAsync(() =>
        {
            Check();
            return Interlocked.Read(ref _taken) is var taken && taken >= goal ? null : $"{taken} of {goal} events were taken";
        });
    }

    /// <summary>Throws when a subscriber got something that breaks the promise.</summary>
    public void Check()
    {
        if (_senders.FirstOrDefault(static task => task.IsFaulted) is { } sender)
        {
            throw new InvalidOperationException("A sender has ended.", sender.Exception);
        }

        string[] faults = [.. Subscribers.SelectMany(static subscriber => subscriber.Log.Faults), .. Subscribers.Select(static subscriber => subscriber.Broken).OfType<string>()];
        Assert.True(faults.Length == 0, $"{faults.Length} faults: {string.Join("; ", faults.Take(20))}");
    }

    /// <summary>Waits until every subscriber has everything, counted; says how much that was.</summary>
    public async Task<string> FinishAsync()
    {
        await _sending.CancelAsync();
        await Task.WhenAll(_senders);
        await Eventually.ClearAsync(() =>
        {
            Check();
            return _rooms.SelectMany(static room => room.Subscribers.Select(subscriber => subscriber.Lacks(room.Head))).FirstOrDefault(static lack => lack is not null);
        });
        return $"{_rooms.Sum(static room => room.Head)} messages, {_rooms.Sum(static room => room.Events.Count)} of {_rooms.Sum(static room => room.Events.Begun)} system events, "
            + $"{_rooms.Sum(static room => room.Signals.Count)} of {_rooms.Sum(static room => room.Signals.Begun)} signals taken; "
            + $"{Subscribers.Count()} subscribers, {Subscribers.Sum(static s => s.Log.Connections)} connections, {Interruptions} interruptions told";
    }

    public async ValueTask DisposeAsync()
    {
        await _sending.CancelAsync();
        await Task.WhenAll(_senders).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var subscriber in Subscribers)
        {
            await subscriber.DisposeAsync();
        }

        await _reading.CancelAsync();
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        _http.Dispose();
        _sending.Dispose();
        _reading.Dispose();
    }

    private async Task TenantAsync(RunningSystem system, string prefix, string[] rooms, CancellationToken cancellationToken)
    {
        var admin = await system.NewTenantAsync(prefix, cancellationToken);
        var tenant = admin.SignedIn!.Tenant;
        var reader = await system.NewUserAsync(tenant, "reader", cancellationToken);
        _clients.AddRange([admin, reader]);
        foreach (var name in rooms)
        {
            var created = await admin.Rooms.CreateAsync(new NewRoom(name, name, Contracts.Rooms.RoomVisibilities.Public), cancellationToken);
            Assert.True(created.IsSuccess, created.Problem?.ToString());
            var joined = await reader.Rooms.JoinAsync(name, cancellationToken);
            Assert.True(joined.IsSuccess, joined.Problem?.ToString());
            var room = new Room(new RoomKey(tenant, name), new Sent(TimeProvider.System), new Sent(TimeProvider.System), []);
            foreach (var order in (MessageOrder[])[MessageOrder.Server, MessageOrder.Client, MessageOrder.Server, MessageOrder.Client])
            {
                room.Subscribers.Add(await Subscriber.OpenAsync(
                    $"{room.Key} {order} {room.Subscribers.Count}", reader, name, order, room.Signals, room.Events, () => Volatile.Read(ref _troubles), _reading.Token));
            }

            _rooms.Add(room);
        }
    }

    private async Task SendMessagesAsync(ChatClient client, Room room, int sender)
    {
        using var tick = new PeriodicTimer(Pace, TimeProvider.System);
        for (var n = 0; !_sending.IsCancellationRequested; n++)
        {
            await tick.WaitForNextTickAsync(Token);
            var id = string.Create(CultureInfo.InvariantCulture, $"m{sender}-{n}");
            await Eventually.ClearAsync(async () =>
            {
                var posted = await client.Messages.PostAsync(room.Key.Room, new NewMessage($"text {id}", id), Token);
                if (posted.TryGet(out _, out var problem))
                {
                    return null;
                }

                Assert.True(problem.IsTransient, problem.ToString());
                return $"post answers {problem.Status} {problem.Type} {problem.Detail}";
            });
            Interlocked.Increment(ref room.Head);
            Interlocked.Increment(ref _taken);
        }
    }

    /// <summary>System events as chat's relay publishes them, with numbers of ours.</summary>
    private async Task SendEventsAsync(Room room)
    {
        var realtime = new RealtimeClient(_http);
        using var tick = new PeriodicTimer(Pace, TimeProvider.System);
        while (!_sending.IsCancellationRequested)
        {
            await tick.WaitForNextTickAsync(Token);
            var number = room.Events.Begin();
            var record = new SystemEventRecord(
                room.Key.Tenant, room.Key.Room, string.Create(CultureInfo.InvariantCulture, $"e{number}"), SystemEvents.RoomUpdated, "somebody", DateTimeOffset.UnixEpoch);
            await Eventually.ClearAsync(async () =>
            {
                var result = await realtime.PublishAsync(new PublishRequest([], [record]), Token);
                return result.TryGet(out _, out var problem) ? null : $"publishing answers {problem.Status} {problem.Type}";
            });
            room.Events.Take(number);
            Interlocked.Increment(ref _taken);
        }
    }

    /// <summary>Each signal is sent once: without an acknowledgement a client does not know whether it was accepted.</summary>
    private async Task SendSignalsAsync(RealtimeConnection connection, Room room)
    {
        using var tick = new PeriodicTimer(Pace, TimeProvider.System);
        while (!_sending.IsCancellationRequested)
        {
            await tick.WaitForNextTickAsync(Token);
            var number = room.Signals.Begin();
            using var data = JsonDocument.Parse(number.ToString(CultureInfo.InvariantCulture));
            try
            {
                await connection.SignalAsync(room.Key.Room, data.RootElement.Clone(), cancellationToken: Token);
            }
            catch (RealtimeException)
            {
                // Its socket is lost, or the node refuses: try the next one.
                continue;
            }

            room.Signals.Take(number);
            Interlocked.Increment(ref _taken);
        }
    }
}
