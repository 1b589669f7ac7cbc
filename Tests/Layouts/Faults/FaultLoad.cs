using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;
using Tests.Infrastructure;
using Tests.Realtime;

namespace Tests.Layouts.Faults;

/// <summary>
/// Senders that continue through every fault, as chat and clients do, and readers of both orders; what was sent and what each reader got is counted.
/// </summary>
internal sealed class FaultLoad : IAsyncDisposable
{
    /// <summary>Between two events of a sender: the machine has other things to do as well.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(15);

    private const int Readers = 2;

    private readonly FaultRig _rig;
    private readonly Dictionary<RoomKey, (Sent Signals, Sent Events)> _sent;
    private readonly List<FaultReader> _readers = [];
    private readonly CancellationTokenSource _sending = CancellationTokenSource.CreateLinkedTokenSource(Token);
    private readonly CancellationTokenSource _reading = CancellationTokenSource.CreateLinkedTokenSource(Token);
    private readonly List<Task> _senders = [];
    private readonly List<Task> _reads = [];
    private long _tries;
    private long _messages;

    public FaultLoad(FaultRig rig)
    {
        _rig = rig;
        _sent = rig.Rooms.ToDictionary(static room => room, static _ => (new Sent(TimeProvider.System), new Sent(TimeProvider.System)));
        foreach (var room in rig.Rooms)
        {
            var (signals, events) = _sent[room];
            for (var i = 0; i < Readers; i++)
            {
                foreach (var order in (string[])[FrameTypes.OrderServer, FrameTypes.OrderClient])
                {
                    _readers.Add(new FaultReader(rig, room, order, $"{room} {order} {i}", signals, events));
                }
            }

            for (var i = 0; i < (room == rig.Rooms[0] ? 3 : 1); i++)
            {
                var sender = i;
                _senders.Add(Task.Run(() => SendMessagesAsync(room, sender), Token));
            }

            _senders.Add(Task.Run(() => SendEventsAsync(room, events), Token));
            _senders.Add(Task.Run(() => SendSignalsAsync(room, signals), Token));
        }

        _reads.AddRange(_readers.Select(reader => Task.Run(() => reader.ReadAsync(_reading.Token), Token)));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What readers found wrong so far.</summary>
    public IReadOnlyList<string> Faults => [.. _readers.SelectMany(static reader => reader.Log.Faults)];

    /// <summary>
    /// The fewest times that a reader of the room learned that it may have missed something, by an event or by the end of its connection.
    /// </summary>
    public int Notices(RoomKey room) => _readers.Where(reader => reader.Room == room).Min(static reader => reader.Log.Interruptions + reader.Log.Connections - 1);

    /// <summary>The most times, of any reader.</summary>
    public int ToldAtMost(RoomKey room) => _readers.Where(reader => reader.Room == room).Max(static reader => reader.Log.Interruptions + reader.Log.Connections - 1);

    /// <summary>Waits until senders have tried so many more events, accepted or not.</summary>
    public Task TryMoreAsync(long events)
    {
        var goal = Interlocked.Read(ref _tries) + events;
        return Eventually.ClearAsync(() => Ended() ?? (Interlocked.Read(ref _tries) is var tries && tries >= goal ? null : $"{tries} of {goal} events were tried"));
    }

    /// <summary>Waits until every reader has everything that it was promised up to now, while senders go on: nobody has to wait for the end to get it.</summary>
    public async Task<string> FinishAsync()
    {
        await _sending.CancelAsync();
        await Eventually.ClearAsync(() => Ended() ?? (_senders.Count(static s => !s.IsCompleted) is var left && left > 0 ? $"FAULTS {string.Join("; ", Faults.Take(20))}; {left} senders go on ({string.Join(' ', _senders.Index().Where(static s => !s.Item.IsCompleted).Select(static s => s.Index))}), tries {Interlocked.Read(ref _tries)}, signals {string.Join(' ', _sent.Values.Select(static s => $"{s.Signals.Count}/{s.Signals.Begun}"))}: {string.Join(' ', _senders.Select(static s => s.Status))}" : null));
        var heads = new Dictionary<RoomKey, long>();
        foreach (var room in _rig.Rooms)
        {
            var page = await _rig.Dbman.Client.Messages.GetHeadsAsync(new HeadsRequest([room]), Token);
            heads[room] = page.Value.Heads.Single().LastSeq;
        }

        await Eventually.ClearAsync(() => Faults.Count > 0
            ? null
            : _readers.Select(reader => reader.Log.Lacks(heads[reader.Room], _sent[reader.Room].Signals, _sent[reader.Room].Events)).FirstOrDefault(static lack => lack is not null));
        Assert.True(Faults.Count == 0, $"{Faults.Count} FAULTS: {string.Join("; ", Faults.Take(40))}");
        Assert.Equal(Interlocked.Read(ref _messages), heads.Values.Sum());
        return $"{heads.Values.Sum()} messages, {_sent.Values.Sum(static s => s.Events.Count)} of {_sent.Values.Sum(static s => s.Events.Begun)} system events, "
            + $"{_sent.Values.Sum(static s => s.Signals.Count)} of {_sent.Values.Sum(static s => s.Signals.Begun)} signals taken; "
            + $"{_readers.Count} readers, {_readers.Sum(static reader => reader.Log.Connections)} connections, {_readers.Sum(static reader => reader.Log.Interruptions)} interruptions told";
    }

    public async ValueTask DisposeAsync()
    {
        await _sending.CancelAsync();
        await _reading.CancelAsync();
        await Task.WhenAll([.. _senders, .. _reads]).WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sending.Dispose();
        _reading.Dispose();
    }

    /// <summary>Throws when a sender or reader has ended on its own.</summary>
    public string? Ended() => _senders.Concat(_reads).FirstOrDefault(static task => task.IsFaulted) is { } faulted
        ? throw new InvalidOperationException("The load has ended.", faulted.Exception)
        : null;

    /// <summary>
    /// Stores, then publishes until it is accepted, as chat and its relay do. No append is given up at the end: such a message could not be counted.
    /// </summary>
    private async Task SendMessagesAsync(RoomKey room, int sender)
    {
        using var tick = new PeriodicTimer(Pace, TimeProvider.System);
        for (var n = 0; !_sending.IsCancellationRequested; n++)
        {
            await tick.WaitForNextTickAsync(Token);

            // One, or several that travel together.
            var items = Enumerable.Range(0, 1 + (n % 3))
                .Select(part => string.Create(CultureInfo.InvariantCulture, $"m{sender}-{n}-{part}"))
                .Select(id => new AppendItem(room.Tenant, room.Room, id, FaultRig.Sender, $"text {id}"))
                .ToArray();
            MessageRecord[]? stored = null;
            await Eventually.ClearAsync(async () =>
            {
                var appended = await _rig.Dbman.Client.Messages.AppendAsync(new AppendRequest(items), Token);
                stored = appended.TryGet(out var outcomes, out var problem) && outcomes.Outcomes.All(static outcome => outcome.Message is not null)
                    ? [.. outcomes.Outcomes.Select(static outcome => outcome.Message!)]
                    : null;
                return stored is null ? $"appending answers {problem?.Type}" : null;
            });
            Interlocked.Add(ref _messages, items.Length);
            await PublishAsync(new PublishRequest(stored!, []));
        }
    }

    private async Task SendEventsAsync(RoomKey room, Sent events)
    {
        using var tick = new PeriodicTimer(Pace, TimeProvider.System);
        while (!_sending.IsCancellationRequested)
        {
            await tick.WaitForNextTickAsync(Token);
            var number = events.Begin();
            var record = new SystemEventRecord(
                room.Tenant, room.Room, string.Create(CultureInfo.InvariantCulture, $"e{number}"), SystemEvents.RoomUpdated, FaultRig.Sender, DateTimeOffset.UnixEpoch);
            await PublishAsync(new PublishRequest([], [record]));
            events.Take(number);
        }
    }

    /// <summary>As chat's relay does: retried on another node, until it is accepted.</summary>
    private Task PublishAsync(PublishRequest request) => Eventually.ClearAsync(async () =>
    {
        Interlocked.Increment(ref _tries);
        try
        {
            var result = await _rig.Pick().Node.Client.PublishAsync(request, Token);
            return result.TryGet(out _, out var problem) ? null : $"publishing answers {problem.Status} {problem.Type}";
        }
        catch (ObjectDisposedException)
        {
            return "the node is gone";
        }
    });

    /// <summary>Each signal is sent once: without an acknowledgement a client does not know whether it was accepted.</summary>
    private async Task SendSignalsAsync(RoomKey room, Sent signals)
    {
        var returning = new Returning(_rig, room, FaultRig.Sender, order: null);
        using var tick = new PeriodicTimer(Pace, TimeProvider.System);
        while (await returning.NextAsync(static () => null, static text => throw new InvalidOperationException(text), _sending.Token) is var (socket, _, _))
        {
            await using (socket)
            {
                try
                {
                    while (!_sending.IsCancellationRequested)
                    {
                        await tick.WaitForNextTickAsync(Token);
                        var number = signals.Begin();
                        Interlocked.Increment(ref _tries);
                        using var data = JsonDocument.Parse(number.ToString(CultureInfo.InvariantCulture));
                        var id = $"s{number}";
                        await socket.SendAsync(new ClientFrame(FrameTypes.Signal, id, room.Room, Data: data.RootElement.Clone()));
                        if (await AnswerAsync(socket, id))
                        {
                            signals.Take(number);
                        }
                    }
                }
                catch (Exception exception) when (exception is WebSocketException or TimeoutException or InvalidOperationException or ObjectDisposedException)
                {
                    // The socket has ended: continue on the next one.
                }
            }
        }
    }

    private static async Task<bool> AnswerAsync(TestSocket socket, string id)
    {
        while (true)
        {
            var frame = await socket.NextAsync();
            if (frame.Id == id && frame.Type is FrameTypes.Ack or FrameTypes.Error)
            {
                return frame.Type == FrameTypes.Ack;
            }
        }
    }
}
