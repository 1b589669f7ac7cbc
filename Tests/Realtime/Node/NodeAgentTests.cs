using Contracts;
using Contracts.Frames;
using Contracts.Layouts;
using Contracts.Messages;
using Contracts.Publish;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Channels;
using Realtime.Node;
using StackExchange.Redis;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime.Node;

/// <summary>Nodes that lose the control plane or the broker, beside one that does not.</summary>
public sealed class NodeAgentTests(DataServers servers) : IAsyncLifetime
{
    private static readonly LayoutState Shadow = new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);
    private static readonly LayoutState Canary = Shadow with { Stage = LayoutStages.Canary, Canary = new CanaryRule([], [], 1_000) };
    private static readonly LayoutState Listening = Shadow with { Stage = LayoutStages.Cutover, Step = LayoutSteps.Listen };
    private static readonly LayoutState Cutover = Shadow with { Stage = LayoutStages.Cutover };

    // Longer than a busy machine needs for anything: each of them expires when the test puts the node's clock forward.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly MemoryPlane _plane = new();
    private readonly string _tenant = "t" + Ids.New(TimeProvider.System);
    private readonly ForwardTime _poorTime = new();
    private readonly ForwardTime _wellTime = new();
    private TcpProxy _proxy = null!;
    private RealtimeNode _poor = null!;
    private RealtimeNode _well = null!;
    private string _poorNode = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Channels:Overlap"] = $"{Overlap:c}",
        ["ControlPlane:Heartbeat"] = "00:00:00.100",
        ["ControlPlane:Lease"] = $"{Lease:c}",
        ["ControlPlane:ApplyPatience"] = $"{Patience:c}",
        ["Shadow:SamplePerMille"] = "0",

        // Sockets stay where the clock is put forward.
        ["Sockets:PingInterval"] = "00:10:00",
        ["Sockets:IdleTimeout"] = "01:00:00",
    };

    private RoomKey Room => new(_tenant, "lobby");

    public async ValueTask InitializeAsync()
    {
        var redis = await servers.GetRedisConnectionStringAsync(Token);
        var options = ConfigurationOptions.Parse(redis);
        var (host, port) = (((System.Net.DnsEndPoint)options.EndPoints[0]).Host, ((System.Net.DnsEndPoint)options.EndPoints[0]).Port);
        _proxy = new TcpProxy(host, port);
        options.EndPoints.Clear();
        options.EndPoints.Add("127.0.0.1", _proxy.Port);
        _poor = await RealtimeNode.StartAsync(options.ToString(includePassword: true), _rooms, _issuer, Settings, _plane, services => services.AddSingleton<TimeProvider>(_poorTime));
        _well = await RealtimeNode.StartAsync(redis, _rooms, _issuer, Settings, _plane, services => services.AddSingleton<TimeProvider>(_wellTime));
        _poorNode = _poor.Get<NodeAgent>().Node;
        _rooms.Create(Room, "ann", "bob");
    }

    public async ValueTask DisposeAsync()
    {
        await _poor.DisposeAsync();
        await _well.DisposeAsync();
        await _proxy.DisposeAsync();
        _issuer.Dispose();
    }

    [Fact]
    public async Task PublishingStopsAndNobodyIsSentAway_WhenTheControlPlaneIsAwayAndNothingChanges()
    {
        await using var ann = await _poor.ConnectAsync(_tenant, "ann");
        await ann.SubscribeAsync("lobby");

        await LoseSightAsync();
        await _poor.PublishAsync(_rooms.Append(Room));
        _poorTime.Forward(Lease);
        await PublishAnswersAsync(_poor, 503);
        Assert.Equal(503, await ReadyAsync(_poor));
        Assert.Equal(200, await ReadyAsync(_well));
        await _well.PublishAsync(_rooms.Append(Room));
        Assert.Equal([1, 2], await ann.MessagesAsync(2));

        _plane.IsAway = static _ => false;
        await Eventually.ClearAsync(async () => await ReadyAsync(_poor) is var status and not 200 ? $"ready answers {status}" : null);
        await _poor.PublishAsync(_rooms.Append(Room));
        Assert.Equal([3], await ann.MessagesAsync(1));
    }

    [Fact]
    public async Task ChangesWaitForTheLease_ThenGoOn_AndClientsOfThePassedOverNodeAreSentAway()
    {
        await using var ann = await _poor.ConnectAsync(_tenant, "ann");
        await ann.SubscribeAsync("lobby");
        await using var bob = await _well.ConnectAsync(_tenant, "bob");
        await bob.SubscribeAsync("lobby");

        await LoseSightAsync();
        Assert.Null(_plane.TryChange(LayoutScope.All, Shadow));
        Assert.Contains(_poorNode, _plane.TryChange(LayoutScope.All, Canary), StringComparison.Ordinal);

        // The node is the first to know that its lease has expired.
        _poorTime.Forward(Lease);
        Assert.False(_poor.Get<NodeLease>().Holds);
        _plane.Expire(_poorNode);
        foreach (var state in (LayoutState[])[Canary, Listening, Cutover])
        {
            await Eventually.ClearAsync(() => _plane.TryChange(LayoutScope.All, state));
        }

        await Eventually.ClearAsync(_plane.Late);
        Assert.False(_poor.Get<NodeLease>().Holds);
        await _well.PublishAsync(_rooms.Append(Room));
        Assert.Equal([1], await bob.MessagesAsync(1));

        // It recovers: the close code says that its client missed something, and the client resumes.
        _plane.IsAway = static _ => false;
        Assert.Equal(CloseCodes.BackendLost, (await ann.ClosedAsync()).Code);
        await Eventually.ClearAsync(async () => await ReadyAsync(_poor) is var status and not 200 ? $"ready answers {status}" : null);
        Assert.Equal(_plane.Revision, _poor.Get<NodeAgent>().Applied);
        await using var again = await _poor.ConnectAsync(_tenant, "ann");
        await again.SubscribeAsync("lobby", after: 0);
        await _well.PublishAsync(_rooms.Append(Room));
        await _poor.PublishAsync(_rooms.Append(Room));
        Assert.Equal([1, 2, 3], await again.MessagesAsync(3));
        Assert.Equal([2, 3], await bob.MessagesAsync(2));
    }

    [Fact]
    public async Task NodeGivesItsLeaseUp_WhenItCannotApplyBecauseTheBrokerIsAway()
    {
        await using var ann = await _poor.ConnectAsync(_tenant, "ann");
        await ann.SubscribeAsync("lobby");

        _proxy.Cut();

        // The first asks for no channel, and is applied all the same. The second cannot be.
        Assert.Null(_plane.TryChange(LayoutScope.All, Shadow));
        await Eventually.ClearAsync(_plane.Late);
        Assert.Null(_plane.TryChange(LayoutScope.All, Canary));
        await Eventually.ClearAsync(() => _poor.Get<IChannelFollower>().Following > 0 ? null : "the node does not try yet");
        Assert.Contains(_poorNode, _plane.TryChange(LayoutScope.All, Listening), StringComparison.Ordinal);
        _poorTime.Forward(Patience);
        foreach (var state in (LayoutState[])[Listening, Cutover])
        {
            await Eventually.ClearAsync(() => _plane.TryChange(LayoutScope.All, state));
        }

        await Eventually.ClearAsync(_plane.Late);
        Assert.False(_poor.Get<NodeLease>().Holds);

        _proxy.Restore();
        Assert.Equal(CloseCodes.BackendLost, (await ann.ClosedAsync()).Code);
        await Eventually.ClearAsync(async () => await ReadyAsync(_poor) is var status and not 200 ? $"ready answers {status}" : null);
        await using var again = await _poor.ConnectAsync(_tenant, "ann");
        await again.SubscribeAsync("lobby", after: 0);
        await _well.PublishAsync(_rooms.Append(Room));
        Assert.Equal([1], await again.MessagesAsync(1));
    }

    [Fact]
    public async Task ChannelsAreLeft_WhenNotNeededForTheOverlap_AndKeptWhenNeededAgain()
    {
        await using var ann = await _well.ConnectAsync(_tenant, "ann");
        await ann.SubscribeAsync("lobby");
        Assert.Equal(["legacy All 0: 1"], Channels(_well));

        string[] sharded = ["sharded Message 0: 1", "sharded Message 1: 1", "sharded Message 2: 1", "sharded Message 3: 1", "sharded Signal 0: 1", "sharded System 0: 1"];
        string[] both = ["legacy All 0: 1", .. sharded];
        await AppliedAsync(Shadow, Canary);
        Assert.Equal(both, Channels(_well));
        _wellTime.Forward(Overlap);
        await Eventually.ClearAsync(() => Channels(_well).SequenceEqual(sharded) ? null : string.Join(", ", Channels(_well)));

        // Back, and there again before the shards are left: it is the legacy channel that has not been needed for long enough now.
        await AppliedAsync(Shadow);
        Assert.Equal(both, Channels(_well));
        await AppliedAsync(Canary);
        Assert.Equal(both, Channels(_well));
        _wellTime.Forward(Overlap);
        await Eventually.ClearAsync(() => Channels(_well).SequenceEqual(sharded) ? null : string.Join(", ", Channels(_well)));
        await AppliedAsync(Shadow);
        _wellTime.Forward(Overlap);
        await Eventually.ClearAsync(() => Channels(_well) is ["legacy All 0: 1"] ? null : string.Join(", ", Channels(_well)));
    }

    [Fact]
    public async Task OtherTenantsStayAsTheyAre_WhenOneTenantChanges()
    {
        var other = new RoomKey(_tenant + "x", "lobby");
        foreach (var state in (LayoutState[])[Shadow, Canary, Listening, Cutover])
        {
            await Eventually.ClearAsync(() => _plane.TryChange(new LayoutScope(_tenant), state));
            await Eventually.ClearAsync(_plane.Late);
            var routes = _well.Get<ChannelLayouts>().Listening.RoutesOf(other);
            Assert.Equal((LayoutRules.Legacy, 0u, 1), (routes.Listen, routes.Epoch, routes.Copies));
            Assert.Equal(LayoutScope.All, routes.Scope);
        }
    }

    [Fact]
    public async Task LayoutIsToldWithTheSubscription_AndToEachSubscriberOnceWhenItChanges()
    {
        var legacy = new RoomLayout(RoomLayout.Legacy, null, 0);
        var sharded = new RoomLayout(RoomLayout.Sharded, 4, 2);
        var scope = new LayoutScope(_tenant);
        await using var ann = await _well.ConnectAsync(_tenant, "ann");
        await using var bob = await _well.ConnectAsync(_tenant, "bob");
        await using var far = await _poor.ConnectAsync(_tenant, "ann");
        foreach (var socket in (TestSocket[])[ann, bob, far])
        {
            Assert.Equal(legacy, (await socket.SubscribeAsync("lobby")).Layout);
        }

        // Listening changes once on this way, with the second record; publishing changes more often, which clients do not see.
        foreach (var state in (LayoutState[])[Shadow, Canary, Listening, Cutover, Cutover with { Stage = LayoutStages.Sharded }])
        {
            await Eventually.ClearAsync(() => _plane.TryChange(scope, state));
        }

        await Eventually.ClearAsync(_plane.Late);
        await using var late = await _well.ConnectAsync(_tenant, "bob");
        Assert.Equal(sharded, (await late.SubscribeAsync("lobby")).Layout);
        await _well.PublishAsync(_rooms.Append(Room));
        foreach (var socket in (TestSocket[])[ann, bob, far])
        {
            Assert.Equal(sharded, (await socket.LayoutAsync()).Layout);
        }

        foreach (var socket in (TestSocket[])[ann, bob, far, late])
        {
            // Frames of this kind go ahead of messages: a second one would have come by now.
            Assert.Equal([1], await socket.MessagesAsync(1));
            Assert.Equal(0, socket.LayoutsLeft);
        }
    }

    /// <summary>The cut-off node no longer reaches the control plane, and no answer to it is in flight.</summary>
    private async Task LoseSightAsync()
    {
        _plane.IsAway = node => node == _poorNode;
        await Eventually.ClearAsync(() => _poor.Get<NodeAgent>().Problem is null ? "the node has not noticed" : null);
    }

    /// <summary>The tenant's layouts change one after the other; all nodes have applied the last one.</summary>
    private async Task AppliedAsync(params LayoutState[] states)
    {
        foreach (var state in states)
        {
            await Eventually.ClearAsync(() => _plane.TryChange(new LayoutScope(_tenant), state));
        }

        await Eventually.ClearAsync(_plane.Late);
    }

    private static string[] Channels(RealtimeNode node) =>
        [.. node.Get<RedisRoomChannels>().Counts.Where(static count => count.Value != 0)
            .Select(static count => $"{count.Key.Layout} {count.Key.Kind} {count.Key.Shard}: {count.Value}").Order(StringComparer.Ordinal)];

    private Task PublishAnswersAsync(RealtimeNode node, int status) => Eventually.ClearAsync(async () =>
    {
        var result = await node.Client.PublishAsync(new PublishRequest([], [new SystemEventRecord(_tenant, "attic", Ids.New(TimeProvider.System), SystemEvents.RoomUpdated, "ann", DateTimeOffset.UnixEpoch)]), Token);
        return result.Problem?.Status == status ? null : $"publishing answers {result.Problem?.Status ?? 200}";
    });

    private static async Task<int> ReadyAsync(RealtimeNode node)
    {
        using var response = await node.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
        return (int)response.StatusCode;
    }
}
