using System.Diagnostics.Metrics;
using System.Text;
using Contracts;
using Contracts.Messages;
using Contracts.Publish;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Counting;
using Realtime.Sockets;
using Realtime.Wire;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime;

/// <summary>A client that does not read: what waits for it is bounded, it is closed with 4002 and counted once, and when it resumes it has lost nothing.</summary>
public sealed class SlowConsumerTests(DataServers servers) : IAsyncLifetime
{
    private const int Burst = 1_500;
    private static readonly string Text = new('x', 6_000);

    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly RoomKey _room = new("t" + Ids.New(TimeProvider.System), "lobby");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _rooms.Create(_room, "ann", "bob");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _issuer.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task AStalledReaderIsClosedAndCountedOnce_AndFindsEverythingWhenItResumes()
    {
        await using var node = await StartAsync();
        using var counted = new SlowCounter(node);
        using var slow = await StallAsync(node);
        var connection = Assert.Single(node.Get<SocketHub>().Connections);
        connection.CheckReader(TimeSpan.FromSeconds(19));
        Assert.Empty(counted.Reasons);

        // Each sweep finds it, as long as the close frame waits to be read.
        for (var sweeps = 0; sweeps < 5; sweeps++)
        {
            connection.CheckReader(TimeSpan.FromSeconds(21 + sweeps));
        }

        var read = await slow.SeqsAsync(int.MaxValue);
        Assert.Equal(CloseCodes.SlowConsumer, slow.CloseCode);
        Assert.Equal(["stalled"], counted.Reasons);
        Assert.Equal(1, node.Get<RealtimeTelemetry>().SlowConsumerTotal.Value);
        Assert.InRange(read.Count, 1, Burst - 1);
        Assert.Equal(Enumerable.Range(1, read.Count).Select(static seq => (long)seq), read);

        await using var bob = await node.ConnectAsync(_room.Tenant, "bob");
        await bob.SubscribeAsync(_room.Room, after: read.Count);
        Assert.Equal(Enumerable.Range(read.Count + 1, Burst - read.Count).Select(static seq => (long)seq), await bob.MessagesAsync(Burst - read.Count));
    }

    [Fact]
    public async Task AStalledReaderThatFallsTooFarBehindIsClosed()
    {
        await using var node = await StartAsync(("SlowConsumer:MaxLag", "500"));
        using var counted = new SlowCounter(node);
        using var slow = await StallAsync(node);
        var connection = Assert.Single(node.Get<SocketHub>().Connections);
        connection.CheckReader(TimeSpan.FromMilliseconds(1));
        connection.CheckReader(TimeSpan.FromMilliseconds(2));
        await slow.DrainAsync();
        Assert.Equal(CloseCodes.SlowConsumer, slow.CloseCode);
        Assert.Equal(["lag"], counted.Reasons);
    }

    [Theory]
    [InlineData(64, 1_024 * 1_024)]
    [InlineData(65_536, 128 * 1_024)]
    public async Task AStalledReaderIsClosedAndCountedOnce_WhenMoreEventsWaitThanMay(int maxFrames, int maxBytes)
    {
        await using var node = await StartAsync(("Sockets:ControlFrames", $"{maxFrames}"), ("Sockets:ControlBytes", $"{maxBytes}"));
        using var counted = new SlowCounter(node);
        using var slow = await StallAsync(node);

        // Several times what either bound admits.
        for (var sent = 0; sent < 2_000; sent += 100)
        {
            await node.PublishAsync([.. Enumerable.Range(sent, 100).Select(number => new SystemEventRecord(
                _room.Tenant, _room.Room, $"e{number}", SystemEvents.RoomUpdated, "ann", DateTimeOffset.UnixEpoch))]);
        }

        await Eventually.ClearAsync(() => counted.Reasons.Count > 0 ? null : "the reader was not closed");
        var events = new List<string>();
        await foreach (var frame in slow.FramesAsync())
        {
            if (frame.Contains(SystemEvents.RoomUpdated, StringComparison.Ordinal))
            {
                events.Add(frame);
            }
        }

        // What waited was dropped; what the socket took before it was full is less than a queue.
        Assert.Equal(CloseCodes.SlowConsumer, slow.CloseCode);
        Assert.InRange(events.Count, 0, maxFrames);
        Assert.InRange(events.Sum(static frame => frame.Length), 0, maxBytes);
        Assert.Equal(["control-queue"], counted.Reasons);
    }

    [Fact]
    public void TheQueueHoldsNoMoreFramesAndBytesThanItMay_AndHasRoomAgainForWhatWasTaken()
    {
        var frame = Frame(10);
        var queue = new OutboundQueue(maxFrames: 3, maxBytes: 31);
        Assert.True(queue.TryAdd(frame));
        Assert.True(queue.TryAdd(frame));

        // Two are 24 bytes with their headers: a third does not fit, a small one does, and then there are three.
        Assert.False(queue.TryAdd(frame));
        Assert.True(queue.TryAdd(Frame(1)));
        Assert.False(queue.TryAdd(Frame(1)));

        var target = new byte[frame.Length + 3];
        Assert.Equal(frame.Length, queue.Take(target, out var isEmpty, out var isLast));
        Assert.Equal((false, false), (isEmpty, isLast));
        Assert.True(queue.TryAdd(Frame(1)));
        Assert.False(queue.TryAdd(Frame(1)));
    }

    [Fact]
    public void TheLastFrameHasRoomWhateverWaits_AndNothingComesBehindIt()
    {
        var queue = new OutboundQueue(maxFrames: 1, maxBytes: 100);
        Assert.True(queue.TryAdd(Frame(10)));
        var close = Framing.CloseFrame(CloseCodes.SlowConsumer, "reason");
        Assert.True(queue.Seal(close, alone: true));
        Assert.False(queue.Seal(close, alone: true));

        // Silently: the connection ends anyway.
        Assert.True(queue.TryAdd(Frame(10)));
        var target = new byte[256];
        Assert.Equal(close.Length, queue.Take(target, out var isEmpty, out var isLast));
        Assert.Equal((true, true), (isEmpty, isLast));
        Assert.Equal(close.Bytes, target.AsSpan(0, close.Length));
    }

    private static WireFrame Frame(int length)
    {
        var bytes = new byte[Framing.HeaderLength(length) + length];
        Framing.WriteHeader(bytes, Framing.Text, length);
        Encoding.ASCII.GetBytes(new string('x', length)).CopyTo(bytes.AsSpan(bytes.Length - length));
        return new WireFrame(bytes, 0, bytes.Length);
    }

    private async Task<RealtimeNode> StartAsync(params (string Name, string Value)[] settings) => await RealtimeNode.StartAsync(
        await servers.GetRedisConnectionStringAsync(Token), _rooms, _issuer, settings.ToDictionary(static pair => pair.Name, static string? (pair) => pair.Value, StringComparer.Ordinal));

    /// <summary>A reader whose socket is full: far more was sent than its and the node's buffers hold.</summary>
    private async Task<RawSocket> StallAsync(RealtimeNode node)
    {
        var slow = await RawSocket.ConnectAsync(node.Address, node.Token(_room.Tenant, "bob"), receiveBuffer: 8 * 1024);
        await slow.SendAsync("""{"type":"subscribe","room":"lobby"}""");
        await slow.UntilAsync("\"subscribed\"");
        for (var sent = 0; sent < Burst; sent += 50)
        {
            await node.PublishAsync([.. Enumerable.Range(0, 50).Select(_ => _rooms.Append(_room, text: Text))]);
        }

        var connection = Assert.Single(node.Get<SocketHub>().Connections);
        await Eventually.ClearAsync(() => connection.IsBlocked ? null : "the reader's socket never filled up");
        await Eventually.ClearAsync(() => node.Get<global::Realtime.Fanout.RoomFeeds>().Live.Single().Ring.Head == Burst ? null : "not all has arrived");
        return slow;
    }

    /// <summary>What <c>realtime.slow_consumers</c> of one node counts, by its reasons.</summary>
    private sealed class SlowCounter : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<string> _reasons = [];
        private readonly Lock _gate = new();

        public SlowCounter(RealtimeNode node)
        {
            var scope = node.Get<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "realtime.slow_consumers" && instrument.Meter.Scope == scope)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            {
                lock (_gate)
                {
                    _reasons.AddRange(Enumerable.Repeat((string)tags[0].Value!, (int)count));
                }
            });
            _listener.Start();
        }

        public IReadOnlyList<string> Reasons
        {
            get
            {
                lock (_gate)
                {
                    return [.. _reasons];
                }
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
