using Contracts;
using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime;

/// <summary>Two nodes on one Redis.</summary>
public sealed class DeliveryTests(DataServers servers) : IAsyncLifetime
{
    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly string _tenant = "t" + Ids.New(TimeProvider.System);
    private RealtimeNode _first = null!;
    private RealtimeNode _second = null!;

    private RoomKey Room => new(_tenant, "lobby");

    public async ValueTask InitializeAsync()
    {
        var redis = await servers.GetRedisConnectionStringAsync(TestContext.Current.CancellationToken);
        _first = await RealtimeNode.StartAsync(redis, _rooms, _issuer);
        _second = await RealtimeNode.StartAsync(redis, _rooms, _issuer);
        _rooms.Create(Room, "ann", "bob", "cy");
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        _issuer.Dispose();
    }

    [Fact]
    public async Task MessageReachesSubscribersOfBothNodes_WhenPublishedToOne()
    {
        await using var ann = await _first.ConnectAsync(_tenant, "ann");
        await using var bob = await _second.ConnectAsync(_tenant, "bob");
        Assert.Equal(0, (await ann.SubscribeAsync("lobby")).After);
        await bob.SubscribeAsync("lobby");

        var message = _rooms.Append(Room, "ann", "hello \"wörld\" <>&");
        await _first.PublishAsync(message);

        foreach (var socket in new[] { ann, bob })
        {
            var frame = await socket.ExpectAsync(FrameTypes.Message);
            Assert.Equal(
                (1L, message.Id, "ann", message.Text, message.SentAt, "lobby"),
                (frame.Seq, frame.Id, frame.Sender, frame.Text, frame.SentAt, frame.Room));
        }
    }

    [Fact]
    public async Task EachSeqComesOnceInOrder_WhenManyArePublishedTwiceAndShuffled()
    {
        await using var ann = await _first.ConnectAsync(_tenant, "ann");
        await using var bob = await _second.ConnectAsync(_tenant, "bob");
        await ann.SubscribeAsync("lobby");
        await bob.SubscribeAsync("lobby", order: FrameTypes.OrderClient);
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);

        const int count = 2_000;
        var messages = Enumerable.Range(0, count).Select(_ => _rooms.Append(Room)).ToArray();
        var order = messages.Concat(messages).Select((message, at) => (message, at: at + random.Next(200))).OrderBy(static pair => pair.at).Select(static pair => pair.message).ToArray();
        await Parallel.ForEachAsync(order.Chunk(100), TestContext.Current.CancellationToken, async (chunk, _) =>
            await (random.Next(2) == 0 ? _first : _second).PublishAsync(chunk));

        Assert.Equal(Enumerable.Range(1, count).Select(static seq => (long)seq), await ann.MessagesAsync(count));
        Assert.Equal(Enumerable.Range(1, count).Select(static seq => (long)seq), (await bob.MessagesAsync(count)).Order());
    }

    [Fact]
    public async Task HistoryComesWithoutASeam_WhenSubscribedWithAfter()
    {
        for (var i = 0; i < 700; i++)
        {
            _rooms.Append(Room);
        }

        await using var ann = await _first.ConnectAsync(_tenant, "ann");
        var subscribed = await ann.SubscribeAsync("lobby", after: 3);
        Assert.Equal((3L, 700L), (subscribed.After, subscribed.Head));
        await _second.PublishAsync(_rooms.Append(Room), _rooms.Append(Room));

        Assert.Equal(Enumerable.Range(4, 699).Select(static seq => (long)seq), await ann.MessagesAsync(699));
    }

    [Fact]
    public async Task SignalReachesOthersButNotItsSender_WhenSent()
    {
        await using var ann = await _first.ConnectAsync(_tenant, "ann");
        await using var bob = await _second.ConnectAsync(_tenant, "bob");
        await using var cy = await _first.ConnectAsync(_tenant, "cy");
        foreach (var socket in new[] { ann, bob, cy })
        {
            await socket.SubscribeAsync("lobby");
        }

        await ann.SendAsync("""{"type":"signal","id":"a1","room":"lobby","to":"bob","data":{"sdp":"v=0"}}""");
        Assert.Equal("a1", (await ann.ExpectAsync(FrameTypes.Ack)).Id);
        var signal = await bob.ExpectAsync(FrameTypes.Signal);
        Assert.Equal(("ann", "bob", "v=0"), (signal.Sender, signal.To, signal.Data!.Value.GetProperty("sdp").GetString()));

        await bob.SendAsync("""{"type":"signal","room":"lobby","data":[1]}""");
        Assert.Equal("bob", (await ann.ExpectAsync(FrameTypes.Signal)).Sender);
        Assert.Equal("bob", (await cy.ExpectAsync(FrameTypes.Signal)).Sender);
        await bob.SendAsync("""{"type":"ping","id":"p"}""");
        await bob.ExpectAsync(FrameTypes.Pong);
    }

    [Fact]
    public async Task SubscriptionEnds_WhenTheMemberIsRemoved()
    {
        await using var ann = await _first.ConnectAsync(_tenant, "ann");
        await using var bob = await _second.ConnectAsync(_tenant, "bob");
        await ann.SubscribeAsync("lobby");
        await bob.SubscribeAsync("lobby");

        _rooms.Remove(Room, "bob");
        var at = TimeProvider.System.GetUtcNow();
        await _first.PublishAsync(new SystemEventRecord(_tenant, "lobby", "e1", SystemEvents.MemberRemoved, "ann", at, "bob"));
        Assert.Equal(SystemEvents.MemberRemoved, (await ann.ExpectAsync(FrameTypes.System)).Event);
        Assert.Equal("bob", (await bob.ExpectAsync(FrameTypes.System)).User);
        Assert.Equal("removed", (await bob.ExpectAsync(FrameTypes.Unsubscribed)).Reason);
        await _first.PublishAsync(_rooms.Append(Room));
        await ann.ExpectAsync(FrameTypes.Message);

        await bob.SendAsync(new ClientFrame(FrameTypes.Subscribe, "again", "lobby"));
        Assert.Equal(ErrorCodes.NotAMember, (await bob.ExpectAsync(FrameTypes.Error)).Code);
    }

    [Fact]
    public async Task SocketsOfASessionClose_WhenItIsRevoked()
    {
        await using var ann = await _second.ConnectAsync(_tenant, "ann", "s1");
        await using var other = await _second.ConnectAsync(_tenant, "ann", "s2");
        var result = await _first.Client.SessionRevokedAsync(new SessionRevokedRequest(_tenant, "ann", ["s1"]), TestContext.Current.CancellationToken);
        Assert.True(result.IsSuccess);

        Assert.Equal(CloseCodes.SessionRevoked, (await ann.ClosedAsync()).Code);
        await other.SendAsync("""{"type":"ping"}""");
        await other.ExpectAsync(FrameTypes.Pong);
    }
}
