using Contracts.Layouts;
using Layouts.Steps;

namespace Tests.Layouts.Steps;

public sealed class LayoutPathTests
{
    private const int Passing = 100;

    private static readonly LayoutScope Tenant = new("acme");

    /// <summary>Every valid state over three numbers of shards, both keys, and two rules of canaries.</summary>
    private static IReadOnlyList<LayoutState> States
    {
        get
        {
            int[] shards = [1, 4, 16];
            CanaryRule[] rules = [new([], [], 10), new([], ["acme/lobby"], 500)];
            var states =
                from key in (string[])[ShardKeys.Message, ShardKeys.Sender]
                from n in shards
                from state in (IEnumerable<LayoutState>)
                [
                    new(LayoutStages.Legacy, LayoutSteps.None, n, null, key),
                    new(LayoutStages.Shadow, LayoutSteps.None, n, null, key),
                    .. rules.Select(rule => new LayoutState(LayoutStages.Canary, LayoutSteps.None, n, null, key, rule)),
                    new(LayoutStages.Cutover, LayoutSteps.Listen, n, null, key),
                    new(LayoutStages.Cutover, LayoutSteps.None, n, null, key),
                    new(LayoutStages.Sharded, LayoutSteps.None, n, null, key),
                    .. from m in shards
                       where m != n
                       from step in (string[])[LayoutSteps.Widen, LayoutSteps.Listen]
                       select new LayoutState(LayoutStages.Sharded, step, n, m, key),
                ]
                select state;
            return [.. states];
        }
    }

    [Fact]
    public void EveryWalkEndsAtItsTargetByValidCompatibleSteps_FromEveryStateToEveryOther()
    {
        var states = States;
        Assert.Equal(66, states.Count);
        Assert.All(states, static state => Assert.Null(LayoutRules.Check(Tenant, state)));
        var longest = 0;
        foreach (var from in states)
        {
            foreach (var to in states)
            {
                longest = Math.Max(longest, Check(from, to));
            }
        }

        Assert.InRange(longest, 1, LayoutPath.MaxSteps);
    }

    private static int Check(LayoutState from, LayoutState to)
    {
        var walk = LayoutPath.Walk(Tenant, from, to, Passing).Take(LayoutPath.MaxSteps + 1).ToArray();
        Assert.True(walk.Length <= LayoutPath.MaxSteps, $"{from} to {to} does not end: {string.Join(" then ", walk.Select(StepText.Name))}");
        var before = from;
        foreach (var state in walk)
        {
            Assert.Null(LayoutRules.Check(Tenant, state));
            Assert.True(LayoutRules.AreCompatible(before, state), $"{before} to {state}, on the way from {from} to {to}");
            before = state;
        }

        Assert.True(LayoutPath.AreSame(before, to), $"{from} to {to} ends at {before}");
        return walk.Length;
    }

    [Fact]
    public void StagesComeInOrder_OnTheWayToSharded() =>
        Assert.Equal(
            ["shadow (4 shards)", "canary (4 shards, 10 % of rooms)", "cutover/listen (4 shards)", "cutover (4 shards)", "sharded (4 shards)"],
            Names(LayoutRules.Initial, Sharded(4)));

    [Fact]
    public void TheSameWayLeadsBack() =>
        Assert.Equal(
            ["cutover (4 shards)", "cutover/listen (4 shards)", "canary (4 shards, 10 % of rooms)", "shadow (4 shards)", "legacy (4 shards)"],
            Names(Sharded(4), LayoutRules.Initial));

    [Fact]
    public void RoomsStayOnShards_WhenTheNumberChanges() =>
        Assert.Equal(
            ["sharded/widen (4 -> 16 shards)", "sharded/listen (4 -> 16 shards)", "sharded (16 shards)"], Names(Sharded(4), Sharded(16)));

    [Fact]
    public void AReshardIsTakenBack_WhileNobodyListensToTheNewShards() =>
        Assert.Equal(["sharded (4 shards)"], Names(Sharded(4) with { Step = LayoutSteps.Widen, NextShards = 16 }, Sharded(4)));

    [Fact]
    public void AReshardIsFinishedFirst_WhenEverybodyListensToTheNewShardsAndAThirdNumberIsWanted() =>
        Assert.Equal("sharded (16 shards)", Names(Sharded(4) with { Step = LayoutSteps.Listen, NextShards = 16 }, Sharded(1))[0]);

    [Fact]
    public void AnotherKeyGoesThroughLegacy_WhenTheNumberStays() =>
        Assert.Contains("legacy (4 shards, by sender)", Names(Sharded(4), Sharded(4) with { ShardKey = ShardKeys.Sender }));

    [Fact]
    public void ARoomsOwnCanaryHasNoRule() =>
        Assert.All(
            LayoutPath.Walk(new LayoutScope("acme", "lobby"), LayoutRules.Initial, Sharded(4), Passing),
            static state => Assert.Null(LayoutRules.Check(new LayoutScope("acme", "lobby"), state)));

    [Fact]
    public void AScopeIsOpenedWithWhatHoldsForItAlready()
    {
        var catalog = Catalog((LayoutScope.All, Sharded(8)));
        var step = NextStep.Of(catalog, Tenant, LayoutRules.Initial, Passing);
        Assert.Equal(new NextStep(StepKind.Change, Sharded(8)), step);
    }

    [Fact]
    public void AScopeWaits_WhileTheWiderOneIsInCanary()
    {
        var catalog = Catalog((LayoutScope.All, new LayoutState(LayoutStages.Canary, LayoutSteps.None, 4, null, ShardKeys.Message, new CanaryRule([], [], 10))));
        Assert.Equal(StepKind.Blocked, NextStep.Of(catalog, Tenant, Sharded(4), Passing).Kind);
    }

    [Fact]
    public void AScopeIsGivenUpOnlyWhenItMeansWhatTheWiderOneMeans()
    {
        foreach (var wider in States.Where(static state => state.Stage != LayoutStages.Canary))
        {
            foreach (var own in States)
            {
                var walk = NextStep.Walk(Catalog((LayoutScope.All, wider), (Tenant, own)), Tenant, target: null, Passing).Take(LayoutPath.MaxSteps + 2).ToArray();
                Assert.True(walk.Length <= LayoutPath.MaxSteps + 1, $"{own} under {wider} is never given up");
                Assert.All(walk, static step => Assert.Equal(StepKind.Change, step.Kind));
                Assert.Null(walk[^1].State);
                var last = walk.Length == 1 ? own : walk[^2].State!;
                Assert.True(LayoutRules.AreEqual(last, wider), $"{own} under {wider} is given up as {last}");
            }
        }
    }

    private static LayoutState Sharded(int shards) => new(LayoutStages.Sharded, LayoutSteps.None, shards, null, ShardKeys.Message);

    private static string[] Names(LayoutState from, LayoutState to) => [.. LayoutPath.Walk(Tenant, from, to, Passing).Select(StepText.Name)];

    private static LayoutCatalog Catalog(params (LayoutScope Scope, LayoutState State)[] records) =>
        new(new LayoutsResponse(
            records.Length,
            [.. records.Select(static (record, index) => new LayoutRecord(index + 1, record.Scope, record.State, "test", null, DateTimeOffset.UnixEpoch))]));
}
