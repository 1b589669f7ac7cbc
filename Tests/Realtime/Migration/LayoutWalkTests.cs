using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Realtime.Channels;
using StackExchange.Redis;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime.Migration;

/// <summary>Layouts change under load on a real Redis, over nodes that keep step by the real agent: nothing is lost, doubled or out of order.</summary>
public sealed class LayoutWalkTests(DataServers servers) : IAsyncLifetime
{
    private static readonly string[] Rooms = ["hot", "calm", "quiet"];

    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly MemoryPlane _plane = new();
    private readonly string _tenant = "t" + Ids.New(TimeProvider.System);
    private readonly List<RealtimeNode> _nodes = [];

    /// <summary>Back and forth through all stages, then from 4 shards to 16 and to 2, and home.</summary>
    private IEnumerable<LayoutState> Walk
    {
        get
        {
            LayoutState Of(string stage, string step = LayoutSteps.None, int shards = 4, int? next = null) => new(
                stage, step, shards, next, ShardKeys.Message, stage == LayoutStages.Canary ? new CanaryRule([], [$"{_tenant}/hot"], 300) : null);
            LayoutState[] up =
            [
                Of(LayoutStages.Shadow), Of(LayoutStages.Canary), Of(LayoutStages.Cutover, LayoutSteps.Listen), Of(LayoutStages.Cutover), Of(LayoutStages.Sharded),
            ];
            LayoutState[] down = [.. up.Reverse().Skip(1), Of(LayoutStages.Legacy)];
            return
            [
                .. up,
                .. down,
                .. up,
                Of(LayoutStages.Sharded, LayoutSteps.Widen, 4, 16), Of(LayoutStages.Sharded, LayoutSteps.Listen, 4, 16), Of(LayoutStages.Sharded, shards: 16),
                Of(LayoutStages.Sharded, LayoutSteps.Widen, 16, 2), Of(LayoutStages.Sharded, LayoutSteps.Listen, 16, 2), Of(LayoutStages.Sharded, shards: 2),
                Of(LayoutStages.Cutover, shards: 2), Of(LayoutStages.Cutover, LayoutSteps.Listen, 2), Of(LayoutStages.Canary, shards: 2), Of(LayoutStages.Shadow, shards: 2),
                Of(LayoutStages.Legacy),
            ];
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A pause before channels are left that is short against a step, so that leaving happens under load too.</summary>
    private static Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Channels:Overlap"] = "00:00:00.200",
        ["ControlPlane:Heartbeat"] = "00:00:00.100",
        ["Sockets:FramesPerSecond"] = "5000",
        ["Sockets:FramesBurst"] = "5000",
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        _issuer.Dispose();
    }

    [Fact]
    public async Task EverybodyGetsEverythingOnce_WhileLayoutsWalkThroughAllStages()
    {
        await StartNodesAsync(await servers.GetRedisConnectionStringAsync(TestContext.Current.CancellationToken), Settings);
        await WalkAsync();
    }

    [Fact]
    public async Task EverybodyGetsEverythingOnce_OnARedisCluster_WhoseMastersShareARoomsShards()
    {
        await using var cluster = await RedisCluster.StartAsync(TestContext.Current.CancellationToken);
        await StartNodesAsync(cluster.ConnectionString, new(Settings, StringComparer.Ordinal) { ["Channels:Cluster"] = "true" });
        var redis = _nodes[0].Get<IConnectionMultiplexer>();
        var room = new RoomKey(_tenant, "hot");
        var owners = Enumerable.Range(0, 16)
            .Select(shard => redis.GetServer(redis.GetDatabase().IdentifyEndpoint(ChannelNames.Message(room, shard))!).EndPoint)
            .Distinct().Count();
        Assert.Equal(cluster.Ports.Count, owners);

        await WalkAsync();
        foreach (var port in cluster.Ports)
        {
            var commands = (await redis.GetServer("127.0.0.1", port).ExecuteAsync("INFO", "commandstats")).ToString();
            Assert.Contains("cmdstat_spublish", commands, StringComparison.Ordinal);
            Assert.Contains("cmdstat_ssubscribe", commands, StringComparison.Ordinal);
        }

        // Before the cluster ends.
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        _nodes.Clear();
    }

    private async Task StartNodesAsync(string redis, Dictionary<string, string?> settings)
    {
        for (var i = 0; i < 2; i++)
        {
            _nodes.Add(await RealtimeNode.StartAsync(redis, _rooms, _issuer, settings, _plane));
        }
    }

    private async Task WalkAsync()
    {
        await using var load = await LayoutLoad.StartAsync(_nodes, _rooms, [.. Rooms.Select(room => new RoomKey(_tenant, room))]);
        var before = LayoutRules.Initial;
        foreach (var next in Walk)
        {
            Assert.True(LayoutRules.AreCompatible(before, next), $"{before} to {next}");
            await Eventually.ClearAsync(() => _plane.TryChange(new LayoutScope(_tenant), next));
            await Eventually.ClearAsync(_plane.Late);
            await load.SendMoreAsync(300);
            Assert.All(_nodes, node => Assert.Equal(LayoutRules.RoutesOf(next).CanaryListen != LayoutRules.Legacy, ListensToShards(node)));
            before = next;
        }

        TestContext.Current.SendDiagnosticMessage(await load.FinishAsync());
    }

    /// <summary>Whether the hot room, which is among the canaries, is heard over shards: a walk that changed nothing would prove nothing.</summary>
    private bool ListensToShards(RealtimeNode node) =>
        node.Get<ChannelLayouts>().Listening.RoutesOf(new RoomKey(_tenant, "hot")).Listen != LayoutRules.Legacy
        && node.Get<RedisRoomChannels>().Counts.Any(static count => count.Key.Layout == "sharded" && count.Value > 0);
}
