using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Client.Realtime;
using Contracts;
using Contracts.Frames;
using Tests.Infrastructure;

namespace Tests.Client;

/// <summary>Whatever the wire does, the application sees every message once and in order.</summary>
public sealed class SubscriptionTests : IAsyncLifetime
{
    private readonly ObservedTime _time = new();
    private FakeServices _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeServices.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(MessageOrder.Server, FrameTypes.OrderServer)]
    [InlineData(MessageOrder.Client, FrameTypes.OrderClient)]
    public async Task Subscribe_SaysWhereToStartAndWhoSorts(MessageOrder order, string expected)
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var subscribing = live.Connection.SubscribeAsync("r", new SubscribeOptions { After = 7, Order = order }, Token);
        var frame = await live.Socket.SubscribedAsync(head: 7);
        await using var room = await subscribing;
        Assert.Equal(7, frame.After);
        Assert.Equal(expected, frame.Order);
        Assert.Equal(7, room.Position);
    }

    [Fact]
    public async Task EachMessageOnceInOrder_WhenTheyComeMixedAndTwice()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions { After = 0, Order = MessageOrder.Client });
        foreach (var seq in new[] { 2L, 2, 4, 1, 1, 5, 3, 3, 2 })
        {
            await live.Socket.MessageAsync("r", seq);
        }

        await AssertMessagesAsync(room, 1, 5);
        Assert.Equal(0, room.RepairedMessages);
        Assert.Empty(_server.HistoryCalls);
    }

    [Fact]
    public async Task MissingMessage_IsFetched_WhenTheWindowHasPassed()
    {
        var options = new RealtimeOptions();
        await using var client = await _server.SignInAsync(_time, options);
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions { After = 0, Order = MessageOrder.Client });
        _server.Store("r", 4);
        await live.Socket.MessageAsync("r", 1);
        await live.Socket.MessageAsync("r", 4);
        await AssertMessagesAsync(room, 1, 1);
        await _time.WaitBegunAsync(options.ReorderWindow);
        Assert.Empty(_server.HistoryCalls);
        _time.Advance(options.ReorderWindow);
        await AssertMessagesAsync(room, 2, 4);
        Assert.Equal(2, room.RepairedMessages);
        Assert.Equal(("r", 1L), Assert.Single(_server.HistoryCalls));
    }

    [Fact]
    public async Task LostTail_IsFetched_WhenTheServerSaysThatThereIsMore()
    {
        var options = new RealtimeOptions();
        await using var client = await _server.SignInAsync(_time, options);
        await using var live = await ConnectAsync(client);
        _server.Store("r", 3);
        var subscribing = live.Connection.SubscribeAsync("r", new SubscribeOptions { After = 0 }, Token);
        await live.Socket.SubscribedAsync(head: 3);
        await using var room = await subscribing;
        await _time.ElapseAsync(options.RepairAfter);
        await AssertMessagesAsync(room, 1, 3);
        Assert.Equal(3, room.Head);
    }

    [Fact]
    public async Task RepairGoesOn_WhenTheHistoryIsAwayForAWhile()
    {
        var options = new RealtimeOptions();
        await using var client = await _server.SignInAsync(_time, options);
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions { After = 0, Order = MessageOrder.Client });
        _server.Store("r", 2);
        _server.HistoryStatus = 503;
        await live.Socket.MessageAsync("r", 2);
        await _time.ElapseAsync(options.ReorderWindow);
        await _time.WaitBegunAsync(TimeSpan.FromSeconds(1));
        _server.HistoryStatus = 0;
        _time.Advance(TimeSpan.FromSeconds(1));
        await _time.ElapseAsync(options.ReorderWindow);
        await AssertMessagesAsync(room, 1, 2);
    }

    [Fact]
    public async Task Resumes_BehindTheLastMessageInOrder()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions { After = 0, Order = MessageOrder.Client });
        await live.Socket.MessageAsync("r", 1);
        await live.Socket.MessageAsync("r", 2);
        await live.Socket.MessageAsync("r", 4);
        await AssertMessagesAsync(room, 1, 2);
        var socket = await live.RestartAsync(_server, _time);
        var frame = await socket.SubscribedAsync(head: 6);
        Assert.Equal(2, frame.After);

        // The new node replays from there, second copies included.
        foreach (var seq in new[] { 3L, 4, 5, 6 })
        {
            await socket.MessageAsync("r", seq);
        }

        await AssertMessagesAsync(room, 3, 6);
    }

    [Fact]
    public async Task SubscriptionMadeWhileTheSocketIsAway_StartsWithTheNextOne()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var waiting = live.NextStateAsync(ConnectionPhase.Waiting);
        live.Socket.Abort();
        var wait = (await waiting).RetryIn!.Value;
        var subscribing = live.Connection.SubscribeAsync("r", cancellationToken: Token);
        await _time.ElapseAsync(wait);
        var socket = await _server.WelcomeAsync();
        await socket.SubscribedAsync(head: 9);
        await using var room = await subscribing;
        Assert.Equal(9, room.Position);
    }

    [Fact]
    public async Task SlowReader_CostsCallsToTheHistory_NotMessagesOrMemory()
    {
        // On the real clock: how often the pump waits depends on how fast the reader is.
        var options = new RealtimeOptions { Buffer = 16, RepairAfter = TimeSpan.FromMilliseconds(10) };
        await using var client = await _server.SignInAsync(TimeProvider.System, options);
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions { After = 0 });
        _server.Store("r", 100);
        for (var seq = 1; seq <= 100; seq++)
        {
            await live.Socket.MessageAsync("r", seq);
        }

        // A signal behind them: when it is here, all of them are.
        await live.Socket.SendAsync(new ServerFrame(FrameTypes.Signal, "s", "r", Sender: "u", Data: JsonSerializer.SerializeToElement(1)));
        await room.Signals.ReadAsync(Token);
        await AssertMessagesAsync(room, 1, 100);
        Assert.NotEmpty(_server.HistoryCalls);
        Assert.All(_server.HistoryCalls, call => Assert.InRange(call.After, 16, 100));
    }

    [Fact]
    public async Task Refusal_IsThrown()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var subscribing = live.Connection.SubscribeAsync("r", cancellationToken: Token);
        var frame = await live.Socket.NextAsync(FrameTypes.Subscribe);
        await live.Socket.SendAsync(new ServerFrame(FrameTypes.Error, frame.Id, Code: ErrorCodes.NotAMember, Detail: "no"));
        Assert.Equal(ErrorCodes.NotAMember, (await Assert.ThrowsAsync<RealtimeException>(() => subscribing)).Code);

        // The name is free again.
        await using var room = await SubscribeAsync(live, new SubscribeOptions());
    }

    [Fact]
    public async Task SecondSubscription_ToARoom_IsABug()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions());
        await Assert.ThrowsAsync<InvalidOperationException>(() => live.Connection.SubscribeAsync("r", cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentException>(() => live.Connection.SubscribeAsync("a:b", cancellationToken: Token));
    }

    [Fact]
    public async Task Resubscribe_IsTriedAgain_WhenTheServerAsksToWait()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions { After = 0 });
        var socket = await live.RestartAsync(_server, _time);
        var frame = await socket.NextAsync(FrameTypes.Subscribe);
        await socket.SendAsync(new ServerFrame(FrameTypes.Error, frame.Id, Code: ErrorCodes.RateLimited, Detail: "slow down", RetryAfter: 3));
        await _time.ElapseAsync(TimeSpan.FromSeconds(3));
        await socket.SubscribedAsync();
        await socket.MessageAsync("r", 1);
        await AssertMessagesAsync(room, 1, 1);
    }

    [Fact]
    public async Task Stream_EndsWithAReason_WhenTheUserIsRemoved()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions { After = 0 });
        await live.Socket.MessageAsync("r", 1);
        await AssertMessagesAsync(room, 1, 1);
        await live.Socket.SendAsync(new ServerFrame(FrameTypes.Unsubscribed, Room: "r", Reason: "removed"));
        var error = await Assert.ThrowsAsync<RealtimeException>(() => room.Messages.Completion.WaitAsync(Token));
        Assert.Contains("removed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposal_Unsubscribes_AndEndsTheStream()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var room = await SubscribeAsync(live, new SubscribeOptions());
        live.Socket.IsSilent = true;
        var disposing = room.DisposeAsync().AsTask();
        var frame = await live.Socket.NextAsync(FrameTypes.Unsubscribe);
        Assert.Equal("r", frame.Room);
        await live.Socket.SendAsync(new ServerFrame(FrameTypes.Unsubscribed, frame.Id, "r", Reason: "requested"));
        await disposing;
        await room.Messages.Completion.WaitAsync(Token);
        live.Socket.IsSilent = false;
        await using var again = await SubscribeAsync(live, new SubscribeOptions());
    }

    [Fact]
    public async Task Events_AreBounded_AndTheLossIsCounted()
    {
        await using var client = await _server.SignInAsync(_time, new RealtimeOptions { EventBuffer = 2 });
        await using var live = await ConnectAsync(client);
        await using var room = await SubscribeAsync(live, new SubscribeOptions { After = 0 });
        for (var i = 1; i <= 5; i++)
        {
            await live.Socket.SendAsync(new ServerFrame(FrameTypes.Signal, $"s{i}", "r", Sender: "u", To: "me", Data: JsonSerializer.SerializeToElement(i)));
        }

        await live.Socket.SendAsync(new ServerFrame(FrameTypes.System, "e1", "r", Event: "member.joined", Actor: "a", User: "b", At: DateTimeOffset.UnixEpoch));
        var joined = await room.SystemEvents.ReadAsync(Token);
        Assert.Equal(("member.joined", "a", "b"), (joined.Event, joined.Actor, joined.User));
        Assert.Equal(3, room.DroppedEvents);
        Assert.Equal(4, (await room.Signals.ReadAsync(Token)).Data.GetInt32());
        var last = await room.Signals.ReadAsync(Token);
        Assert.Equal((5, "me"), (last.Data.GetInt32(), last.To));
    }

    [Fact]
    public async Task Signal_ReturnsWhenTaken_AndThrowsWhenRefusedOrAway()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var sending = live.Connection.SignalAsync("r", JsonSerializer.SerializeToElement("offer"), "bob", Token);
        var frame = await live.Socket.NextAsync(FrameTypes.Signal);
        Assert.Equal(("r", "bob", "offer"), (frame.Room, frame.To, frame.Data!.Value.GetString()));
        await live.Socket.SendAsync(new ServerFrame(FrameTypes.Ack, frame.Id));
        await sending;

        sending = live.Connection.SignalAsync("r", JsonSerializer.SerializeToElement("offer"), cancellationToken: Token);
        frame = await live.Socket.NextAsync(FrameTypes.Signal);
        await live.Socket.SendAsync(new ServerFrame(FrameTypes.Error, frame.Id, Code: ErrorCodes.RateLimited, Detail: "no", RetryAfter: 2));
        var refused = await Assert.ThrowsAsync<RealtimeException>(() => sending);
        Assert.Equal((ErrorCodes.RateLimited, TimeSpan.FromSeconds(2)), (refused.Code, refused.RetryAfter));

        sending = live.Connection.SignalAsync("r", JsonSerializer.SerializeToElement("offer"), cancellationToken: Token);
        await live.Socket.NextAsync(FrameTypes.Signal);
        live.Socket.Abort();
        Assert.Equal("closed", (await Assert.ThrowsAsync<RealtimeException>(() => sending)).Code);
    }

    [Fact]
    public async Task ErrorThatNamesNoFrame_SettlesTheSignalsThatWait_AndTheSocketStays()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var sending = live.Connection.SignalAsync("r", JsonSerializer.SerializeToElement("offer"), cancellationToken: Token);
        await live.Socket.NextAsync(FrameTypes.Signal);
        var subscribing = live.Connection.SubscribeAsync("r", new SubscribeOptions { After = 0 }, Token);
        await live.Socket.SendAsync(new ServerFrame(FrameTypes.Error, Code: ErrorCodes.BadFrame, Detail: "Not a frame."));
        Assert.Equal(ErrorCodes.BadFrame, (await Assert.ThrowsAsync<RealtimeException>(() => sending)).Code);
        await live.Socket.SubscribedAsync();
        await using var room = await subscribing;
        Assert.Equal(ConnectionPhase.Connected, live.Connection.State.Phase);
    }

    [Fact]
    public async Task SignalThatNoServerTakes_IsRefusedBeforeItIsSent()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var deepest = new string('[', Limits.SignalDepth) + new string(']', Limits.SignalDepth);
        foreach (var json in (string[])[$"[{deepest}]", $"\"{new string('x', Limits.SignalBytes)}\""])
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 100 });
            var refused = await Assert.ThrowsAsync<RealtimeException>(() => live.Connection.SignalAsync("r", document.RootElement, cancellationToken: Token));
            Assert.Equal(ErrorCodes.TooLarge, refused.Code);
        }

        using var fits = JsonDocument.Parse(deepest);
        var sending = live.Connection.SignalAsync("r", fits.RootElement, cancellationToken: Token);
        var frame = await live.Socket.NextAsync(FrameTypes.Signal);
        Assert.Equal(deepest, frame.Data!.Value.GetRawText());
        await live.Socket.SendAsync(new ServerFrame(FrameTypes.Ack, frame.Id));
        await sending;
    }

    [Fact]
    public async Task LayoutComesWithTheSubscription_AndEachChangeOnce_AlsoOverReconnects()
    {
        var legacy = new RoomLayout(RoomLayout.Legacy, null, 0);
        var sharded = new RoomLayout(RoomLayout.Sharded, 4, 3);
        var wider = new RoomLayout(RoomLayout.Sharded, 16, 7);
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var subscribing = live.Connection.SubscribeAsync("r", new SubscribeOptions { After = 0 }, Token);
        await live.Socket.SubscribedAsync(layout: legacy);
        await using var room = await subscribing;
        Assert.Equal(legacy, room.Layout);

        var told = Channel.CreateUnbounded<RoomLayout>();
        room.LayoutChanged += layout => told.Writer.TryWrite(layout);
        foreach (var layout in (RoomLayout?[])[legacy, null, sharded, sharded])
        {
            await live.Socket.SendAsync(new ServerFrame(FrameTypes.Layout, Room: "r", Layout: layout));
        }

        await live.Socket.MessageAsync("r", 1);
        await AssertMessagesAsync(room, 1, 1);
        Assert.Equal(sharded, room.Layout);

        var next = await live.RestartAsync(_server, _time);
        await next.SubscribedAsync(1, wider);
        await next.MessageAsync("r", 2);
        await AssertMessagesAsync(room, 2, 2);
        Assert.Equal(wider, room.Layout);
        told.Writer.Complete();
        Assert.Equal([sharded, wider], await told.Reader.ReadAllAsync(Token).ToListAsync(Token));
    }

    [Fact]
    public async Task StreamGoesOn_WhenTheServerSaysWhatThisVersionDoesNotKnow()
    {
        await using var client = await _server.SignInAsync(_time);
        await using var live = await ConnectAsync(client);
        var subscribing = live.Connection.SubscribeAsync("r", new SubscribeOptions { After = 0 }, Token);
        var frame = await live.Socket.NextAsync(FrameTypes.Subscribe);
        await live.Socket.SendAsync(Encoding.UTF8.GetBytes(
            $$$"""{"type":"subscribed","id":"{{{frame.Id}}}","room":"r","after":0,"head":0,"weather":{"wind":[1,2]},"layout":{"name":"spiral","epoch":9,"turns":3}}"""));
        await using var room = await subscribing;
        Assert.Equal(new RoomLayout("spiral", null, 9), room.Layout);

        await live.Socket.SendAsync("""{"type":"of-tomorrow","room":"r","layout":{"name":"sharded"}}"""u8.ToArray());
        await live.Socket.SendAsync("""{"type":"layout","room":"elsewhere","layout":{"name":"sharded","shards":4,"epoch":9}}"""u8.ToArray());
        await live.Socket.MessageAsync("r", 1);
        await AssertMessagesAsync(room, 1, 1);
        Assert.Equal("spiral", room.Layout?.Name);
        Assert.Equal(ConnectionPhase.Connected, live.Connection.State.Phase);
    }

    private static async Task AssertMessagesAsync(RoomSubscription room, long first, long last)
    {
        for (var seq = first; seq <= last; seq++)
        {
            var message = await room.Messages.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
            Assert.Equal(seq, message.Seq);
            Assert.Equal(FakeServices.Message("r", seq).Text, message.Text);
        }
    }

    private static async Task<RoomSubscription> SubscribeAsync(LiveConnection live, SubscribeOptions options)
    {
        var subscribing = live.Connection.SubscribeAsync("r", options, Token);
        await live.Socket.SubscribedAsync();
        return await subscribing;
    }

    private async Task<LiveConnection> ConnectAsync(global::Client.ChatClient client) => await LiveConnection.OpenAsync(client, _server);
}
