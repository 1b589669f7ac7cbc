using Contracts.Layouts;

namespace Tests.Dbman.Layouts;

/// <summary>The rules that dbman asks before it adds a record; pure.</summary>
public sealed class LayoutRulesTests
{
    /// <summary>The way from one channel to four shards, and on to eight.</summary>
    private static readonly Dictionary<string, LayoutState> Path = new()
    {
        ["legacy"] = Layout.Legacy(),
        ["shadow"] = Layout.Shadow(),
        ["canary"] = Layout.Canary(),
        ["cutover/listen"] = Layout.Cutover(LayoutSteps.Listen),
        ["cutover"] = Layout.Cutover(),
        ["sharded"] = Layout.Sharded(4),
        ["widen"] = Layout.Reshard(LayoutSteps.Widen, 4, 8),
        ["listen"] = Layout.Reshard(LayoutSteps.Listen, 4, 8),
        ["sharded 8"] = Layout.Sharded(8),
    };

    /// <summary>
    /// Worked out by hand from what each publishes to (P) and listens to (L; canaries apart): legacy P{0} L0, shadow P{0,4} L0, canary P{0,4} L0/4,
    /// cutover/listen P{0,4} L4, cutover and sharded P{4} L4, widen P{4,8} L4, listen P{4,8} L8, sharded 8 P{8} L8.
    /// </summary>
    private static readonly HashSet<(string, string)> Compatible =
    [
        // The steps of the path.
        ("legacy", "shadow"), ("shadow", "canary"), ("canary", "cutover/listen"), ("cutover/listen", "cutover"), ("cutover", "sharded"), ("sharded", "widen"),
        ("widen", "listen"), ("listen", "sharded 8"),
        // Steps that skip one without a loss: without canaries, and across stages that mean the same channels.
        ("shadow", "cutover/listen"), ("cutover/listen", "sharded"), ("cutover/listen", "widen"), ("cutover", "widen"),
    ];

    [Fact]
    public void OnlyNeighboursGetAlong_InBothDirections()
    {
        foreach (var (one, left) in Path)
        {
            foreach (var (two, right) in Path)
            {
                var expected = one == two || Compatible.Contains((one, two)) || Compatible.Contains((two, one));
                Assert.True(expected == LayoutRules.AreCompatible(left, right), $"{one} -> {two} should {(expected ? "" : "not ")}be a step");
            }
        }
    }

    [Fact]
    public void WhatOneSidePublishesToIsWhatTheOtherListensTo_WhereverTheRulesAllowAStep()
    {
        LayoutState[] states =
        [
            .. Path.Values,
            .. Path.Values.Where(static state => state.Step.Length == 0).Select(static state => state with { Shards = 16 }),
            Layout.Reshard(LayoutSteps.Widen, 8, 4), Layout.Reshard(LayoutSteps.Listen, 8, 4), Layout.Reshard(LayoutSteps.Widen, 4, 16),
        ];
        var steps = 0;
        foreach (var before in states)
        {
            foreach (var after in states.Where(after => LayoutRules.AreCompatible(before, after)))
            {
                Assert.True(LayoutRules.AreCompatible(after, before), $"{before} -> {after} has no way back");
                var (old, next) = (LayoutRules.RoutesOf(before), LayoutRules.RoutesOf(after));
                foreach (var (publisher, listener) in new[] { (old, next), (next, old), (old, old), (next, next) })
                {
                    Assert.Contains(listener.Listen, publisher.Publish);
                    Assert.Contains(listener.CanaryListen, publisher.Publish);
                }

                steps++;
            }
        }

        Assert.True(steps > states.Length, "Hardly any step is allowed.");
    }

    [Fact]
    public void NumberOfShardsChangesOnlyByResharding_OnceSomebodyListensToThem()
    {
        // Nobody listens yet: any number is allowed.
        Assert.True(LayoutRules.AreCompatible(Layout.Legacy(), Layout.Legacy() with { Shards = 8 }));
        Assert.True(LayoutRules.AreCompatible(Layout.Shadow(), Layout.Shadow() with { Shards = 8 }));
        foreach (var state in new[] { Layout.Canary(), Layout.Cutover(LayoutSteps.Listen), Layout.Cutover(), Layout.Sharded(4) })
        {
            Assert.False(LayoutRules.AreCompatible(state, state with { Shards = 8 }), $"{state}");
        }

        Assert.False(LayoutRules.AreCompatible(Layout.Reshard(LayoutSteps.Listen, 4, 8), Layout.Sharded(16)));
        Assert.False(LayoutRules.AreCompatible(Layout.Reshard(LayoutSteps.Listen, 4, 8), Layout.Reshard(LayoutSteps.Listen, 4, 16)));
        Assert.True(LayoutRules.AreCompatible(Layout.Reshard(LayoutSteps.Widen, 4, 8), Layout.Reshard(LayoutSteps.Widen, 4, 16)));

        // The same two families seen from the other end: the way back.
        Assert.True(LayoutRules.AreCompatible(Layout.Reshard(LayoutSteps.Listen, 4, 8), Layout.Reshard(LayoutSteps.Widen, 8, 4)));
    }

    [Fact]
    public void ShardKeyChanges_OnlyWhereNoFamilyOfShardsStays()
    {
        foreach (var (name, state) in Path.Where(static entry => entry.Key != "legacy"))
        {
            Assert.False(LayoutRules.AreCompatible(state, BySender(state)), name);
            Assert.False(LayoutRules.AreEqual(state, BySender(state)), name);
        }

        // On the legacy channel there is no shard to look for a message on.
        Assert.True(LayoutRules.AreCompatible(Layout.Legacy(), BySender(Layout.Legacy())));
        Assert.True(LayoutRules.AreCompatible(Layout.Legacy(), BySender(Layout.Shadow())));
        Assert.True(LayoutRules.AreCompatible(BySender(Layout.Shadow()), Layout.Legacy()));
        Assert.True(LayoutRules.AreEqual(Layout.Legacy(), BySender(Layout.Legacy())));
        Assert.False(LayoutRules.AreCompatible(Layout.Shadow(), BySender(Layout.Canary())));
        Assert.False(LayoutRules.AreCompatible(Layout.Sharded(4), BySender(Layout.Reshard(LayoutSteps.Widen, 4, 8))));

        static LayoutState BySender(LayoutState state) => state with { ShardKey = ShardKeys.Sender };
    }

    [Fact]
    public void StatesAreEqual_WhenTheyMeanTheSameChannelsForEveryRoom()
    {
        HashSet<(string, string)> equal = [("cutover", "sharded"), ("sharded", "cutover")];
        foreach (var (one, left) in Path)
        {
            foreach (var (two, right) in Path)
            {
                // In a canary, what a room listens to depends on the rule: not even the same stage is the same for every room.
                var expected = (one == two && one != "canary") || equal.Contains((one, two));
                Assert.True(expected == LayoutRules.AreEqual(left, right), $"{one} and {two}");
                Assert.True(!expected || LayoutRules.AreCompatible(left, right), $"{one} and {two} are equal, but no step");
            }
        }

        Assert.True(LayoutRules.AreEqual(Layout.Legacy(), Layout.Legacy() with { Shards = 64 }));
        Assert.False(LayoutRules.AreEqual(Layout.Shadow(), Layout.Shadow() with { Shards = 64 }));

        // On the way there and on the way back.
        Assert.True(LayoutRules.AreEqual(Layout.Reshard(LayoutSteps.Widen, 4, 8), Layout.Reshard(LayoutSteps.Listen, 8, 4)));
        Assert.False(LayoutRules.AreEqual(Layout.Reshard(LayoutSteps.Widen, 4, 8), Layout.Reshard(LayoutSteps.Widen, 8, 4)));
        Assert.True(LayoutRules.AreEqual(LayoutRules.Initial, Layout.Legacy()));
    }

    public static TheoryData<LayoutScope, LayoutState, string> Wrong()
    {
        var tenant = new LayoutScope("t");
        return new()
        {
            { new LayoutScope(null, "r"), Layout.Legacy(), "scope:" },
            { new LayoutScope("a:b"), Layout.Legacy(), "scope:" },
            { new LayoutScope("t", ""), Layout.Legacy(), "scope:" },
            { tenant, Layout.Legacy() with { Stage = "beta" }, "stage: there is no 'beta'" },
            { tenant, Layout.Legacy() with { Step = "hop" }, "stage: there is no 'legacy' with step 'hop'" },
            { tenant, Layout.Legacy() with { Step = LayoutSteps.Listen }, "stage:" },
            { tenant, Layout.Canary() with { Step = LayoutSteps.Listen }, "stage:" },
            { tenant, Layout.Cutover() with { Step = LayoutSteps.Widen }, "stage:" },
            { tenant, Layout.Legacy() with { Shards = 0 }, "shards: 1 to 64" },
            { tenant, Layout.Legacy() with { Shards = 65 }, "shards: 1 to 64" },
            { tenant, Layout.Sharded(4) with { NextShards = 8 }, "nextShards: belongs to the steps of resharding" },
            { tenant, Layout.Cutover(LayoutSteps.Listen) with { NextShards = 8 }, "nextShards: belongs to the steps of resharding" },
            { tenant, Layout.Sharded(4) with { Step = LayoutSteps.Widen }, "nextShards: belongs to the steps of resharding" },
            { tenant, Layout.Reshard(LayoutSteps.Widen, 4, 0), "nextShards: 1 to 64" },
            { tenant, Layout.Reshard(LayoutSteps.Listen, 4, 65), "nextShards: 1 to 64" },
            { tenant, Layout.Reshard(LayoutSteps.Listen, 4, 4), "nextShards: is the present number" },
            { tenant, Layout.Legacy() with { ShardKey = "room" }, "shardKey: message or sender" },
            { tenant, Layout.Canary() with { Canary = null }, "canary: belongs to the stage canary" },
            { tenant, Layout.Shadow() with { Canary = new CanaryRule([], [], 0) }, "canary: belongs to the stage canary" },
            { tenant, Layout.Canary(perMille: -1), "canary.perMille" },
            { tenant, Layout.Canary(perMille: 1_001), "canary.perMille" },
            { LayoutScope.All, Layout.Canary(tenants: [.. Enumerable.Repeat("t", 1_001)]), "canary: 1000 tenants" },
            { LayoutScope.All, Layout.Canary(rooms: [.. Enumerable.Repeat("t/r", 1_001)]), "canary: 1000 tenants" },
            { LayoutScope.All, Layout.Canary(tenants: ["a:b"]), "canary.tenants" },
            { LayoutScope.All, Layout.Canary(rooms: ["room"]), "canary.rooms: 'room'" },
            { LayoutScope.All, Layout.Canary(rooms: ["a/b/c"]), "canary.rooms: 'a/b/c'" },
            { tenant, Layout.Canary(tenants: ["t"]), "canary.tenants: only where" },
            { tenant, Layout.Canary(rooms: ["t/r", "u/r"]), "canary.rooms: 'u/r'" },
            { new LayoutScope("t", "r"), Layout.Canary(rooms: ["t/r"]), "canary: a room's own" },
            { new LayoutScope("t", "r"), Layout.Canary(perMille: 1), "canary: a room's own" },
        };
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void CheckNamesWhatIsWrong(LayoutScope scope, LayoutState state, string message) =>
        Assert.StartsWith(message, LayoutRules.Check(scope, state), StringComparison.Ordinal);

    [Fact]
    public void CheckFindsNothing_WhereNothingIsWrong()
    {
        foreach (var scope in new[] { LayoutScope.All, new LayoutScope("t"), new LayoutScope("t", "r") })
        {
            Assert.All(Path.Values, state => Assert.Null(LayoutRules.Check(scope, state)));
        }

        Assert.Null(LayoutRules.Check(LayoutScope.All, Layout.Canary(["t"], ["t/r", "u/r"], 1_000)));
        Assert.Null(LayoutRules.Check(new LayoutScope("t"), Layout.Canary(rooms: ["t/r"], perMille: 5)));
        Assert.Null(LayoutRules.Check(LayoutScope.All, Layout.Sharded(1)));
        Assert.Null(LayoutRules.Check(LayoutScope.All, Layout.Reshard(LayoutSteps.Widen, 64, 1)));
    }

    [Fact]
    public void NoStateWithoutChannelsPasses()
    {
        // Every state that Check accepts has routes: the two lists of stages and steps agree.
        foreach (var stage in LayoutStages.All)
        {
            foreach (var step in new[] { LayoutSteps.None, LayoutSteps.Widen, LayoutSteps.Listen })
            {
                var state = new LayoutState(
                    stage,
                    step,
                    4,
                    stage == LayoutStages.Sharded && step != LayoutSteps.None ? 8 : null,
                    ShardKeys.Message,
                    stage == LayoutStages.Canary ? new CanaryRule([], [], 0) : null);
                if (LayoutRules.Check(LayoutScope.All, state) is null)
                {
                    Assert.NotEmpty(LayoutRules.RoutesOf(state).Publish);
                }
                else
                {
                    Assert.Throws<ArgumentOutOfRangeException>(() => LayoutRules.RoutesOf(state));
                }
            }
        }
    }
}
