using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using Contracts.Layouts;
using Contracts.Messages;
using Layouts.Admin;
using Layouts.Planning;
using Layouts.Steps;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Realtime.Channels;
using Realtime.Counting;
using Tests.Infrastructure;
using Tests.Layouts.Brokers;
using Tests.Layouts.Driving;
using Tests.Realtime;

namespace Tests.Layouts.Planning;

/// <summary>
/// The planner over nodes, a real dbman and a real Redis Cluster: a hot room is found, proposed for, and moved if that is allowed. On one Redis it is
/// held, and that is said.
/// </summary>
public sealed class PlannerTests(DataServers servers)
{
    /// <summary>Messages of a call: a price is measured from 100 a second on.</summary>
    private const int Batch = 20;

    private static readonly (string Name, string Value)[] Settings =
    [
        ("Figures:Report", "00:00:00.200"),
        ("Figures:HotWindow", "00:00:00.300"),
        ("Figures:Poll", "00:00:00.100"),
        ("Figures:Window", "00:00:01"),
        ("Planner:Window", "00:00:00.300"),
        ("Planner:GrowWindows", "2"),
        ("Planner:ShrinkWindows", "2"),
        ("Planner:CoolDown", "00:00:00.500"),

        // However slowly a machine publishes, a busy room has more than this, and one that is left alone less.
        ("Planner:MessagesPerShard", "0.5"),
        ("Planner:MasterShare", "0.001"),
        ("Planner:MaxShards", "8"),
    ];

    private static readonly (string Name, string Value)[] OnCluster = [.. Settings, ("Channels:Cluster", "true")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HotRoomIsProposedFor_OnEveryNode_AndNothingIsDone()
    {
        await using var cluster = await RedisCluster.StartAsync(Token);
        await using var rig = await DriverRig.StartAsync(servers, cluster.ConnectionString, 2, OnCluster);
        await rig.GoAsync(LayoutStages.Sharded);
        await rig.ArrivedAsync("sharded (4 shards)");
        var revision = (await rig.StatusAsync()).Revision;
        var (hot, spread) = CreateSpread(rig);
        foreach (var node in rig.Nodes)
        {
            await BusyUntilAsync(rig, hot, async () =>
            {
                var view = await ProposalsAsync(node);
                return view is { IsApplied: false, Proposals: [{ CanFollow: true, FollowsWider: false } row], Brokers.Masters.Count: 3 }
                    && row.Scope == hot.ToString()
                    && row.Figures["messages_per_second"] > 2
                    && spread.PartOf(row.Shards) < spread.PartOf(4)
                    ? null
                    : $"{view.Proposals.Count} proposals: {string.Join("; ", view.Proposals)}; {view.Brokers}";
            });
        }

        Assert.Equal(revision, (await rig.StatusAsync()).Revision);

        // Written once, and not again by the next driver.
        await rig.KillAsync(await rig.DriverAsync());
        await rig.DriverAsync();
        await BusyUntilAsync(rig, hot, async () => (await ProposalsAsync(rig.Nodes[0])).Proposals.Count == 1 ? null : "no proposal");

        // A calm room needs none, and the proposal is withdrawn.
        await Eventually.ClearAsync(async () => (await ProposalsAsync(rig.Nodes[0])).Proposals.Count == 0 ? null : "still proposed");

        // Where this test pauses for longer than a few windows the room is calm, too, and is proposed for again afterwards: each time once.
        var planned = (await PlannedAsync(rig, hot)).Select(static decision => decision.Decision).ToArray();
        Assert.Equal(Enumerable.Range(0, planned.Length).Select(static number => number % 2 == 0 ? "propose" : "withdraw"), planned);
        Assert.Equal("withdraw", planned[^1]);
    }

    [Fact]
    public async Task HotRoomMovesByItself_WhereThatIsAllowed_AndColdItFollowsTheOthersAgain()
    {
        await using var cluster = await RedisCluster.StartAsync(Token);
        await using var rig = await DriverRig.StartAsync(servers, cluster.ConnectionString, 2, [.. OnCluster, ("Planner:Apply", "true")]);
        await rig.GoAsync(LayoutStages.Sharded, shards: 1);
        await rig.ArrivedAsync("sharded (1 shard)");
        var (hot, spread) = CreateSpread(rig);
        var scope = new LayoutScope(hot.Tenant, hot.Room);
        await BusyUntilAsync(
            rig,
            hot,
            async () => await OwnAsync(rig, scope) is { Stage: LayoutStages.Sharded, Step: LayoutSteps.None } own && spread.PartOf(own.Shards) < 1 ? null : "not on several masters");
        await Eventually.ClearAsync(async () => await OwnAsync(rig, scope) is { } own ? $"still {StepText.Name(own)}" : null);
        Assert.Contains(await PlannedAsync(rig, hot), static decision => decision.Decision == "apply");
        var goals = await rig.Plane.GetGoalsAsync(Token);
        Assert.DoesNotContain(goals.Value.Goals, goal => goal.Scope != scope);
    }

    /// <summary>One Redis has every channel: more shards only cost.</summary>
    [Fact]
    public async Task HotRoomOnOneRedisIsHeld_AndItIsSaidWhy_WithWhatRedisWorks()
    {
        Assert.SkipWhen(RedisCluster.Find("redis-server") is null, "Other servers do not say their CPU time: apt-get install redis-server");
        await using var rig = await DriverRig.StartAsync(servers, 1, Settings);
        await rig.GoAsync(LayoutStages.Sharded, shards: 1);
        await rig.ArrivedAsync("sharded (1 shard)");
        var node = rig.Nodes[0];
        var meters = node.Get<IMeterFactory>();
        using var cpu = new MetricCollector<double>(meters, RealtimeTelemetry.Name, "realtime.broker.cpu");
        using var commands = new MetricCollector<double>(meters, RealtimeTelemetry.Name, "realtime.broker.commands");
        using var price = new MetricCollector<double>(meters, RealtimeTelemetry.Name, "realtime.broker.price");
        var hot = Create(rig, "hot");
        await BusyUntilAsync(rig, hot, async () =>
        {
            var view = await ProposalsAsync(node);
            return view is { Proposals.Count: 0, Brokers: { Masters: [{ CpuShare: > 0, CommandsPerSecond: > 0 }], Held: [{ MasterShare: > 0.001 } held], PriceSeconds: > 0 and < 0.01 } }
                && new RoomKey(held.Tenant, held.Room) == hot
                && held.Text == "one master has all of its channels."
                ? null
                : $"{view.Proposals.Count} proposals, {view.Brokers}";
        });
        foreach (var collector in (MetricCollector<double>[])[cpu, commands, price])
        {
            collector.RecordObservableInstruments();
            Assert.True(collector.LastMeasurement?.Value > 0);
        }

        Assert.Equal((await ProposalsAsync(node)).Brokers!.Masters[0].Name, cpu.LastMeasurement!.Tags["master"]);
        Assert.Empty(await PlannedAsync(rig, hot));
    }

    /// <summary>Without INFO rooms are judged by messages, and that is said in one line of the log.</summary>
    [Fact]
    public async Task WhyNoPriceIsKnownIsSaidOnce()
    {
        Assert.SkipWhen(RedisCluster.Find("redis-server") is null, "Other servers have other users: apt-get install redis-server");
        await using var redis = await TestRedis.StartAsync(Token);
        await using var rig = await DriverRig.StartAsync(servers, await BrokerReaderTests.WithoutInfoAsync(redis), 1, Settings);
        var node = rig.Nodes[0];
        var changes = new HashSet<DateTimeOffset>();
        await Eventually.ClearAsync(async () =>
        {
            var view = await ProposalsAsync(node);
            if (view.Brokers is { PriceSeconds: null, Note: { } note } && note.Contains("NOPERM", StringComparison.Ordinal))
            {
                changes.Add((await node.Http.GetFromJsonAsync(AdminRoutes.Figures, AdminJsonContext.Default.FiguresView, Token))!.At);
            }

            return changes.Count > 20 ? null : $"{changes.Count} readings, {view.Brokers}";
        });
        Assert.Single(node.Warnings, static warning => warning.Contains("What an event costs Redis cannot be measured", StringComparison.Ordinal));
    }

    /// <summary>A room whose shards can lie better than four of them do, on the masters of this cluster.</summary>
    private static (RoomKey Room, ShardSpread Spread) CreateSpread(DriverRig rig)
    {
        var view = rig.Nodes[0].Get<ClusterView>();
        for (var number = 0; ; number++)
        {
            Assert.True(number < 1_000, "No room lies so: are the masters known?");
            var room = new RoomKey(rig.Scope.Tenant!, $"hot{number}");
            if (ShardSpread.Of(room, view.OwnerOf) is { } spread && spread.PartOf(3) < spread.PartOf(4))
            {
                return (Create(rig, room.Room), spread);
            }
        }
    }

    private static RoomKey Create(DriverRig rig, string name)
    {
        var room = new RoomKey(rig.Scope.Tenant!, name);
        rig.Rooms.Create(room, "ann");
        return room;
    }

    /// <summary>Publishes into the room, without a pause, until the condition holds.</summary>
    private static Task BusyUntilAsync(DriverRig rig, RoomKey room, Func<Task<string?>> obstacle)
    {
        var sent = 0;
        return Eventually.ClearAsync(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await rig.Nodes[sent++ % rig.Nodes.Count].PublishAsync([.. Enumerable.Range(0, Batch).Select(_ => rig.Rooms.Append(room))]);
            }

            return await obstacle();
        });
    }

    private static async Task<ProposalsView> ProposalsAsync(RealtimeNode node) =>
        (await node.Http.GetFromJsonAsync(AdminRoutes.Proposals, AdminJsonContext.Default.ProposalsView, Token))!;

    private static async Task<LayoutDecision[]> PlannedAsync(DriverRig rig, RoomKey room)
    {
        var page = await rig.Plane.GetDecisionsAsync(null, Contracts.Limits.Page, Token);
        return [.. page.Value.Items.Where(decision => decision.By == "planner" && decision.Scope == new LayoutScope(room.Tenant, room.Room)).Reverse()];
    }

    private static async Task<LayoutState?> OwnAsync(DriverRig rig, LayoutScope scope) =>
        new LayoutCatalog((await rig.Plane.GetAsync(0, Token)).Value).Own(scope);
}
