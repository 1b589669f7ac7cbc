using Contracts;
using Contracts.Layouts;
using Tests.Infrastructure;

namespace Tests.Dbman.Layouts;

/// <summary>Records: which may follow which, their order, and which of them a caller gets.</summary>
public sealed class ChangeTests(DataServers servers)
{
    private static readonly LayoutScope Tenant = new("t");
    private static readonly LayoutScope Room = new("t", "r");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NothingIsThere_AtFirst()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);

        Assert.Equivalent(new LayoutsResponse(0, []), (await app.Client.Layouts.GetAsync(0, Token)).Ok(), strict: true);
        Assert.Empty((await app.Client.Layouts.GetHistoryAsync(null, 10, Token)).Ok().Items);
    }

    [Fact]
    public async Task EveryStageIsReachedAndLeftAgain_OneRecordAtATime()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        LayoutState[] path =
        [
            Layout.Legacy(), Layout.Shadow(), Layout.Canary(["a"], ["b/c"], 10), Layout.Cutover(LayoutSteps.Listen), Layout.Cutover(), Layout.Sharded(4),
            Layout.Reshard(LayoutSteps.Widen, 4, 16), Layout.Reshard(LayoutSteps.Listen, 4, 16), Layout.Sharded(16),
        ];
        IReadOnlyList<LayoutState> way = [.. path, .. path.Reverse().Skip(1)];

        var last = await app.Client.WalkAsync(LayoutScope.All, 0, Token, way);

        Assert.Equal(way.Count, last.Epoch);
        var history = (await app.Client.Layouts.GetHistoryAsync(null, 100, Token)).Ok();
        Assert.Null(history.Next);
        Assert.Equal(Enumerable.Range(1, way.Count).Select(static epoch => (long)epoch).Reverse(), history.Items.Select(static record => record.Epoch));
        Assert.Equivalent(way, history.Items.Reverse().Select(static record => record.State), strict: true);
        Assert.Equal(history.Items.Select(static record => record.At).OrderDescending(), history.Items.Select(static record => record.At));
        Assert.All(history.Items, static record => Assert.Equal((LayoutScope.All, "test", "because"), (record.Scope, record.By, record.Reason)));
        Assert.Equivalent(new LayoutsResponse(last.Epoch, [last]), (await app.Client.Layouts.GetAsync(0, Token)).Ok(), strict: true);
    }

    [Fact]
    public async Task ChangeIsRefused_WhenTheStateCannotFollow()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var shadow = await app.Client.WalkAsync(LayoutScope.All, 0, Token, Layout.Legacy(), Layout.Shadow());

        foreach (var state in new[] { Layout.Cutover(), Layout.Sharded(4), Layout.Reshard(LayoutSteps.Widen, 4, 8), Layout.Shadow() with { ShardKey = ShardKeys.Sender } })
        {
            var refused = (await app.Client.TryChangeAsync(LayoutScope.All, shadow.Epoch, state, Token)).Refused(400, ProblemTypes.InvalidRequest);
            Assert.Contains("cannot follow shadow 4 by message", refused.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(shadow.Epoch, (await app.Client.Layouts.GetAsync(0, Token)).Ok().Revision);
    }

    [Fact]
    public async Task ChangeIsRefusedAndTheEpochNamed_WhenTheNewestRecordIsAnother()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.WalkAsync(LayoutScope.All, 0, Token, Layout.Legacy(), Layout.Shadow());

        foreach (var expected in new long[] { 0, 1, 3 })
        {
            var refused = (await app.Client.TryChangeAsync(LayoutScope.All, expected, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutConflict);
            Assert.Contains("has epoch 2", refused.Detail, StringComparison.Ordinal);
            Assert.Null(refused.RetryAfter);
        }

        // Other scopes have no record: those of everything are not theirs.
        Assert.Contains(
            "t/r has epoch 0", (await app.Client.TryChangeAsync(Room, 2, Layout.Shadow(), Token)).Refused(409, ProblemTypes.LayoutConflict).Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ScopeIsOpened_OnlyWithTheChannelsOfTheWiderOne()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);

        // Without any record everything is legacy.
        (await app.Client.TryChangeAsync(LayoutScope.All, 0, Layout.Shadow(), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await app.Client.TryChangeAsync(Room, 0, Layout.Shadow(), Token)).Refused(400, ProblemTypes.InvalidRequest);
        var all = await app.Client.WalkAsync(LayoutScope.All, 0, Token, Layout.Legacy(), Layout.Shadow());

        // The room's wider scope is everything as long as its tenant has none, and then its tenant.
        var refused = (await app.Client.TryChangeAsync(Room, 0, Layout.Legacy(), Token)).Refused(400, ProblemTypes.InvalidRequest);
        Assert.Contains("must mean the same channels as the wider one, shadow 4 by message", refused.Detail, StringComparison.Ordinal);
        (await app.Client.TryChangeAsync(Tenant, 0, Layout.Legacy(), Token)).Refused(400, ProblemTypes.InvalidRequest);
        await app.Client.WalkAsync(Tenant, 0, Token, Layout.Shadow(), Layout.Legacy());
        (await app.Client.TryChangeAsync(Room, 0, Layout.Shadow(), Token)).Refused(400, ProblemTypes.InvalidRequest);
        await app.Client.ChangeAsync(Room, 0, Layout.Legacy(), Token);
        await app.Client.ChangeAsync(new LayoutScope("u", "r"), 0, Layout.Shadow(), Token);

        // While a canary runs, rooms of one scope differ: no scope within it can be opened.
        await app.Client.ChangeAsync(LayoutScope.All, all.Epoch, Layout.Canary(), Token);
        (await app.Client.TryChangeAsync(new LayoutScope("v"), 0, Layout.Canary(), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await app.Client.TryChangeAsync(new LayoutScope("v"), 0, Layout.Shadow(), Token)).Refused(400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task ScopeIsGivenUp_OnlyWhenThatChangesNothing()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        (await app.Client.TryChangeAsync(Room, 0, null, Token)).Refused(400, ProblemTypes.InvalidRequest);
        var room = await app.Client.WalkAsync(Room, 0, Token, Layout.Legacy(), Layout.Shadow());

        var refused = (await app.Client.TryChangeAsync(Room, room.Epoch, null, Token)).Refused(400, ProblemTypes.InvalidRequest);
        Assert.Contains("shadow 4 by message cannot be given up while the wider layout is legacy", refused.Detail, StringComparison.Ordinal);
        room = await app.Client.ChangeAsync(Room, room.Epoch, Layout.Legacy(), Token);
        var gone = await app.Client.ChangeAsync(Room, room.Epoch, null, Token);

        Assert.Null(gone.State);
        (await app.Client.TryChangeAsync(Room, gone.Epoch, null, Token)).Refused(400, ProblemTypes.InvalidRequest);

        // A node that knows nothing of it gets no record; one that knew it does.
        Assert.Empty((await app.Client.Layouts.GetAsync(0, Token)).Ok().Records);
        Assert.Equivalent(gone, Assert.Single((await app.Client.Layouts.GetAsync(room.Epoch, Token)).Ok().Records), strict: true);
        Assert.Empty((await app.Client.Layouts.GetAsync(gone.Epoch, Token)).Ok().Records);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ScopeIsOpenedAgain_ByItsLastEpochOrByNone(bool byEpoch)
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var gone = await app.Client.WalkAsync(Room, 0, Token, Layout.Legacy(), null);
        (await app.Client.TryChangeAsync(Room, gone.Epoch - 1, Layout.Legacy(), Token)).Refused(409, ProblemTypes.LayoutConflict);

        var opened = await app.Client.ChangeAsync(Room, byEpoch ? gone.Epoch : 0, Layout.Legacy(), Token);

        Assert.Equivalent(opened, Assert.Single((await app.Client.Layouts.GetAsync(0, Token)).Ok().Records), strict: true);
        (await app.Client.TryChangeAsync(Room, 0, Layout.Legacy(), Token)).Refused(409, ProblemTypes.LayoutConflict);
    }

    [Fact]
    public async Task RoomsKeepTheirLayouts_WhenTheirTenantsIsGivenUp()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.WalkAsync(Tenant, 0, Token, Layout.Legacy(), Layout.Shadow());
        var room = await app.Client.WalkAsync(Room, 0, Token, Layout.Shadow(), Layout.Canary());
        tenant = await app.Client.ChangeAsync(Tenant, tenant.Epoch, Layout.Legacy(), Token);

        // The room is in a canary of its own; its tenant's layout equals that of everything, and is removed without a change for any room.
        tenant = await app.Client.ChangeAsync(Tenant, tenant.Epoch, null, Token);

        var layouts = (await app.Client.Layouts.GetAsync(0, Token)).Ok();
        Assert.Equivalent(room, Assert.Single(layouts.Records), strict: true);

        // Now the room's last layout is compared with that of everything, not with its tenant's.
        (await app.Client.TryChangeAsync(Room, room.Epoch, null, Token)).Refused(400, ProblemTypes.InvalidRequest);
        var all = await app.Client.WalkAsync(LayoutScope.All, 0, Token, Layout.Legacy(), Layout.Shadow());
        room = await app.Client.ChangeAsync(Room, room.Epoch, Layout.Shadow(), Token);
        await app.Client.ChangeAsync(Room, room.Epoch, null, Token);
        Assert.Equivalent(all, Assert.Single((await app.Client.Layouts.GetAsync(0, Token)).Ok().Records), strict: true);

        // Everything is a scope like any other: without it there is what there was at first.
        (await app.Client.TryChangeAsync(LayoutScope.All, all.Epoch, null, Token)).Refused(400, ProblemTypes.InvalidRequest);
        await app.Client.WalkAsync(LayoutScope.All, all.Epoch, Token, Layout.Legacy(), null);
        Assert.Empty((await app.Client.Layouts.GetAsync(0, Token)).Ok().Records);
    }

    [Fact]
    public async Task CallerGetsTheNewestOfEachScope_BeyondWhatItKnows()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var all = await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);
        var room = await app.Client.ChangeAsync(Room, 0, Layout.Legacy(), Token);
        var tenant = await app.Client.ChangeAsync(Tenant, 0, Layout.Legacy(), Token);
        room = await app.Client.ChangeAsync(Room, room.Epoch, Layout.Shadow(), Token);

        foreach (var (known, expected) in new (long, LayoutRecord[])[] { (-1, [all, tenant, room]), (0, [all, tenant, room]), (1, [tenant, room]), (3, [room]), (4, []), (99, []) })
        {
            Assert.Equivalent(new LayoutsResponse(4, expected), (await app.Client.Layouts.GetAsync(known, Token)).Ok(), strict: true);
        }
    }

    [Fact]
    public async Task HistoryIsWalkedByEpoch_NewestFirst()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        foreach (var index in Enumerable.Range(1, 7))
        {
            await app.Client.ChangeAsync(new LayoutScope($"t{index}"), 0, Layout.Legacy(), Token);
        }

        var walked = new List<long>();
        long? before = null;
        do
        {
            var page = (await app.Client.Layouts.GetHistoryAsync(before, 3, Token)).Ok();
            walked.AddRange(page.Items.Select(static record => record.Epoch));
            before = page.Next is { } next ? long.Parse(next, System.Globalization.CultureInfo.InvariantCulture) : null;
        }
        while (before is not null);

        Assert.Equal([7, 6, 5, 4, 3, 2, 1], walked);
        (await app.Client.Layouts.GetHistoryAsync(0, 3, Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await app.Client.Layouts.GetHistoryAsync(null, Limits.Page + 1, Token)).Refused(400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task ScopeIsRefused_WhenThereAreAsManyAsThereMayBe()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, ("Dbman:Layouts:MaxScopes", "2"));
        var tenant = await app.Client.ChangeAsync(Tenant, 0, Layout.Legacy(), Token);
        await app.Client.ChangeAsync(Room, 0, Layout.Legacy(), Token);

        (await app.Client.TryChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token)).Refused(409, ProblemTypes.Conflict);

        // Existing ones continue, and giving one up makes room.
        await app.Client.WalkAsync(Tenant, tenant.Epoch, Token, Layout.Shadow(), Layout.Legacy(), null);
        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);
    }

    [Fact]
    public async Task ExactlyOneWins_WhenDriversRaceThroughTwoReplicas()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        long expected = 0;
        for (var round = 0; round < 10; round++)
        {
            var state = round % 2 == 0 ? Layout.Legacy() : Layout.Shadow();
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(index =>
                (index % 2 == 0 ? one : two).Client.TryChangeAsync(LayoutScope.All, expected, state, Token)));

            var winner = Assert.Single(results, static result => result.IsSuccess);
            Assert.All(results.Where(static result => !result.IsSuccess), static result => result.Refused(409, ProblemTypes.LayoutConflict));
            Assert.Equal(++expected, winner.Value.Epoch);
        }
    }

    [Fact]
    public async Task EveryChangeGetsItsOwnEpoch_WhenDriversOfManyScopesRace()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);

        var records = await Task.WhenAll(Enumerable.Range(0, 24).Select(index =>
            RetryAsync((index % 2 == 0 ? one : two), new LayoutScope($"t{index}"))));

        Assert.Equal(Enumerable.Range(1, 24).Select(static epoch => (long)epoch), records.Select(static record => record.Epoch).Order());
        Assert.Equal(24, (await one.Client.Layouts.GetAsync(0, Token)).Ok().Revision);

        // Others were first too often: the answer says so, and a retry helps.
        static async Task<LayoutRecord> RetryAsync(DbmanApp app, LayoutScope scope)
        {
            while (true)
            {
                var result = await app.Client.TryChangeAsync(scope, 0, Layout.Legacy(), Token);
                if (result.IsSuccess)
                {
                    return result.Value;
                }

                result.Refused(503, ProblemTypes.DatabaseTimeout);
            }
        }
    }

    [Fact]
    public async Task FormIsChecked_BeforeAnythingIsAsked()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var good = new ChangeLayoutRequest(LayoutScope.All, 0, Layout.Legacy(), "test");
        foreach (var (request, detail) in new[]
        {
            (good with { Scope = new LayoutScope(null, "r") }, "scope"),
            (good with { ExpectedEpoch = -1 }, "expectedEpoch"),
            (good with { By = "" }, "by"),
            (good with { By = new string('x', 101) }, "by"),
            (good with { Reason = new string('x', 501) }, "reason"),
            (good with { Reason = "\0" }, "reason"),
            (good with { State = Layout.Legacy() with { Shards = 65 } }, "shards"),
            (good with { State = Layout.Legacy() with { Stage = "beta" } }, "beta"),
            (good with { State = Layout.Canary(["a:b"]) }, "canary.tenants"),
            (good with { State = Layout.Canary(rooms: [null!]) }, "state.canary.rooms"),
        })
        {
            Assert.Contains(detail, (await app.Client.Layouts.ChangeAsync(request, Token)).Refused(400, ProblemTypes.InvalidRequest).Detail, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await app.Client.Layouts.GetAsync(0, Token)).Ok().Revision);
        (await app.Client.Layouts.GetAsync(-2, Token)).Refused(400, ProblemTypes.InvalidRequest);
    }
}
