using Contracts;
using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;
using Microsoft.Extensions.Hosting;
using Realtime.Fanout;
using Realtime.Sockets;
using ServiceDefaults.Drain;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime;

/// <summary>Slow readers, a broker that fails and recovers, nodes that shut down.</summary>
public sealed class ResilienceTests(DataServers servers) : IAsyncLifetime
{
    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly string _tenant = "t" + Ids.New(TimeProvider.System);

    private RoomKey Room => new(_tenant, "lobby");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _rooms.Create(Room, "ann", "bob");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _issuer.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The container would wait 5 s for each connection that is subscribed.</summary>
    [Fact]
    public async Task BrokersConnectionsAreClosed_WhenEverythingElseHasStopped()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token));
        await using var ann = await node.ConnectAsync(_tenant, "ann");
        await ann.SubscribeAsync("lobby");
        var broker = node.Get<StackExchange.Redis.IConnectionMultiplexer>();
        Assert.True(broker.IsConnected);

        await node.Get<IHost>().StopAsync(Token);

        Assert.False(broker.IsConnected);
    }

    [Fact]
    public async Task NobodyMissesAMessage_WhenRedisIsStoppedAndStarted()
    {
        await using var own = await DataServers.StartOwnAsync(Token);
        var redis = await own.GetRedisConnectionStringAsync(Token);
        await using var node = await StartAsync(redis, new(StringComparer.Ordinal) { ["Fanout:JoinTimeout"] = "00:00:00.5" });
        await using var other = await StartAsync(redis);
        await using var ann = await node.ConnectAsync(_tenant, "ann");
        await using var bob = await other.ConnectAsync(_tenant, "bob");
        await ann.SubscribeAsync("lobby");
        await bob.SubscribeAsync("lobby", order: FrameTypes.OrderClient);
        await node.PublishAsync(_rooms.Append(Room));
        Assert.Equal([1], await ann.MessagesAsync(1));
        Assert.Equal([1], await bob.MessagesAsync(1));

        await own.StopRedisAsync(Token);
        var lost = new PublishRequest([_rooms.Append(Room), _rooms.Append(Room)], []);
        var refused = await node.Client.PublishAsync(lost, Token);
        Assert.Equal((503, ProblemTypes.BrokerUnavailable), (refused.Problem!.Status, refused.Problem.Type));
        Assert.NotNull(refused.Problem.RetryAfter);
        await ann.SendAsync("""{"type":"signal","id":"s","room":"lobby","data":1}""");
        Assert.Equal(ErrorCodes.Unavailable, (await ann.ExpectAsync(FrameTypes.Error)).Code);
        // A room that nobody listened to before cannot be listened to now; the client gets an error, and the node keeps trying.
        var attic = new RoomKey(_tenant, "attic");
        _rooms.Create(attic, "ann");
        await ann.SendAsync(new ClientFrame(FrameTypes.Subscribe, "a", "attic"));
        Assert.Equal(("attic", ErrorCodes.Unavailable), await ErrorAsync(ann));
        using var ready = await node.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
        Assert.Equal(503, (int)ready.StatusCode);
        using var live = await node.Http.GetAsync(new Uri("/health/live", UriKind.Relative), Token);
        Assert.Equal(200, (int)live.StatusCode);

        // The sockets are still there, what was never published is found by comparing heads, and what is not stored is reported as missing.
        await own.StartRedisAsync(Token);
        Assert.Equal([2, 3], await InterruptedAsync(ann));
        Assert.Equal([2, 3], (await InterruptedAsync(bob)).Order());
        await PublishWhenBackAsync(node, _rooms.Append(Room));
        Assert.Equal([4], await ann.MessagesAsync(1));
        Assert.Equal([4], await bob.MessagesAsync(1));
        await SubscribeWhenBackAsync(ann, "attic");
        await other.PublishAsync(_rooms.Append(attic));
        Assert.Equal([1], await ann.MessagesAsync(1));
    }

    /// <summary>The next two messages, with the notice of the interruption around them.</summary>
    private static async Task<List<long>> InterruptedAsync(TestSocket socket)
    {
        ServerFrame[] frames = [await socket.NextAsync(), await socket.NextAsync(), await socket.NextAsync()];
        var told = Assert.Single(frames, static frame => frame.Type == FrameTypes.System);
        Assert.Equal(SystemEvents.StreamInterrupted, told.Event);
        Assert.Equal("lobby", told.Room);
        return [.. frames.Where(static frame => frame.Type == FrameTypes.Message).Select(static frame => frame.Seq!.Value)];
    }

    /// <summary>As a client does: the same frame again, as <c>unavailable</c> allows.</summary>
    private static Task SubscribeWhenBackAsync(TestSocket socket, string room) => Eventually.ClearAsync(async () =>
    {
        await socket.SendAsync(new ClientFrame(FrameTypes.Subscribe, "again", room));
        var frame = await socket.NextAsync();
        if (frame.Type == FrameTypes.Subscribed)
        {
            return null;
        }

        Assert.Equal(ErrorCodes.Unavailable, frame.Code);
        return $"'{room}' answers {frame.Code}: {frame.Detail}";
    });

    private static async Task<(string? Room, string? Code)> ErrorAsync(TestSocket socket)
    {
        var frame = await socket.ExpectAsync(FrameTypes.Error);
        return (frame.Room, frame.Code);
    }

    [Fact]
    public async Task SlowReaderLagsAndCatchesUp_AndNobodyWaitsForIt()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token), new(StringComparer.Ordinal) { ["Fanout:RingFrames"] = "64" });
        await using var ann = await node.ConnectAsync(_tenant, "ann");
        await ann.SubscribeAsync("lobby");
        using var slow = await RawSocket.ConnectAsync(node.Address, node.Token(_tenant, "bob"), receiveBuffer: 8 * 1024);
        await slow.SendAsync("""{"type":"subscribe","room":"lobby"}""");
        await slow.UntilAsync("\"subscribed\"");

        const int count = 1_500;
        var text = new string('x', 6_000);
        for (var sent = 0; sent < count; sent += 50)
        {
            await node.PublishAsync([.. Enumerable.Range(0, 50).Select(_ => _rooms.Append(Room, text: text))]);
        }

        // Ten megabytes went by while it read nothing: more than socket buffers and ring hold.
        Assert.Equal(Sequence(count), await ann.MessagesAsync(count));
        Assert.Equal(Sequence(count), await slow.SeqsAsync(count));
        Assert.True(_rooms.HistoryCalls > 0);
    }

    [Fact]
    public async Task SignalOvertakesABacklogOfMessages()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token));
        await using var ann = await node.ConnectAsync(_tenant, "ann");
        await ann.SubscribeAsync("lobby");
        using var slow = await RawSocket.ConnectAsync(node.Address, node.Token(_tenant, "bob"), receiveBuffer: 8 * 1024);
        await slow.SendAsync("""{"type":"subscribe","room":"lobby"}""");
        await slow.UntilAsync("\"subscribed\"");
        const int count = 1_500;
        var text = new string('x', 6_000);
        for (var sent = 0; sent < count; sent += 50)
        {
            await node.PublishAsync([.. Enumerable.Range(0, 50).Select(_ => _rooms.Append(Room, text: text))]);
        }

        await ann.MessagesAsync(count);
        await ann.SendAsync("""{"type":"signal","id":"s","room":"lobby","data":1}""");
        await ann.ExpectAsync(FrameTypes.Ack);
        var before = await slow.MessagesBeforeSignalAsync();
        Assert.True(before < count / 2, $"{before} of {count} messages came before the signal");
    }

    [Fact]
    public async Task ReaderIsClosed_WhenItTakesNothingForTooLong()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token));
        var hub = node.Get<SocketHub>();
        using var slow = await RawSocket.ConnectAsync(node.Address, node.Token(_tenant, "bob"), receiveBuffer: 8 * 1024);
        await slow.SendAsync("""{"type":"subscribe","room":"lobby"}""");
        await slow.UntilAsync("\"subscribed\"");
        var text = new string('x', 6_000);
        for (var sent = 0; sent < 1_500; sent += 50)
        {
            await node.PublishAsync([.. Enumerable.Range(0, 50).Select(_ => _rooms.Append(Room, text: text))]);
        }

        // The sweep gets a later time than the real one: no test waits for twenty seconds.
        var connection = Assert.Single(hub.Connections);
        await EventuallyAsync(() => connection.IsBlocked, "the reader's socket never filled up");
        connection.Check(TimeProvider.System.GetTimestamp(), TimeProvider.System.GetUtcNow());
        Assert.Single(hub.Connections);
        connection.CheckReader(TimeSpan.FromSeconds(21));
        await slow.DrainAsync();
        Assert.Equal(CloseCodes.SlowConsumer, slow.CloseCode);
    }

    [Fact]
    public async Task ConnectionCloses_WhenItsTokenHasExpired_UnlessItWasRenewed()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token));
        await using var ann = await node.ConnectAsync(_tenant, "ann", lifetime: TimeSpan.FromMinutes(1));
        var connection = Assert.Single(node.Get<SocketHub>().Connections);
        var stamp = TimeProvider.System.GetTimestamp();
        var now = TimeProvider.System.GetUtcNow();

        // Within the clock skew with which tokens are accepted, then past the first token's end but not the second's.
        connection.Check(stamp, now.AddSeconds(80));
        await ann.SendAsync(new ClientFrame(FrameTypes.Auth, "a", Token: node.Token(_tenant, "ann")));
        await ann.ExpectAsync(FrameTypes.Ack);
        connection.Check(stamp, now.AddMinutes(5));
        await ann.SendAsync("""{"type":"ping"}""");
        await ann.ExpectAsync(FrameTypes.Pong);

        connection.Check(stamp, now.AddMinutes(12));
        Assert.Equal(CloseCodes.TokenExpired, (await ann.ClosedAsync()).Code);
    }

    [Fact]
    public async Task ConnectionCloses_WhenNothingIsHeardOfIt()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token));
        await using var ann = await node.ConnectAsync(_tenant, "ann");
        var connection = Assert.Single(node.Get<SocketHub>().Connections);
        var stamp = TimeProvider.System.GetTimestamp() + (61 * TimeProvider.System.TimestampFrequency);
        connection.Check(stamp, TimeProvider.System.GetUtcNow());
        Assert.Equal(CloseCodes.Idle, (await ann.ClosedAsync()).Code);
    }

    [Fact]
    public async Task ConnectionsAreMoved_WhenTheNodeDrains()
    {
        var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token), new(StringComparer.Ordinal) { ["Drain:Delay"] = "00:00:01" });
        await using var ann = await node.ConnectAsync(_tenant, "ann");
        await using var bob = await node.ConnectAsync(_tenant, "bob");
        var state = node.Get<DrainState>();
        var draining = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var signal = state.Draining.Register(() => draining.TrySetResult());
        var stopping = node.DisposeAsync();
        await draining.Task.WaitAsync(Token);

        var refused = await Assert.ThrowsAnyAsync<System.Net.WebSockets.WebSocketException>(() => node.ConnectAsync(_tenant, "ann"));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        foreach (var socket in new[] { ann, bob })
        {
            var (code, reason) = await socket.ClosedAsync();
            Assert.Equal(CloseCodes.Draining, code);
            Assert.InRange(int.Parse(reason!), 0, 60_000);
        }

        await stopping;
    }

    [Fact]
    public async Task NodeIsFull_WhenItHasAsManyConnectionsAsAllowed()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token), new(StringComparer.Ordinal) { ["Sockets:MaxConnections"] = "1" });
        var first = await node.ConnectAsync(_tenant, "ann");
        var refused = await Assert.ThrowsAnyAsync<System.Net.WebSockets.WebSocketException>(() => node.ConnectAsync(_tenant, "bob"));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        await first.Raw.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, "bye", Token);
        await first.DisposeAsync();
        await EventuallyAsync(() => node.Get<SocketHub>().Count == 0, "the connection stayed");
        await using var second = await node.ConnectAsync(_tenant, "bob");
    }

    [Fact]
    public async Task FramesAreTheSame_ThroughTheServersStream()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token), new(StringComparer.Ordinal) { ["Sockets:DirectWrites"] = "false" });
        await using var ann = await node.ConnectAsync(_tenant, "ann");
        await ann.SubscribeAsync("lobby");
        for (var sent = 0; sent < 500; sent += 50)
        {
            await node.PublishAsync([.. Enumerable.Range(0, 50).Select(_ => _rooms.Append(Room, text: new string('x', 3_000)))]);
        }

        Assert.Equal(Sequence(500), await ann.MessagesAsync(500));
    }

    [Fact]
    public async Task DeliveryAllocatesNothingPerConnection()
    {
        await using var node = await StartAsync(await servers.GetRedisConnectionStringAsync(Token));
        var pumps = Enumerable.Range(0, 100).Select(_ => new CountingWriter()).ToArray();
        await using var rig = new FeedRig();
        var connections = new List<PumpReader>();
        foreach (var writer in pumps)
        {
            var reader = new PumpReader(writer, rig);
            var result = await rig.Feeds.SubscribeAsync(FeedRig.Room, reader, null, orderedByClient: false, Token);
            reader.Start(result.Subscription!);
            connections.Add(reader);
        }

        var feed = rig.Feeds.Live.Single();
        Deliver(rig, feed, connections, 50);
        var before = GC.GetAllocatedBytesForCurrentThread();
        const int messages = 200;
        Deliver(rig, feed, connections, messages);
        var perDelivery = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(messages * connections.Count);

        // What is allocated is the message itself, once for the room: a few hundred bytes over a hundred connections.
        Assert.True(perDelivery < 30, $"{perDelivery:0.0} bytes per delivery");
        Assert.All(pumps, static writer => Assert.True(writer.Bytes > 0));
    }

    private static void Deliver(FeedRig rig, RoomFeed feed, List<PumpReader> connections, int messages)
    {
        for (var i = 0; i < messages; i++)
        {
            var message = rig.Rooms.Append(FeedRig.Room);
            global::Realtime.Wire.Envelope.TryDecode(Envelopes.Of(message, 1, null), out var envelope);
            feed.Deliver(envelope);
            foreach (var connection in connections)
            {
                connection.Pump();
            }
        }
    }

    private Task<RealtimeNode> StartAsync(string redis, Dictionary<string, string?>? settings = null) =>
        RealtimeNode.StartAsync(redis, _rooms, _issuer, settings);

    private static IEnumerable<long> Sequence(int count) => Enumerable.Range(1, count).Select(static seq => (long)seq);

    /// <summary>As a caller does: a retry, as a 503 allows.</summary>
    private static Task PublishWhenBackAsync(RealtimeNode node, MessageRecord message) => Eventually.ClearAsync(async () =>
    {
        var result = await node.Client.PublishAsync(new PublishRequest([message], []), Token);
        return result.TryGet(out _, out var problem) ? null : $"publishing answers {problem.Status} {problem.Type}";
    });

    private static Task EventuallyAsync(Func<bool> condition, string obstacle) => Eventually.ClearAsync(() => condition() ? null : obstacle);

    /// <summary>A pump over a socket that takes everything.</summary>
    private sealed class PumpReader : ISubscriber
    {
        private readonly OutboundPump _pump;

        public PumpReader(IFrameWriter writer, FeedRig rig) =>
            _pump = new OutboundPump(writer, new OutboundQueue(16, 1 << 20), rig.Telemetry, rig.Time, static _ => { }, CancellationToken.None);

        public string User => "ann";

        public string ConnectionId => "c";

        public void Start(Subscription subscription)
        {
            _pump.Subscriptions = [subscription];
            subscription.IsActive = true;
        }

        public void Pump() => _pump.Run();

        public void Schedule() => _pump.Schedule();

        public void Enqueue(global::Realtime.Wire.WireFrame frame)
        {
        }

        public void EnqueueSignal(global::Realtime.Wire.WireFrame frame)
        {
        }

        public void Drop(Subscription subscription, string reason)
        {
        }
    }

    private sealed class CountingWriter : IFrameWriter
    {
        public long Bytes { get; private set; }

        public int TryWrite(ReadOnlySpan<byte> bytes)
        {
            Bytes += bytes.Length;
            return bytes.Length;
        }

        public ValueTask<int> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => ValueTask.FromResult(bytes.Length);
    }
}
