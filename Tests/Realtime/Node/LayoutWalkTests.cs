using Contracts.Messages;
using Realtime.Channels;
using StackExchange.Redis;
using Tests.Infrastructure;

namespace Tests.Realtime.Node;

/// <summary>Layouts change under load on a real broker, over nodes with the real agent: nothing is lost, duplicated or out of order.</summary>
public sealed class LayoutWalkTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EverybodyGetsEverythingOnce_WhileLayoutsWalkThroughAllStages()
    {
        await using var walk = await LayoutWalk.StartAsync(await servers.GetRedisConnectionStringAsync(Token));
        await walk.RunAsync();
    }

    [Fact]
    public async Task EverybodyGetsEverythingOnce_OnARedisCluster_WhoseMastersShareARoomsShards()
    {
        await using var cluster = await RedisCluster.StartAsync(Token);
        await using var walk = await LayoutWalk.StartAsync(cluster.ConnectionString, ("Channels:Cluster", "true"));
        var redis = walk.Nodes[0].Get<IConnectionMultiplexer>();
        var room = new RoomKey(walk.Tenant, LayoutWalk.Hot);
        var owners = Enumerable.Range(0, 16)
            .Select(shard => redis.GetServer(redis.GetDatabase().IdentifyEndpoint(ChannelNames.Message(room, shard))!).EndPoint)
            .Distinct().Count();
        Assert.Equal(cluster.Ports.Count, owners);

        await walk.RunAsync();
        foreach (var port in cluster.Ports)
        {
            var commands = (await redis.GetServer("127.0.0.1", port).ExecuteAsync("INFO", "commandstats")).ToString();
            Assert.Contains("cmdstat_spublish", commands, StringComparison.Ordinal);
            Assert.Contains("cmdstat_ssubscribe", commands, StringComparison.Ordinal);
        }
    }
}
