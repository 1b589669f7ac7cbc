using System.Net.WebSockets;
using System.Text.Json;
using Contracts;
using Contracts.Frames;
using Contracts.Messages;
using Realtime.Sockets;
using Realtime.Wire;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime;

/// <summary>What one user, or one tenant, may take of a node, without affecting others.</summary>
public sealed class QuotaTests(DataServers servers) : IAsyncLifetime
{
    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly RoomKey _room = new("t" + Ids.New(TimeProvider.System), "lobby");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _rooms.Create(_room, "ann", "bob", "eve");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _issuer.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("Sockets:MaxPerUser", "2", false)]
    [InlineData("Sockets:MaxPerTenant", "2", true)]
    public async Task OneSocketTooManyIsRefused_AndOthersConnect(string option, string most, bool ofTenant)
    {
        await using var node = await StartAsync((option, most));
        var first = await node.ConnectAsync(_room.Tenant, "eve");
        await using var second = await node.ConnectAsync(_room.Tenant, ofTenant ? "ann" : "eve");

        Assert.Equal(429, await StatusAsync(node, _room.Tenant, "eve"));
        await using var other = await node.ConnectAsync(ofTenant ? "other" : _room.Tenant, "bob");
        Assert.Contains("realtime_connections_refused_total", await MetricsAsync(node), StringComparison.Ordinal);

        // A released slot is available again.
        await first.DisposeAsync();
        await Eventually.ClearAsync(async () => await StatusAsync(node, _room.Tenant, "eve") is var status and not 101 ? $"answers {status}" : null);
    }

    [Fact]
    public async Task AFloodOfSignalsEndsAtItsSender_AndItsReceiverStaysConnected()
    {
        await using var node = await StartAsync();
        await using var ann = await node.ConnectAsync(_room.Tenant, "ann");
        await ann.SubscribeAsync("lobby");
        using var bob = await RawSocket.ConnectAsync(node.Address, node.Token(_room.Tenant, "bob"), receiveBuffer: 4_096);
        await bob.SendAsync("""{"type":"subscribe","room":"lobby"}""");
        await bob.UntilAsync("\"subscribed\"");
        await using var eve = await node.ConnectAsync(_room.Tenant, "eve");
        await eve.SubscribeAsync("lobby");

        // Bob does not read meanwhile. All of it goes out as fast as the connection takes it.
        var data = JsonSerializer.SerializeToElement(new string('x', 32_000));
        for (var i = 0; i < 250; i++)
        {
            await eve.SendAsync(new ClientFrame(FrameTypes.Signal, "s" + i, "lobby", Data: data));
        }

        var refused = 0;
        for (var i = 0; i < 250; i++)
        {
            var answer = await eve.NextAsync();
            if (answer.Type == FrameTypes.Error)
            {
                Assert.Equal(ErrorCodes.RateLimited, answer.Code);
                Assert.True(answer.RetryAfter > 0);
                refused++;
            }
        }

        Assert.InRange(refused, 200, 249);

        // Another room, and another user, have what is theirs; and bob is still there.
        await ann.SendAsync(new ClientFrame(FrameTypes.Signal, "mine", "lobby", To: "bob", Data: JsonSerializer.SerializeToElement("hello bob")));
        await bob.UntilAsync("hello bob");
    }

    [Fact]
    public async Task ReceiversKeepTheNewestSignalsAndAreToldOfTheOthers_WhenTheyReadTooSlowly()
    {
        await using var node = await StartAsync(("Sockets:ControlFrames", "16"), ("Signals:RoomBytesBurst", "100000000"), ("Sockets:FramesBurst", "10000"));
        using var bob = await RawSocket.ConnectAsync(node.Address, node.Token(_room.Tenant, "bob"), receiveBuffer: 4_096);
        await bob.SendAsync("""{"type":"subscribe","room":"lobby"}""");
        await bob.UntilAsync("\"subscribed\"");
        await using var eve = await node.ConnectAsync(_room.Tenant, "eve");
        await eve.SubscribeAsync("lobby");

        var filler = new string('x', 32_000);
        for (var i = 0; i < 290; i++)
        {
            await eve.SendAsync(new ClientFrame(FrameTypes.Signal, "s" + i, "lobby", Data: JsonSerializer.SerializeToElement($"number {i} {filler}")));
            await eve.ExpectAsync(FrameTypes.Ack);
        }

        // Bob gets the last one, and before it a notice of those that are missing; the connection stays open.
        var dropped = 0L;
        var seen = 0;
        await foreach (var frame in bob.FramesAsync())
        {
            using var json = JsonDocument.Parse(frame);
            if (json.RootElement.GetProperty("type").GetString() == "signals-dropped")
            {
                dropped += json.RootElement.GetProperty("dropped").GetInt64();
            }
            else if (frame.Contains("\"number ", StringComparison.Ordinal))
            {
                seen++;
                if (frame.Contains("number 289 ", StringComparison.Ordinal))
                {
                    break;
                }
            }
        }

        Assert.Null(bob.CloseCode);
        Assert.True(dropped > 0, "Nothing was dropped.");
        Assert.Equal(290, seen + dropped);
        Assert.Contains($"realtime_signals_dropped_total", await MetricsAsync(node), StringComparison.Ordinal);
    }

    [Fact]
    public void TheOldestSignalsGo_BeforeAnythingElseDoes()
    {
        var dropped = 0;
        var queue = new OutboundQueue(maxFrames: 4, maxBytes: 1_000, count => dropped += count);
        Assert.True(queue.TryAdd(Frame("a")));
        foreach (var signal in (string[])["1", "2", "3", "4"])
        {
            queue.AddSignal(Frame(signal));
        }

        // One of four was dropped; an answer evicts the next one, and only when none is left is there no room.
        Assert.Equal(1, dropped);
        Assert.True(queue.TryAdd(Frame("b")));
        Assert.Equal(2, dropped);
        var target = new byte[1_000];
        var taken = queue.Take(target, out var empty, out _);
        Assert.True(empty);
        var text = System.Text.Encoding.UTF8.GetString(target, 0, taken);
        Assert.Contains("\"dropped\":2", text, StringComparison.Ordinal);
        Assert.Equal("a34b", string.Concat(text[(text.IndexOf('}') + 1)..].Where(char.IsAsciiLetterOrDigit)));

        for (var i = 0; i < 4; i++)
        {
            Assert.True(queue.TryAdd(Frame("c")));
        }

        Assert.False(queue.TryAdd(Frame("d")));
        queue.AddSignal(Frame("5"));
        Assert.Equal(3, dropped);
    }

    [Fact]
    public async Task ASubscriptionWithoutAPositionStartsBehindWhatWasStoredBefore_ThoughTheNodeHasNotHeardOfIt()
    {
        await using var node = await StartAsync();
        await using var ann = await node.ConnectAsync(_room.Tenant, "ann");
        await ann.SubscribeAsync("lobby");

        // Stored and acknowledged; the broker brings it only after the subscription.
        var late = _rooms.Append(_room);
        await using var bob = await node.ConnectAsync(_room.Tenant, "bob");
        var subscribed = await bob.SubscribeAsync("lobby");
        Assert.Equal((1, 1), (subscribed.After, subscribed.Head));
        await node.PublishAsync(late);
        await node.PublishAsync(_rooms.Append(_room));
        Assert.Equal([2], await bob.MessagesAsync(1));
        Assert.Equal([1, 2], await ann.MessagesAsync(2));
    }

    private static WireFrame Frame(string text)
    {
        byte[] bytes = [0x81, (byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)];
        return new WireFrame(bytes, 0, bytes.Length);
    }

    private static async Task<string> MetricsAsync(RealtimeNode node)
    {
        using var http = new HttpClient { BaseAddress = node.Address };
        return await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
    }

    /// <summary>Status of a handshake; the socket is gone again.</summary>
    private static async Task<int> StatusAsync(RealtimeNode node, string tenant, string user)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", "Bearer " + node.Token(tenant, user));
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{node.Address.Authority}/v1/ws"), Token);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        return (int)socket.HttpStatusCode;
    }

    private async Task<RealtimeNode> StartAsync(params (string Key, string Value)[] settings)
    {
        var redis = await servers.GetRedisConnectionStringAsync(Token);
        return await RealtimeNode.StartAsync(
            redis, _rooms, _issuer, settings.ToDictionary(static pair => pair.Key, static pair => (string?)pair.Value, StringComparer.Ordinal));
    }
}
