using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Realtime.Channels;
using Realtime.Counting;
using Realtime.Node;
using StackExchange.Redis;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime.Channels;

/// <summary>The stage Shadow on a real Redis: copies are compared, and mismatches are counted.</summary>
public sealed class ShadowParityTests(DataServers servers) : IAsyncLifetime
{
    private static readonly LayoutState Shadow = new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);

    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly MemoryPlane _plane = new();
    private readonly RoomKey _room = new("t" + Ids.New(TimeProvider.System), "lobby");
    private RealtimeNode _node = null!;
    private TestSocket _ann = null!;

    private ShadowParity Parity => _node.Get<ShadowParity>();

    public async ValueTask InitializeAsync()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Shadow:SamplePerMille"] = "1000",
            ["Shadow:Window"] = "00:00:00.300",
            ["ControlPlane:Heartbeat"] = "00:00:00.100",
        };
        _node = await RealtimeNode.StartAsync(await servers.GetRedisConnectionStringAsync(TestContext.Current.CancellationToken), _rooms, _issuer, settings, _plane);
        _rooms.Create(_room, "ann");
        _ann = await _node.ConnectAsync(_room.Tenant, "ann");
        await _ann.SubscribeAsync(_room.Room);
        Assert.Null(_plane.TryChange(LayoutScope.All, Shadow));
        await Eventually.ClearAsync(() => _node.Get<NodeAgent>().Applied == 1 ? null : "Shadow is not applied");
        await MatchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ann.DisposeAsync();
        await _node.DisposeAsync();
        _issuer.Dispose();
    }

    [Fact]
    public async Task EveryEventMatchesAndIsDeliveredOnce_WhenBothSidesCarryIt()
    {
        var before = Parity.Count(ParityResult.Match);
        for (var i = 0; i < 100; i++)
        {
            await _node.PublishAsync(_rooms.Append(_room));
        }

        Assert.Equal(100, (await _ann.MessagesAsync(100)).Distinct().Count());
        await Eventually.ClearAsync(() => Parity.Count(ParityResult.Match) - before == 100 ? null : $"{Parity.Count(ParityResult.Match) - before} of 100 match");
        Assert.Equal((0, 0, 0, 1.0), (Parity.Count(ParityResult.Missing), Parity.Count(ParityResult.Extra), Parity.Count(ParityResult.Payload), Parity.Ratio));
    }

    [Fact]
    public async Task MissingExtraAndDifferentCopiesAreCounted_AndTheClientSeesTheLegacyOneOnly()
    {
        var redis = _node.Get<IConnectionMultiplexer>().GetSubscriber();
        var legacy = RedisChannel.Literal(ChannelNames.Legacy(_room));
        await redis.PublishAsync(legacy, Envelopes.Of(_rooms.Append(_room), 1, null));
        var onlySharded = Envelopes.Of(_rooms.Append(_room), 1, null);
        await redis.PublishAsync(RedisChannel.Literal(ChannelNames.Message(_room, 1)), onlySharded);
        await redis.PublishAsync(legacy, onlySharded.AsMemory().ToArray());
        var differs = _rooms.Append(_room, text: "as stored");
        await redis.PublishAsync(legacy, Envelopes.Of(differs, 1, null));
        await redis.PublishAsync(RedisChannel.Literal(ChannelNames.Message(_room, 2)), Envelopes.Of(differs with { Text = "forged" }, 1, null));
        var phantom = new MessageRecord(_room.Tenant, _room.Room, 1_000, "m", "u", "nowhere else", DateTimeOffset.UnixEpoch);
        await redis.PublishAsync(RedisChannel.Literal(ChannelNames.Message(_room, 3)), Envelopes.Of(phantom, 1, null));

        await Eventually.ClearAsync(() =>
            (Parity.Count(ParityResult.Missing), Parity.Count(ParityResult.Extra), Parity.Count(ParityResult.Payload)) is var counts && counts == (1, 1, 1) ? null : $"{counts}");
        Assert.True(Parity.Ratio < 1);
        Assert.Equal(3, (await _ann.MessagesAsync(3)).Distinct().Count());
    }

    /// <summary>Publishes until a match is seen: from then on no event is skipped because of the start.</summary>
    private async Task MatchAsync()
    {
        await Eventually.ClearAsync(async () =>
        {
            await _node.PublishAsync(_rooms.Append(_room));
            await _ann.MessagesAsync(1);
            return Parity.Count(ParityResult.Match) > 12 ? null : "nothing matches yet";
        });
    }
}
