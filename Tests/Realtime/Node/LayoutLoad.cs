using System.Collections.Concurrent;
using System.Text.Json;
using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;
using Tests.Infrastructure;

namespace Tests.Realtime.Node;

/// <summary>
/// Senders that never pause, and readers of every kind on every node, which count what they receive: each message, signal and system event once,
/// messages in order.
/// </summary>
internal sealed class LayoutLoad : IAsyncDisposable
{
    private readonly IReadOnlyList<RealtimeNode> _nodes;
    private readonly MemoryRooms _rooms;
    private readonly IReadOnlyList<RoomKey> _names;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ConcurrentDictionary<RoomKey, ConcurrentQueue<string>> _events = new();
    private readonly ConcurrentDictionary<RoomKey, ConcurrentQueue<long>> _signals = new();
    private readonly List<LayoutReader> _readers = [];
    private readonly List<TestSocket> _sockets = [];
    private readonly List<Task> _senders = [];
    private long _sent;

    private LayoutLoad(IReadOnlyList<RealtimeNode> nodes, MemoryRooms rooms, IReadOnlyList<RoomKey> names)
    {
        _nodes = nodes;
        _rooms = rooms;
        _names = names;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Readers of both orders of every room on every node, then one sender of each kind a room; the first room gets four.</summary>
    public static async Task<LayoutLoad> StartAsync(IReadOnlyList<RealtimeNode> nodes, MemoryRooms rooms, IReadOnlyList<RoomKey> names)
    {
        var load = new LayoutLoad(nodes, rooms, names);
        foreach (var name in names)
        {
            rooms.Create(name, "reader", "sender");
            load._events[name] = new();
            load._signals[name] = new();
            foreach (var node in nodes)
            {
                foreach (var order in (string[])[FrameTypes.OrderServer, FrameTypes.OrderClient])
                {
                    var socket = await node.ConnectAsync(name.Tenant, "reader");
                    await socket.SubscribeAsync(name.Room, after: 0, order: order);
                    load._sockets.Add(socket);
                    load._readers.Add(new LayoutReader(name, socket, isOrdered: order == FrameTypes.OrderServer));
                }
            }
        }

        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i];
            for (var copies = 0; copies < (i == 0 ? 4 : 1); copies++)
            {
                load._senders.Add(load.SendMessagesAsync(name, seed: (i * 10) + copies));
            }

            load._senders.Add(load.SendEventsAsync(name, seed: i));
            var socket = await nodes[i % nodes.Count].ConnectAsync(name.Tenant, "sender");
            await socket.SubscribeAsync(name.Room);
            load._sockets.Add(socket);
            load._senders.Add(load.SendSignalsAsync(name, socket));
        }

        return load;
    }

    /// <summary>Waits until so many more events were sent.</summary>
    public Task SendMoreAsync(long events)
    {
        var goal = Interlocked.Read(ref _sent) + events;
        return Eventually.ReachAsync(
            () =>
            {
                Assert.DoesNotContain(_senders, static sender => sender.IsFaulted);
                return Interlocked.Read(ref _sent);
            },
            goal,
            "events were sent");
    }

    /// <summary>Ends the senders, and compares what every reader got with what was sent.</summary>
    public async Task<string> FinishAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_senders);
        foreach (var reader in _readers)
        {
            await reader.ExpectAsync(_rooms.Head(reader.Room), [.. _events[reader.Room]], [.. _signals[reader.Room]]);
        }

        var messages = _names.Sum(_rooms.Head);
        return $"{messages} messages, {_events.Values.Sum(static q => q.Count)} system events, {_signals.Values.Sum(static q => q.Count)} signals, {_readers.Count} readers";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var socket in _sockets)
        {
            await socket.DisposeAsync();
        }

        foreach (var reader in _readers)
        {
            await reader.Reading;
        }

        _stop.Dispose();
    }

    private async Task SendMessagesAsync(RoomKey room, int seed)
    {
        var random = new Random(seed);
        while (!_stop.IsCancellationRequested)
        {
            var batch = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => _rooms.Append(room)).ToArray();
            await PublishAsync(random, new PublishRequest(batch, []));
            Interlocked.Add(ref _sent, batch.Length);
        }
    }

    private async Task SendEventsAsync(RoomKey room, int seed)
    {
        var random = new Random(seed);
        for (var n = 0; !_stop.IsCancellationRequested; n++)
        {
            var record = new SystemEventRecord(room.Tenant, room.Room, $"e{n}", SystemEvents.RoomUpdated, "sender", DateTimeOffset.UnixEpoch);
            await PublishAsync(random, new PublishRequest([], [record]));
            _events[room].Enqueue(record.Id);
            Interlocked.Increment(ref _sent);
        }
    }

    /// <summary>As chat's relay does: retried on another node, until it is accepted.</summary>
    private Task PublishAsync(Random random, PublishRequest request) => Eventually.ClearAsync(async () =>
    {
        var result = await _nodes[random.Next(_nodes.Count)].Client.PublishAsync(request, Token);
        return result.TryGet(out _, out var problem) ? null : $"publishing answers {problem.Status} {problem.Type}";
    });

    private async Task SendSignalsAsync(RoomKey room, TestSocket socket)
    {
        for (var n = 0L; !_stop.IsCancellationRequested; n++)
        {
            using var data = JsonDocument.Parse(n.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await socket.SendAsync(new ClientFrame(FrameTypes.Signal, $"s{n}", room.Room, Data: data.RootElement.Clone()));
            if (await AnswerAsync(socket))
            {
                _signals[room].Enqueue(n);
                Interlocked.Increment(ref _sent);
            }
        }
    }

    /// <summary>True: accepted. False: refused, which a client would see and handle.</summary>
    private static async Task<bool> AnswerAsync(TestSocket socket)
    {
        while (true)
        {
            var frame = await socket.NextAsync();
            if (frame.Type == FrameTypes.Ack)
            {
                return true;
            }

            if (frame.Type == FrameTypes.Error)
            {
                Assert.True(frame.Code is ErrorCodes.RateLimited or ErrorCodes.Unavailable, frame.ToString());
                return false;
            }
        }
    }
}
