using Contracts;
using Contracts.Layouts;
using Contracts.Replicas;
using Contracts.Results;
using Layouts.Admin;
using Layouts.Console.Live;
using Layouts.Console.Overview;
using Tests.Layouts.Autopilot;

namespace Tests.Layouts.Console.Overview;

/// <summary>The verdict for given reports.</summary>
public sealed class OverviewJudgeTests
{
    private static readonly NodeView Node = Counted.View(Counted.Node("rt-1", uptime: 60, delivery: new DeliveryFigures(6_000, 0, 0, 0, 0, 0)));


    [Fact]
    public void AllIsWell_WhenEverythingReportsAndNothingFails()
    {
        var view = Judge(Reported.Replica(uptime: 60, fast: 600));

        Assert.Equal((Condition.Well, "All is well"), (view.Verdict, view.Headline));
        Assert.Empty(view.Reasons);
        Assert.Equal("in the last 60 s", view.Span);
        Assert.Equal(["request-time", "requests", "failed", "timeouts", "refused", "pool"], view.Dbman.Select(static tile => tile.Name));
        Assert.Equal(["10/s", "0", "0", "0", "2 of 20"], view.Dbman.Skip(1).Select(static tile => tile.Figure));
        Assert.InRange(Assert.Single(view.Replicas).P95!.Value, 0.004, 0.006);
        Assert.Equal(["100/s", "100", "1", "0", "0", "0"], view.Realtime.Select(static tile => tile.Figure));
        Assert.All(view.Dbman.Concat(view.Realtime), static tile => Assert.Equal(Condition.Well, tile.Kind));
    }

    [Fact]
    public void NothingIsSaidAboutNow_AsLongAsThereIsOnlyWhatWasCountedInAWholeLife()
    {
        // Months ago.
        var last = Reported.Reading(0, Reported.Replicas(0, Reported.Replica(uptime: 1e6, fast: 1_000, failed: 900)), Node);

        var view = OverviewJudge.Judge(null, last, Reported.Layouts(Node), null, hasRedis: true);

        Assert.Equal((Condition.Reading, "since each of them began"), (view.Verdict, view.Span));
        Assert.Empty(view.Reasons);
        Assert.Equal("900", view.Dbman.Single(static tile => tile.Name == "failed").Figure);
        Assert.All(view.Dbman, static tile => Assert.Equal(Condition.Well, tile.Kind));
    }

    [Theory]
    [InlineData(100_000, 50, Condition.Well)]
    [InlineData(100_000, 500, Condition.Degraded)]
    [InlineData(1_000, 9, Condition.Degraded)]
    [InlineData(5, 5, Condition.Degraded)]
    [InlineData(1_000, 11, Condition.Unwell)]
    [InlineData(100_000, 5_000, Condition.Unwell)]
    public void FewFailuresAreALook_AndManyAreUnwell(long requests, long failed, Condition verdict)
    {
        foreach (var (replica, page) in ((ReplicaView, string)[])
        [
            (Reported.Replica(uptime: 60, fast: requests, failed: failed), "dbman answers with 5xx"),
            (Reported.Replica(uptime: 60, fast: requests, timeouts: failed), "dbman times out"),
            (Reported.Replica(uptime: 60, fast: requests, refused: failed), "Posts answer 503 overloaded"),
        ])
        {
            var view = Judge(replica);

            Assert.Equal(verdict, view.Verdict);
            Assert.Equal(verdict == Condition.Well ? [] : [page], view.Reasons.Select(static reason => reason.Page));
        }
    }

    [Fact]
    public void OnlyWhatHappenedInTheWindowCounts()
    {
        var first = Reported.Reading(0, Reported.Replicas(0, Reported.Replica(uptime: 1_000, fast: 50_000, failed: 40_000, timeouts: 300)), Node);
        var last = Reported.Reading(60, Reported.Replicas(60, Reported.Replica(uptime: 1_060, fast: 50_600, failed: 40_000, timeouts: 300)), Node);

        Assert.Equal(Condition.Well, OverviewJudge.Judge(first, last, Reported.Layouts(Node), null, hasRedis: true).Verdict);
    }

    [Fact]
    public void SlowGatewayIsNamed_ByThePercentileOfAllItsReplicas()
    {
        // One of them alone would be slow, and both together are not.
        Assert.Equal(Condition.Well, Judge(Reported.Replica("a", uptime: 60, fast: 2_000), Reported.Replica("b", uptime: 60, slow: 90)).Verdict);

        var view = Judge(Reported.Replica("a", uptime: 60, fast: 1_000), Reported.Replica("b", uptime: 60, slow: 90));

        Assert.Equal(Condition.Degraded, view.Verdict);
        Assert.StartsWith("dbman: one request in twenty takes longer than ", Assert.Single(view.Reasons).Text, StringComparison.Ordinal);
        Assert.Equal(Condition.Degraded, view.Dbman[0].Kind);
    }

    [Fact]
    public void PercentileOfAFewSaysNothing() => Assert.Equal(Condition.Well, Judge(Reported.Replica(uptime: 60, slow: Bounds.LeastForPercentile - 1)).Verdict);

    [Fact]
    public void FullPoolIsNamed_WhenMoreWaitThanThereAreConnections()
    {
        Assert.Equal(Condition.Well, Judge(Reported.Replica(uptime: 60, fast: 600, pool: new PoolFigures(20, 0, 20, 0, 20))).Verdict);

        var view = Judge(Reported.Replica("full", uptime: 60, fast: 600, pool: new PoolFigures(20, 0, 21, 0, 20)), Reported.Replica("other", uptime: 60, fast: 600));

        Assert.Equal(Condition.Degraded, view.Verdict);
        Assert.Equal("dbman: full has 20 of 20 connections at work, and 21 requests wait for one", Assert.Single(view.Reasons).Text);
        Assert.Equal("22 of 40", view.Dbman.Single(static tile => tile.Name == "pool").Figure);
    }

    [Fact]
    public void SilentReplicaIsNamed_AndItsConnectionsDoNotCount()
    {
        Assert.Equal(Condition.Well, Judge(Reported.Replica(uptime: 60, fast: 600), Reported.Replica("late", uptime: 900, age: 29_000)).Verdict);

        var view = Judge(Reported.Replica(uptime: 60, fast: 600), Reported.Replica("dead", uptime: 900, age: 45_000));

        Assert.Equal(Condition.Degraded, view.Verdict);
        Assert.Equal("dbman: no figures of dead for 45 s", Assert.Single(view.Reasons).Text);
        Assert.Equal("2 of 20", view.Dbman.Single(static tile => tile.Name == "pool").Figure);
        Assert.True(view.Replicas.Single(static row => row.Replica == "dead").IsSilent);
    }

    [Theory]
    [InlineData(ProblemTypes.DatabaseUnavailable, 503, "PostgreSQL cannot be used", "dbman is not ready")]
    [InlineData(ProblemTypes.DatabaseTimeout, 503, "PostgreSQL does not in time", "dbman times out")]
    [InlineData(ProblemTypes.Overloaded, 503, "refuses even this page's question", "Posts answer 503 overloaded")]
    [InlineData(ProblemTypes.DependencyUnavailable, 503, "dbman cannot be reached", "dbman is not ready")]
    [InlineData(ProblemTypes.Unauthenticated, 401, "does not take this node's calls", "A service's key must be replaced")]
    public void DbmanThatDoesNotAnswerIsTheVerdict_BesideWhatWasReadLast(string type, int status, string text, string page)
    {
        var problem = new ServiceProblem(status, type, "No", "Because.");
        var last = Reported.Reading(60, Reported.Replicas(60, Reported.Replica(uptime: 60, fast: 600, failed: 300)), Node);

        // Counted before, which says nothing about now; and nothing was read yet.
        foreach (var view in (OverviewView[])[OverviewJudge.Judge(Reported.Reading(0, Reported.Replicas(0), []), last, Reported.Layouts(), problem, hasRedis: true), OverviewJudge.Judge(null, null, ConsoleSnapshot.Nothing, problem, hasRedis: true)])
        {
            Assert.Equal(Condition.Unwell, view.Verdict);
            var reason = Assert.Single(view.Reasons);
            Assert.Contains(text, reason.Text, StringComparison.Ordinal);
            Assert.EndsWith(": Because", reason.Text, StringComparison.Ordinal);
            Assert.Equal(page, reason.Page);
            Assert.Equal(view.At is not null, view.IsOld);
        }
    }

    [Fact]
    public void LostRedisIsUnwell() => Assert.Equal(
        (Condition.Unwell, "Publishing is slow or fails"),
        OverviewJudge.Judge(null, null, ConsoleSnapshot.Nothing, null, hasRedis: false) is { Verdict: var verdict, Reasons: [var reason] } ? (verdict, reason.Page) : default);

    [Fact]
    public void WhatReportsNothingIsNotJudged_AsOlderVersionsDo()
    {
        var old = Counted.View(null, "old");
        var last = Reported.Reading(60, ReplicaReading.Unknown(Counted.Start), old, Node);

        var view = OverviewJudge.Judge(Reported.Reading(0, ReplicaReading.Unknown(Counted.Start)), last, Reported.Layouts(old, Node), null, hasRedis: true);

        Assert.Equal(Condition.Well, view.Verdict);
        Assert.Empty(view.Dbman);
        Assert.Contains("reports no figures", view.DbmanNote, StringComparison.Ordinal);
        Assert.Null(view.Nodes.Single(static row => row.Node == "old").Figures);
        Assert.NotNull(view.Nodes.Single(static row => row.Node == "rt-1").Figures);
    }

    [Fact]
    public void NodeThatReportedBeforeAndIsSilentNowIsNamed()
    {
        var silent = Counted.View(Counted.Node("quiet", uptime: 60), age: 25_000);

        var view = Judge([Node, silent], Reported.Replica(uptime: 60, fast: 600));

        Assert.Equal(Condition.Degraded, view.Verdict);
        Assert.Equal("realtime: no fresh figures of quiet, which are alive", Assert.Single(view.Reasons).Text);
    }

    [Fact]
    public void SlowConsumersLossesAndFailedPublishesAreNamed_TheWorstFirst()
    {
        var node = Counted.View(Counted.Node("rt-1", uptime: 60, delivery: new DeliveryFigures(1_000, 4, 8, 0, 3, 2)) with
        {
            Publish = [new PublishFigures("message", "legacy", 30, Counted.Copies(970, 2)), new PublishFigures("signal", "sharded", 0, Counted.Copies(100, 300))],
        });

        var view = Judge([node], Reported.Replica(uptime: 60, fast: 600));

        Assert.Equal(Condition.Unwell, view.Verdict);
        Assert.Equal(
            [
                "realtime: Redis did not take 30 copies (message, legacy) in the last 60 s",
                "realtime: publishing (signal, sharded) takes up to ",
                "realtime: 4 messages dropped and 8 fetched again in the last 60 s, against 1000 delivered; none is lost for clients",
                "realtime: 2 sockets in the last 60 s were closed, as they read too slowly",
            ],
            view.Reasons.Select(static (reason, i) => i == 1 ? reason.Text[..51] : reason.Text));
        Assert.Equal([false, true], view.Publishing.Select(static row => row.IsSlow));
        Assert.Equal(["2", "4", "8"], view.Realtime.Skip(3).Select(static tile => tile.Figure));
    }

    [Fact]
    public void NodesWithoutALeaseAreNamed_ForAsLongAsThatIsNews()
    {
        var dead = Counted.View(null, "gone", isLive: false) with { SeenMilliseconds = 120_000, Note = "Redis is away" };
        var replaced = Counted.View(null, "replaced", isLive: false) with { SeenMilliseconds = 3_600_000 };

        var view = Judge([Node, dead, replaced], Reported.Replica(uptime: 60, fast: 600));

        Assert.Equal(Condition.Degraded, view.Verdict);
        Assert.Equal("realtime: no lease for gone (Redis is away)", Assert.Single(view.Reasons).Text);
        Assert.Equal(["rt-1", "gone"], view.Nodes.Select(static row => row.Node));
        Assert.Equal(Condition.Unwell, Judge([dead], Reported.Replica(uptime: 60, fast: 600)).Verdict);
    }

    [Fact]
    public void StepThatWaitsIsNamed()
    {
        var goal = new GoalView("cutover (4 shards)", null, false, "ops", Counted.Start, null, null, 2, ["rt-2 has applied 3 of 4"]);
        var scope = new ScopeView("acme", true, 4, "canary", LayoutRules.Initial, RoutesView.Of(LayoutRules.Initial), null, null, goal);
        var now = new ConsoleSnapshot(Counted.Start, new LayoutStatus(4, null, [scope], 0, [Node], []), null, null);

        var view = OverviewJudge.Judge(null, null, now, null, hasRedis: true);

        Assert.Equal(Condition.Degraded, view.Verdict);
        Assert.Equal("layouts: acme waits on its way to cutover (4 shards): rt-2 has applied 3 of 4", Assert.Single(view.Reasons).Text);
        Assert.Equal("/console/layouts", view.Reasons[0].Href);
    }

    [Fact]
    public void EveryPageThatAReasonLeadsToIsInTheRunbook()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Aspire.sln")))
        {
            folder = folder.Parent!;
        }

        var headings = File.ReadLines(Path.Combine(folder.FullName, "docs", "runbook.md")).Where(static line => line.StartsWith("## ", StringComparison.Ordinal)).Select(static line => line[3..]).ToHashSet(StringComparer.Ordinal);
        var pages = typeof(Runbook).GetFields().Select(static field => (string)field.GetRawConstantValue()!).ToArray();
        Assert.True(pages.Length > 10);
        Assert.All(pages, page => Assert.Contains(page, headings));
    }

    private OverviewView Judge(params ReplicaView[] replicas) => Judge([Node], replicas);

    /// <summary>After a minute, at whose beginning there was nothing.</summary>
    private OverviewView Judge(NodeView[] nodes, params ReplicaView[] replicas) => OverviewJudge.Judge(
        Reported.Reading(0, Reported.Replicas(0, [.. replicas.Where(static view => view.Figures.UptimeMilliseconds > 60_000)])),
        Reported.Reading(61, Reported.Replicas(61, replicas), nodes),
        Reported.Layouts(nodes),
        null,
        hasRedis: true);
}
