using Contracts;
using Contracts.Layouts;
using Tests.Infrastructure;

namespace Tests.Dbman.Layouts;

/// <summary>The driver's lease, goals, decisions, and what housekeeping keeps of them.</summary>
public sealed class DriverTests(DataServers servers)
{
    private static readonly LayoutScope Room = new("t", "r");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DriverIsWhoCameFirst_UntilItsLeaseRanOut()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var layouts = app.Client.Layouts;
        Assert.Equal(new DriverLease(null, 0, 0), (await layouts.GetDriverAsync(Token)).Ok());

        var first = (await layouts.DriveAsync(new DriverLeaseRequest("a", 60_000), Token)).Ok();
        Assert.Equal(("a", 1L), (first.Holder, first.Term));
        Assert.InRange(first.RemainingMilliseconds, 1, 60_000);
        var refused = (await layouts.DriveAsync(new DriverLeaseRequest("b", 60_000), Token)).Ok();
        Assert.Equal(("a", 1L), (refused.Holder, refused.Term));
        Assert.InRange(refused.RemainingMilliseconds, 1, 60_000);

        // Renewal, in time or late, does not change the holder; a shorter lease applies at once.
        Assert.Equal(1, (await layouts.DriveAsync(new DriverLeaseRequest("a", 1_000), Token)).Ok().Term);
        await Eventually.ClearAsync(async () => (await layouts.GetDriverAsync(Token)).Ok() is { Holder: { } holder } lease ? $"{holder} has {lease.RemainingMilliseconds} ms" : null);
        Assert.Equal(new DriverLease(null, 1, 0), (await layouts.GetDriverAsync(Token)).Ok());
        Assert.Equal(1, (await layouts.DriveAsync(new DriverLeaseRequest("a", 1_000), Token)).Ok().Term);

        DriverLease? taken = null;
        await Eventually.ClearAsync(async () =>
        {
            taken = (await layouts.DriveAsync(new DriverLeaseRequest("b", 60_000), Token)).Ok();
            return taken.Holder == "b" ? null : $"{taken.Holder} has {taken.RemainingMilliseconds} ms";
        });
        Assert.Equal(2, taken!.Term);
        Assert.Equal(("b", 2L), ((await layouts.DriveAsync(new DriverLeaseRequest("a", 1_000), Token)).Ok() is var asked ? (asked.Holder, asked.Term) : default));

        (await layouts.DriveAsync(new DriverLeaseRequest("a:b", 1_000), Token)).Refused(400, ProblemTypes.InvalidId);
        (await layouts.DriveAsync(new DriverLeaseRequest("a", 999), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await layouts.DriveAsync(new DriverLeaseRequest("a", 120_001), Token)).Refused(400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task AllAgreeOnTheDriver_WhenManyAskAtOnce()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);

        var leases = await Task.WhenAll(Enumerable.Range(0, 16).Select(async index =>
            (await (index % 2 == 0 ? one : two).Client.Layouts.DriveAsync(new DriverLeaseRequest($"n{index}", 60_000), Token)).Ok()));

        Assert.Single(leases.Select(static lease => (lease.Holder, lease.Term)).Distinct());
        Assert.Equal(1, leases[0].Term);
    }

    [Fact]
    public async Task GoalStands_UntilItIsReplacedOrExactlyItIsCleared()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var layouts = app.Client.Layouts;
        Assert.Empty((await layouts.GetGoalsAsync(Token)).Ok().Goals);

        var first = (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Canary(), true, "ops", "why"), Token)).Ok();
        Assert.Equivalent(new LayoutGoal(Room, Layout.Canary(), true, "ops", first.At, "why"), first, strict: true);
        var all = (await layouts.SetGoalAsync(new SetLayoutGoalRequest(LayoutScope.All, Layout.Sharded(16), false, "ops"), Token)).Ok();
        Assert.Equivalent(new LayoutGoalsResponse([all, first]), (await layouts.GetGoalsAsync(Token)).Ok(), strict: true);

        // The scope is to be given up.
        var second = (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, null, false, "planner"), Token)).Ok();
        Assert.True(second.At > first.At);
        (await layouts.ClearGoalAsync(first, Token)).Ok();
        Assert.Equivalent(new LayoutGoalsResponse([all, second]), (await layouts.GetGoalsAsync(Token)).Ok(), strict: true);
        (await layouts.ClearGoalAsync(second, Token)).Ok();
        (await layouts.ClearGoalAsync(second, Token)).Ok();
        Assert.Equivalent(new LayoutGoalsResponse([all]), (await layouts.GetGoalsAsync(Token)).Ok(), strict: true);

        // Only the goal that was judged is replaced: not a newer one, and not a missing one.
        var dry = (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Sharded(4), true, "ops", IsDry: true), Token)).Ok();
        Assert.True(dry.IsDry);
        (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Legacy(), false, "autopilot", Replaces: second.At), Token)).Refused(409, ProblemTypes.Conflict);
        var back = (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Legacy(), false, "autopilot", Replaces: dry.At), Token)).Ok();
        Assert.Equivalent(new LayoutGoalsResponse([all, back]), (await layouts.GetGoalsAsync(Token)).Ok(), strict: true);
        (await layouts.ClearGoalAsync(back, Token)).Ok();
        (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Legacy(), false, "autopilot", Replaces: back.At), Token)).Refused(409, ProblemTypes.Conflict);
        (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Legacy(), false, "ops", IsDry: true), Token)).Refused(400, ProblemTypes.InvalidRequest);

        (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Sharded(65), false, "ops"), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await layouts.SetGoalAsync(new SetLayoutGoalRequest(new LayoutScope(null, "r"), null, false, "ops"), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, null, false, ""), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, null, false, "ops", new string('x', 501)), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await layouts.ClearGoalAsync(all with { Scope = new LayoutScope("a:b") }, Token)).Refused(400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task GoalIsLaterThanTheOneItReplaces_WhenTheClockWasSetBack()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.Layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Legacy(), false, "ops"), Token);
        await database.ExecuteAsync("UPDATE layout_goals SET set_at = clock_timestamp() + interval '1 hour'", Token);
        var ahead = Assert.Single((await app.Client.Layouts.GetGoalsAsync(Token)).Ok().Goals);

        var next = (await app.Client.Layouts.SetGoalAsync(new SetLayoutGoalRequest(Room, Layout.Shadow(), false, "ops"), Token)).Ok();

        Assert.Equal(ahead.At.AddMicroseconds(1), next.At);
        (await app.Client.Layouts.ClearGoalAsync(ahead, Token)).Ok();
        Assert.Single((await app.Client.Layouts.GetGoalsAsync(Token)).Ok().Goals);
    }

    [Fact]
    public async Task GoalIsRefused_WhenThereAreAsManyAsThereMayBe()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, ("Dbman:Layouts:MaxGoals", "3"));

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(index =>
            app.Client.Layouts.SetGoalAsync(new SetLayoutGoalRequest(new LayoutScope($"t{index}"), Layout.Legacy(), false, "ops"), Token)));

        Assert.Equal(3, results.Count(static result => result.IsSuccess));
        Assert.All(results.Where(static result => !result.IsSuccess), static result => result.Refused(409, ProblemTypes.Conflict));
        var goals = (await app.Client.Layouts.GetGoalsAsync(Token)).Ok().Goals;
        Assert.Equal(3, goals.Count);

        // An existing one may be replaced.
        (await app.Client.Layouts.SetGoalAsync(new SetLayoutGoalRequest(goals[0].Scope, Layout.Shadow(), true, "ops"), Token)).Ok();
    }

    [Fact]
    public async Task DecisionsComeNewestFirst_WithTheirFiguresAsGiven()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var layouts = app.Client.Layouts;
        var figures = new Dictionary<string, double> { ["parity ratio"] = 1, ["p99 ms"] = 12.3456789, ["a"] = -1e300, ["tiny"] = 5e-324 };
        var first = (await layouts.AddDecisionAsync(new AddLayoutDecisionRequest(Room, 7, "promote", "autopilot", "All gates hold.", figures), Token)).Ok();
        Assert.Equivalent(new LayoutDecision(first.Id, Room, 7, "promote", "autopilot", "All gates hold.", figures, first.At), first, strict: true);
        var added = new List<LayoutDecision> { first };
        foreach (var index in Enumerable.Range(0, 6))
        {
            added.Add((await layouts.AddDecisionAsync(
                new AddLayoutDecisionRequest(LayoutScope.All, 0, "hold", "autopilot", $"Number {index}.", new Dictionary<string, double>()), Token)).Ok());
        }

        var walked = new List<LayoutDecision>();
        long? before = null;
        do
        {
            var page = (await layouts.GetDecisionsAsync(before, 3, Token)).Ok();
            walked.AddRange(page.Items);
            before = page.Next is { } next ? long.Parse(next, System.Globalization.CultureInfo.InvariantCulture) : null;
        }
        while (before is not null);

        Assert.Equivalent(Enumerable.Reverse(added), walked, strict: true);
        Assert.Equal(figures.Keys, walked[^1].Figures.Keys);

        var good = new AddLayoutDecisionRequest(Room, 0, "hold", "autopilot", "text", figures);
        foreach (var request in new[]
        {
            good with { Scope = new LayoutScope("a:b") }, good with { Epoch = -1 }, good with { Decision = "" }, good with { By = "" }, good with { Text = "" },
            good with { Text = new string('x', 2_001) }, good with { Figures = new Dictionary<string, double> { [""] = 1 } },
            good with { Figures = Enumerable.Range(0, 101).ToDictionary(static index => $"f{index}", static index => (double)index) },
        })
        {
            (await layouts.AddDecisionAsync(request, Token)).Refused(400, ProblemTypes.InvalidRequest);
        }

        (await layouts.GetDecisionsAsync(0, 3, Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await layouts.GetDecisionsAsync(null, 0, Token)).Refused(400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task OldDecisionsAndNodesGo_WhenHousekeepingRuns()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, ("Dbman:Housekeeping:KeepDecisions", "3"), ("Dbman:Housekeeping:Batch", "2"));
        var housekeeper = app.Get<global::Dbman.Housekeeping.Housekeeper>();
        var decisions = new List<long>();
        foreach (var index in Enumerable.Range(0, 8))
        {
            decisions.Add((await app.Client.Layouts.AddDecisionAsync(
                new AddLayoutDecisionRequest(Room, 0, "hold", "autopilot", $"{index}", new Dictionary<string, double>()), Token)).Ok().Id);
        }

        await app.Client.ChangeAsync(LayoutScope.All, 0, Layout.Legacy(), Token);
        foreach (var node in new[] { "new", "quiet", "old", "older", "oldest", "leased" })
        {
            await app.Client.BeatAsync(node, 1, Token);
        }

        await database.ExecuteAsync(
            """
            UPDATE layout_nodes SET seen_at = now() - interval '23 hours', lease_until = now() - interval '23 hours' WHERE node_id = 'quiet';
            UPDATE layout_nodes SET seen_at = now() - interval '25 hours', lease_until = now() - interval '25 hours' WHERE node_id LIKE 'old%';
            UPDATE layout_nodes SET seen_at = now() - interval '25 hours' WHERE node_id = 'leased';
            """,
            Token);

        var removed = await housekeeper.RunOnceAsync(Token);

        Assert.Equal((3, 5), (removed.Nodes, removed.Decisions));
        Assert.Equal(
            ["leased", "new", "quiet"], (await app.Client.Layouts.GetNodesAsync(Token)).Ok().Nodes.Select(static node => node.Node).Order(StringComparer.Ordinal));
        Assert.Equal(decisions.TakeLast(3).Reverse(), (await app.Client.Layouts.GetDecisionsAsync(null, 10, Token)).Ok().Items.Select(static item => item.Id));
        Assert.Equal(0, (await housekeeper.RunOnceAsync(Token)).Total);

        // Records stay, also when a newer one follows.
        await app.Client.BeatAsync("leased", 1, Token);
        await app.Client.ChangeAsync(LayoutScope.All, 1, Layout.Shadow(), Token);
        Assert.Equal(0, (await housekeeper.RunOnceAsync(Token)).Total);
        Assert.Equal(2, (await app.Client.Layouts.GetHistoryAsync(null, 10, Token)).Ok().Items.Count);
    }
}
