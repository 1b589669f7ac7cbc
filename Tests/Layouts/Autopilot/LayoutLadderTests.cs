using Contracts.Layouts;
using Layouts.Autopilot;
using Layouts.Steps;

namespace Tests.Layouts.Autopilot;

public sealed class LayoutLadderTests
{
    private static readonly LayoutScope Tenant = new("acme");
    private static readonly LayoutState Sharded = LayoutRules.Initial with { Stage = LayoutStages.Sharded };

    [Fact]
    public void EveryShareIsARung_AndRoomsHaveOneCanary()
    {
        Assert.Equal(
            [
                "shadow (4 shards)", "canary (4 shards, 1 % of rooms)", "canary (4 shards, 50 % of rooms)", "canary (4 shards, 100 % of rooms)",
                "cutover/listen (4 shards)", "cutover (4 shards)", "sharded (4 shards)",
            ],
            Walk(Tenant, LayoutRules.Initial, Sharded));
        Assert.Equal(
            ["shadow (4 shards)", "canary (4 shards)", "cutover/listen (4 shards)", "cutover (4 shards)", "sharded (4 shards)"],
            Walk(new LayoutScope("acme", "lobby"), LayoutRules.Initial, Sharded));
    }

    [Fact]
    public void AShareThatSomebodyChoseGoesOnFromThere_WithItsLists()
    {
        var chosen = LayoutRules.Initial with { Stage = LayoutStages.Canary, Canary = new CanaryRule([], ["acme/lobby"], 200) };
        var next = LayoutLadder.Next(Tenant, chosen, Sharded, [10, 500, 1_000]);
        Assert.Equal((500, "acme/lobby"), (next!.Canary!.PerMille, next.Canary.Rooms.Single()));
    }

    [Fact]
    public void EveryRungIsCompatibleWithTheOneBefore_AndOnlyStagesAreSoaked()
    {
        foreach (var shards in (int[])[4, 16])
        {
            var target = Sharded with { Shards = shards };
            var before = LayoutRules.Initial;
            List<string> soaked = [];
            foreach (var state in LayoutLadder.Walk(Tenant, before, target, [10, 1_000]))
            {
                Assert.Null(LayoutRules.Check(Tenant, state));
                Assert.True(LayoutRules.AreCompatible(before, state), $"{before} -> {state}");
                before = state;
                if (LayoutLadder.IsSoaked(state, target))
                {
                    soaked.Add(state.Stage);
                }
            }

            Assert.True(LayoutPath.AreSame(target, before));
            Assert.Equal([LayoutStages.Shadow, LayoutStages.Canary, LayoutStages.Canary, LayoutStages.Cutover, LayoutStages.Sharded], soaked);
        }
    }

    private static string[] Walk(LayoutScope scope, LayoutState from, LayoutState to) => [.. LayoutLadder.Walk(scope, from, to, [10, 500, 1_000]).Select(StepText.Name)];
}
