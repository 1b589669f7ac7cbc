using System.Net;
using System.Net.Http.Json;
using System.Text;
using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Tests.Infrastructure;

namespace Tests.Dbman.Layouts;

/// <summary>Heartbeats, leases, and the barrier that waits for them.</summary>
public sealed class LeaseTests(DataServers servers)
{
    /// <summary>Locks are held for as long as the test takes to see who waits for them.</summary>
    private static readonly (string Name, string Value)[] Patient =
        [("Dbman:Database:StatementTimeout", "00:01:00"), ("Dbman:Database:LockTimeout", "00:00:59")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BarrierHolds_UntilEveryLiveNodeHasApplied()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        Assert.True((await app.Client.BeatAsync("a", 0, Token)).Granted);
        Assert.True((await app.Client.BeatAsync("b", 0, Token)).Granted);
        var first = await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);

        // The lease is still valid: the node gets the records, and changes wait for it.
        var told = await app.Client.BeatAsync("a", 0, Token, note: "waits for the broker");
        Assert.True(told.Granted);
        Assert.Equivalent(new LayoutsResponse(1, [first]), told.Layouts, strict: true);
        var refused = (await app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutBarrier);
        Assert.Contains("2 live node(s) have not applied revision 1: a is at 0 (waits for the broker); b is at 0.", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.RetryAfter);

        // Changes of other scopes wait as well.
        (await app.Client.TryChangeAsync(new LayoutScope("t"), 0, Layout.Legacy(), Token)).Refused(409, ProblemTypes.LayoutBarrier);
        Assert.Empty((await app.Client.BeatAsync("a", 1, Token)).Layouts.Records);
        refused = (await app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutBarrier);
        Assert.Contains("1 live node(s) have not applied revision 1: b is at 0.", refused.Detail, StringComparison.Ordinal);
        await app.Client.BeatAsync("b", 1, Token);
        Assert.Equal(2, (await app.Client.ChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token)).Epoch);
    }

    [Fact]
    public async Task FiguresStayUntilNewOnesCome_AndTooManyAreRefused()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var figures = new NodeFigures(
            "a", 7, [new PublishFigures("message", "legacy", 1, new LatencyFigures(3, [1, 2]))], new DeliveryFigures(1, 2, 3, 4, 5, 6), [], [], new HotRooms(10, [new HotRoom("t", "r", 9, 1, 8, 2)]),
            new DrivingFigures([], new BrokerFigures([new MasterFigures("redis:6379", 0.5, 700)], [new HeldRoom("t", "r", 9, 0.4, "one master")], 12e-6, "restarted")));
        var beat = new NodeHeartbeat(0, 0, 60_000);
        (await app.Client.Layouts.BeatAsync("a", beat with { Figures = figures }, Token)).Ok();
        (await app.Client.Layouts.BeatAsync("a", beat, Token)).Ok();

        Assert.Equivalent(figures, Assert.Single((await app.Client.Layouts.GetNodesAsync(withFigures: true, Token)).Ok().Nodes).Figures, strict: true);
        var bare = Assert.Single((await app.Client.Layouts.GetNodesAsync(Token)).Ok().Nodes);
        Assert.Null(bare.Figures);
        Assert.NotNull(bare.FiguresMilliseconds);
        foreach (var bad in new[]
        {
            figures with { Source = "a:b" },
            figures with { Publish = [.. Enumerable.Repeat(figures.Publish[0], FigureLimits.Publish + 1)] },
            figures with { Publish = [figures.Publish[0] with { Latency = new LatencyFigures(79, [1, 1]) }] },
            figures with { Subscriptions = [.. Enumerable.Repeat(new SubscriptionFigures(new string('x', FigureLimits.Bytes / 8), "all", 1, 1), 9)] },
            figures with { Driving = new([], new([.. Enumerable.Repeat(new MasterFigures("m", 0, 0), FigureLimits.Masters + 1)], [])) },
            figures with { Driving = new([], new([], [.. Enumerable.Repeat(new HeldRoom("t", "r", 1, 1, "x"), FigureLimits.HeldRooms + 1)])) },
            figures with { Driving = new([], new([], [new HeldRoom("t", "r:2", 1, 1, "x")])) },
        })
        {
            Assert.Equal(400, (await app.Client.Layouts.BeatAsync("a", beat with { Figures = bad }, Token)).Problem?.Status);
        }
    }

    [Theory]
    [InlineData("""{"applied":0,"known":0,"leaseMilliseconds":60000,"rooms":3,"connections":4,"version":"0.9"}""")]
    [InlineData("""{"applied":0,"known":0,"leaseMilliseconds":60000,"rooms":3,"connections":4,"version":"0.9","figures":null}""")]
    [InlineData("""{"applied":0,"known":0,"leaseMilliseconds":60000,"rooms":3,"connections":4,"version":"0.9","mood":{"of":["a","later","version"]}}""")]
    public async Task AHeartbeatOfAnotherVersionIsTaken_AndItsNodeHasNoFigures(string beat)
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        using var content = new StringContent(beat, Encoding.UTF8, "application/json");
        using var answer = await app.Http.PutAsync(new Uri($"{DbmanRoutes.LayoutNodes}/old", UriKind.Relative), content, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.NodeHeartbeatResponse, Token))!.Granted);
        var node = Assert.Single((await app.Client.Layouts.GetNodesAsync(withFigures: true, Token)).Ok().Nodes);
        Assert.Equal(("old", true, 3, 4, "0.9"), (node.Node, node.IsLive, node.Rooms, node.Connections, node.Version));
        Assert.Null(node.Figures);
        Assert.Null(node.FiguresMilliseconds);
    }

    [Fact]
    public async Task ANodeThatReadsLess_GetsItsFirstLease_OnceEveryOtherHasHeardOfIt()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        Assert.Equal((true, 2), await BeatAsync("new", 2));
        Assert.Equal((true, 2), await BeatAsync("frozen", 2));

        // Its first heartbeat adds its row. Every heartbeat that begins after its second one sees that row.
        Assert.Equal((false, 1), await BeatAsync("old", 1));
        Assert.Equal((true, 1), await BeatAsync("new", 2));
        Assert.Equal((false, 1), await BeatAsync("old", 1));
        Assert.Equal((true, 1), await BeatAsync("new", 2));
        Assert.Equal((false, 1), await BeatAsync("old", 1));

        // What is away without a lease publishes nothing.
        await database.ExecuteAsync("UPDATE layout_nodes SET lease_until = clock_timestamp(), seen_at = 'epoch' WHERE node_id = 'frozen'", Token);
        Assert.Equal((true, 1), await BeatAsync("old", 1));
        Assert.Equal((true, 1), await BeatAsync("new", 2));

        (await app.Client.Layouts.LeaveAsync("old", Token)).Ok();
        Assert.Equal((true, 2), await BeatAsync("new", 2));

        async Task<(bool Granted, int WireVersion)> BeatAsync(string node, int wireVersion)
        {
            var answer = (await app.Client.Layouts.BeatAsync(node, new NodeHeartbeat(0, 0, 60_000, WireVersion: wireVersion), Token)).Ok();
            return (answer.Granted, answer.WireVersion);
        }
    }

    [Fact]
    public async Task ANodeOfAnOlderVersionKeepsItsLease_WhenOneComesThatReadsMore()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.BeatAsync("old", 0, Token);
        var newer = (await app.Client.Layouts.BeatAsync("new", new NodeHeartbeat(0, 0, 60_000, WireVersion: 2), Token)).Ok();
        Assert.Equal((true, 1), (newer.Granted, newer.WireVersion));
        Assert.True((await app.Client.BeatAsync("old", 0, Token)).Granted);
        (await app.Client.Layouts.BeatAsync("new", new NodeHeartbeat(0, 0, 60_000, WireVersion: 0), Token)).Refused(400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task FiguresOfAnOlderVersionAreDecoded_WhoseLaterMembersAreMissing()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        const string Beat = """
            {"applied":0,"known":0,"leaseMilliseconds":60000,"figures":{"source":"s","uptimeMilliseconds":7,"publish":[],
            "delivery":{"delivered":1,"dropped":0,"retransmitted":0,"duplicates":0,"repaired":0,"slowConsumers":0},"subscriptions":[],"scopes":[],"hot":{"windowMilliseconds":0,"rooms":[]}}}
            """;
        using var content = new StringContent(Beat, Encoding.UTF8, "application/json");
        using var answer = await app.Http.PutAsync(new Uri($"{DbmanRoutes.LayoutNodes}/old", UriKind.Relative), content, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var node = Assert.Single((await app.Client.Layouts.GetNodesAsync(withFigures: true, Token)).Ok().Nodes);
        Assert.Equal(("s", 7L, 1L), (node.Figures!.Source, node.Figures.UptimeMilliseconds, node.Figures.Delivery.Delivered));
        Assert.Null(node.Figures.Driving);
    }

    [Fact]
    public async Task ConflictAndRulesAreAnswered_BeforeTheBarrier()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.BeatAsync("a", 0, Token);
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);

        (await app.Client.TryChangeAsync(LayoutScope.All, 0, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutConflict);
        (await app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Sharded(4), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutBarrier);
    }

    [Fact]
    public async Task BarrierNamesTen_WhenMoreLagBehind()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        foreach (var index in Enumerable.Range(0, 13))
        {
            await app.Client.BeatAsync($"n{index:00}", 0, Token);
        }

        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);

        var detail = (await app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutBarrier).Detail!;
        Assert.StartsWith("13 live node(s)", detail, StringComparison.Ordinal);
        Assert.Contains("n09 is at 0; and 3 more.", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("n10", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BarrierLetsGo_WhenTheLeaseRanOut()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.BeatAsync("a", 0, Token, lease: 1_000);
        var until = await LeaseOfAsync(database, "a");
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);
        (await app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutBarrier);

        LayoutRecord? record = null;
        await Eventually.ClearAsync(async () =>
        {
            var result = await app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token);
            if (!result.IsSuccess)
            {
                return result.Problem.Detail;
            }

            record = result.Value;
            return null;
        });

        Assert.True(record!.At > until, $"The record of {record.At:O} did not wait for the lease until {until:O}.");
    }

    [Fact]
    public async Task LeaseIsGrantedAgain_OnlyAtTheNewestRevision()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.BeatAsync("a", 0, Token);
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);
        await ExpireAsync(database, "a");
        await app.Client.WalkAsync(LayoutScope.All, 1, Token, Layout.Shadow(), Layout.Legacy());

        foreach (var applied in new[] { 0, 1, 2 })
        {
            var refused = await app.Client.BeatAsync("a", applied, Token);
            Assert.False(refused.Granted);
            Assert.Equal(3, refused.Layouts.Revision);
            Assert.Equal(3, Assert.Single(refused.Layouts.Records).Epoch);
        }

        // Without a lease no change waits for it.
        Assert.False(Assert.Single((await app.Client.Layouts.GetNodesAsync(Token)).Ok().Nodes).IsLive);
        await app.Client.ChangeAsync(LayoutScope.All, 3, Layout.Shadow(), Token);
        Assert.False((await app.Client.BeatAsync("a", 3, Token)).Granted);
        Assert.True((await app.Client.BeatAsync("a", 4, Token)).Granted);
        Assert.True(Assert.Single((await app.Client.Layouts.GetNodesAsync(Token)).Ok().Nodes).IsLive);
        await app.Client.ChangeAsync(LayoutScope.All, 4, Layout.Legacy(), Token);
        (await app.Client.TryChangeAsync(LayoutScope.All, 5, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutBarrier);
    }

    [Fact]
    public async Task NewNodeHasNoLease_BeforeItHasAppliedTheNewestRevision()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);

        Assert.False((await app.Client.BeatAsync("a", -1, Token)).Granted);
        Assert.False((await app.Client.BeatAsync("a", 0, Token)).Granted);
        await app.Client.ChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token);
        Assert.False((await app.Client.BeatAsync("a", 1, Token)).Granted);
        Assert.True((await app.Client.BeatAsync("a", 2, Token)).Granted);
    }

    [Fact]
    public async Task HeartbeatIsRefused_WhenItClaimsWhatDoesNotExist()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);

        foreach (var beat in new[] { new NodeHeartbeat(2, 1, 1_000), new NodeHeartbeat(1, 2, 1_000), new NodeHeartbeat(long.MaxValue, long.MaxValue, 1_000) })
        {
            var refused = (await app.Client.Layouts.BeatAsync("a", beat, Token)).Refused(400, ProblemTypes.InvalidRequest);
            Assert.Contains("newest revision, which is 1", refused.Detail, StringComparison.Ordinal);
        }

        Assert.Empty((await app.Client.Layouts.GetNodesAsync(Token)).Ok().Nodes);
        foreach (var beat in new[]
        {
            new NodeHeartbeat(-2, 0, 1_000), new NodeHeartbeat(0, -2, 1_000), new NodeHeartbeat(0, 0, 999), new NodeHeartbeat(0, 0, 120_001),
            new NodeHeartbeat(0, 0, 1_000, Rooms: -1), new NodeHeartbeat(0, 0, 1_000, Connections: -1), new NodeHeartbeat(0, 0, 1_000, Note: new string('x', 501)),
            new NodeHeartbeat(0, 0, 1_000, Version: new string('x', 201)),
        })
        {
            (await app.Client.Layouts.BeatAsync("a", beat, Token)).Refused(400, ProblemTypes.InvalidRequest);
        }

        (await app.Client.Layouts.BeatAsync("a:b", new NodeHeartbeat(0, 0, 1_000), Token)).Refused(400, ProblemTypes.InvalidId);
    }

    [Fact]
    public async Task LeaseOutlastsWhatTheNodeCountsOn_ByAFifthAndASecondAtLeast()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        foreach (var (lease, least) in new[] { (1_000, 2_000), (5_000, 6_000), (60_000, 72_000) })
        {
            var node = $"n{lease}";
            var before = await database.ReadAsync<DateTime>("SELECT clock_timestamp()", Token);
            await app.Client.BeatAsync(node, 0, Token, lease);
            var after = await database.ReadAsync<DateTime>("SELECT clock_timestamp()", Token);

            Assert.InRange((await LeaseOfAsync(database, node)).UtcDateTime, before.AddMilliseconds(least), after.AddMilliseconds(least));
        }
    }

    [Fact]
    public async Task NothingThatWasGrantedIsTakenBack_WhenHeartbeatsOvertakeEachOther()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);
        await app.Client.BeatAsync("a", 1, Token, lease: 60_000);
        var until = await LeaseOfAsync(database, "a");

        // An earlier one, with less applied and a shorter lease, arrives late.
        Assert.True((await app.Client.BeatAsync("a", 0, Token, lease: 1_000)).Granted);

        Assert.Equal(until, await LeaseOfAsync(database, "a"));
        Assert.Equal(1, Assert.Single((await app.Client.Layouts.GetNodesAsync(Token)).Ok().Nodes).Applied);
        await app.Client.ChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token);
    }

    [Fact]
    public async Task NodeIsNotWaitedFor_WhenItLeft()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.BeatAsync("a", 0, Token);
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);
        (await app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutBarrier);

        (await app.Client.Layouts.LeaveAsync("a", Token)).Ok();
        (await app.Client.Layouts.LeaveAsync("a", Token)).Ok();

        await app.Client.ChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token);
        Assert.Empty((await app.Client.Layouts.GetNodesAsync(Token)).Ok().Nodes);
    }

    [Fact]
    public async Task NodesAreShownAsTheySpokeLast_LiveOnesFirst()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.Layouts.BeatAsync("a", new NodeHeartbeat(0, 0, 60_000, 1, 2, "1.0", "starts"), Token);
        await app.Client.Layouts.BeatAsync("a", new NodeHeartbeat(0, 0, 60_000, 3, 4, "1.1"), Token);
        await app.Client.Layouts.BeatAsync("b", new NodeHeartbeat(-1, 0, 60_000, 0, 0, "1.2", "has none"), Token);

        var nodes = (await app.Client.Layouts.GetNodesAsync(Token)).Ok();

        Assert.Equal(0, nodes.Revision);
        Assert.Equal([("a", 0L, true, 3, 4, "1.1", null), ("b", -1L, false, 0, 0, "1.2", "has none")],
            nodes.Nodes.Select(static node => (node.Node, node.Applied, node.IsLive, node.Rooms, node.Connections, node.Version, node.Note)));
        Assert.All(nodes.Nodes, static node => Assert.InRange(node.SeenMilliseconds, 0, 60_000));
    }

    [Fact]
    public async Task ChangeSeesTheLease_WhenAHeartbeatIsUnderWay()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, Patient);
        await app.Client.BeatAsync("a", 0, Token);
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);
        await ExpireAsync(database, "a");
        Task<NodeHeartbeatResponse> beat;
        Task<Contracts.Results.ServiceResult<LayoutRecord>> change;
        await using (await database.HoldAsync("SELECT FROM layout_nodes WHERE node_id = 'a' FOR UPDATE", Token))
        {
            // It has seen revision 1, found that the node is there, and has not granted the lease yet.
            beat = app.Client.BeatAsync("a", 1, Token);
            await database.WaitForBlockedAsync(1, Token);
            change = app.Client.TryChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token);
            await database.WaitForBlockedAsync(2, Token);
        }

        var (answer, record) = (await beat, (await change).Ok());

        // The heartbeat was first: the node may be one behind now, and the next change waits for it.
        Assert.Equal((true, 1L, 2L), (answer.Granted, answer.Layouts.Revision, record.Epoch));
        (await app.Client.TryChangeAsync(LayoutScope.All, 2, Layout.Legacy(), Token)).Refused(409, ProblemTypes.LayoutBarrier);
    }

    [Fact]
    public async Task HeartbeatsWaitForAChange_AndNotForEachOther()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, Patient);
        await using (await database.HoldAsync("SELECT FROM layout_counter FOR SHARE", Token))
        {
            Assert.True((await app.Client.BeatAsync("a", 0, Token)).Granted);
        }

        Task<NodeHeartbeatResponse> beat;
        await using (await database.HoldAsync("SELECT FROM layout_counter FOR UPDATE", Token))
        {
            beat = app.Client.BeatAsync("a", 0, Token);
            await database.WaitForBlockedAsync(1, Token);
        }

        Assert.True((await beat).Granted);
    }

    private static async Task<DateTimeOffset> LeaseOfAsync(TestDatabase database, string node) =>
        new(await database.ReadAsync<DateTime>($"SELECT lease_until FROM layout_nodes WHERE node_id = '{node}'", Token), TimeSpan.Zero);

    /// <summary>The node's lease expires at once.</summary>
    private static Task ExpireAsync(TestDatabase database, string node) =>
        database.ExecuteAsync($"UPDATE layout_nodes SET lease_until = clock_timestamp() WHERE node_id = '{node}'", Token);
}
