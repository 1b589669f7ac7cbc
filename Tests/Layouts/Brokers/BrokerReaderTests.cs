using System.Net;
using Contracts.Layouts;
using Contracts.Messages;
using Layouts.Brokers;
using Layouts.Planning;
using Microsoft.Extensions.Options;
using Realtime.Channels;
using StackExchange.Redis;
using Tests.Infrastructure;
using Tests.Layouts.Autopilot;

namespace Tests.Layouts.Brokers;

/// <summary>What real servers answer to INFO.</summary>
public sealed class BrokerReaderTests
{
    private const int Publishes = 2_000;

    private static readonly RoomKey Room = new("acme", "hall");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OneServerIsOneMaster_UnderTwoNames_AndItsCountsGrowWithItsWork()
    {
        await using var redis = await StartAsync();

        // One server under two names, as a service's name and a server's own are.
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString.Replace("localhost", "127.0.0.1", StringComparison.Ordinal).Split(',')[0]},{redis.ConnectionString},allowAdmin=true");
        var reader = Reader(connection, out _);
        var first = await reader.ReadAsync(Token);
        await PublishAsync(connection, ChannelNames.Legacy(Room), isCluster: false);
        var last = await reader.ReadAsync(Token);
        Assert.Null(last.Problem);
        var (before, after) = (Assert.Single(first.Masters), Assert.Single(last.Masters));
        Assert.True(after.Commands >= before.Commands + Publishes, $"{before} {after}");
        Assert.True(after.CpuSeconds > before.CpuSeconds && after.CpuSeconds - before.CpuSeconds < (after.At - before.At).TotalSeconds * 2, $"{before} {after}");
    }

    [Fact]
    public async Task ARestartShowsInTheNextWindow_AndItsAbsenceIsSaid()
    {
        await using var redis = await StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",abortConnect=false,allowAdmin=true");
        var reader = Reader(connection, out _);
        var price = new BrokerPrice();
        price.Take(await reader.ReadAsync(Token), Counted.Reading(0, Counted.View(Counted.Node())));
        await redis.StopAsync();
        await Eventually.ClearAsync(async () => (await reader.ReadAsync(Token)).Problem is { Length: > 0 } ? null : "it still answers");
        await redis.StartAgainAsync();
        BrokerReading? again = null;
        await Eventually.ClearAsync(async () => (again = await reader.ReadAsync(Token)).Problem);
        var window = price.Take(again!, Counted.Reading(10, Counted.View(Counted.Node(uptime: 1_010))));
        Assert.EndsWith("was restarted", window.Gap!.Text, StringComparison.Ordinal);
        Assert.False(window.Gap.IsUsual);
    }

    [Fact]
    public async Task AUserWithoutInfoIsSaid_AndNothingFails()
    {
        await using var redis = await StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(await WithoutInfoAsync(redis));
        var reading = await Reader(connection, out _).ReadAsync(Token);
        Assert.Empty(reading.Masters);
        Assert.Contains("does not answer INFO (", reading.Problem, StringComparison.Ordinal);
        Assert.Contains("NOPERM", reading.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryMasterOfAClusterIsRead_AndShardsLieWhereTheServersSay()
    {
        await using var cluster = await RedisCluster.StartAsync(Token, replicas: 1);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(cluster.ConnectionString + ",allowAdmin=true");
        var reader = Reader(connection, out var view, isCluster: true);
        await view.RefreshAsync(Token);
        var first = await reader.ReadAsync(Token);
        Assert.Equal(view.Masters.Select(EndPointCollection.ToString).Order(StringComparer.Ordinal), first.Masters.Select(static master => master.Name));
        Assert.Equal((3, null), (first.Masters.Count, first.Problem));

        // One room, one shard: one master works.
        var busy = EndPointCollection.ToString(view.OwnerOf(ChannelNames.Message(Room, 0)));
        await PublishAsync(connection, ChannelNames.Message(Room, 0), isCluster: true);
        var last = await reader.ReadAsync(Token);
        var worked = first.Masters.Zip(last.Masters, static (before, after) => (after.Name, Commands: after.Commands - before.Commands)).ToDictionary(static pair => pair.Name, static pair => pair.Commands);
        Assert.All(worked, pair => Assert.True(pair.Key == busy ? pair.Value >= Publishes : pair.Value < Publishes / 2, $"{pair}"));

        // The same masters as the servers' own answer, shard by shard.
        var counts = new Dictionary<int, int>();
        var spread = ShardSpread.Of(Room, view.OwnerOf)!;
        for (var shards = 1; shards <= 5; shards++)
        {
            var port = await cluster.MasterOfAsync(ChannelNames.Message(Room, shards - 1), Token);
            Assert.Equal(port, ((IPEndPoint)view.OwnerOf(ChannelNames.Message(Room, shards - 1))!).Port);
            counts[port] = counts.GetValueOrDefault(port) + 1;
            Assert.Equal((double)counts.Values.Max() / shards, spread.PartOf(shards), 9);
        }

        Assert.Equal(3, Masters(spread));
        Assert.Equal(0.5, spread.PartOf(4), 9);
    }

    private static int Masters(ShardSpread spread) => spread.MastersOf(LayoutRules.MaxShards);

    private static async Task<TestRedis> StartAsync()
    {
        Assert.SkipWhen(RedisCluster.Find("redis-server") is null, "Other servers say less: apt-get install redis-server");
        return await TestRedis.StartAsync(Token);
    }

    private static BrokerReader Reader(IConnectionMultiplexer connection, out ClusterView view, bool isCluster = false)
    {
        view = new ClusterView(connection, Options.Create(new ChannelOptions { Cluster = isCluster }), TimeProvider.System);
        return new BrokerReader(connection, view, TimeProvider.System);
    }

    private static async Task PublishAsync(IConnectionMultiplexer connection, string channel, bool isCluster)
    {
        var to = isCluster ? RedisChannel.Sharded(channel) : RedisChannel.Literal(channel);
        await Task.WhenAll(Enumerable.Range(0, Publishes).Select(_ => connection.GetSubscriber().PublishAsync(to, "x")));
    }

    /// <summary>Connection string of a user that may do everything but that.</summary>
    internal static async Task<string> WithoutInfoAsync(TestRedis redis)
    {
        await using var all = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await all.GetDatabase().ExecuteAsync("ACL", "SETUSER", "node", "on", ">of-a-node", "~*", "&*", "+@all", "-info");
        return $"{redis.ConnectionString.Split(',')[0]},user=node,password=of-a-node,abortConnect=false,allowAdmin=true";
    }
}
