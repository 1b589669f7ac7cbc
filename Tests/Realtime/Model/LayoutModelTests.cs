using System.Globalization;
using Contracts.Layouts;

namespace Tests.Realtime.Model;

/// <summary>
/// Every reachable state of the change of layouts. Each rule of the protocol is removed once, to see that the model notices; the shortest path to the
/// violation is in the test's output, as is the number of states.
/// </summary>
public sealed class LayoutModelTests(ITestOutputHelper output)
{
    private const int MaxStates = 8_000_000;

    /// <summary>Three nodes are explored up to this bound, breadth first; two suffice, see <see cref="LayoutModel"/>.</summary>
    private const int StatesOfThreeNodes = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void NothingThatCountsIsMissed_AndEveryNodeCanCatchUp_InAnyState(int nodes)
    {
        var model = new LayoutModel(nodes, forgetsFarBehind: true);
        var found = new Explorer<ModelWorld, LayoutMove>(model, MaxStates).ExploreProgress(model.IsSettled, Token);
        Print(string.Create(CultureInfo.InvariantCulture, $"{nodes} nodes"), found);

        Assert.Null(found.Counterexample);
        Assert.True(found.IsComplete, found.ToString());
    }

    [Fact]
    public void NothingThatCountsIsMissed_WithThreeNodes_AsFarAsTheBoundGoes()
    {
        var found = new Explorer<ModelWorld, LayoutMove>(new LayoutModel(ModelWorld.MaxNodes, forgetsFarBehind: true), StatesOfThreeNodes).Explore(Token);
        Print("3 nodes", found);

        Assert.Null(found.Counterexample);
        Assert.Equal(StatesOfThreeNodes, found.States);
    }

    // From nodes that are up, or that have to start first: whichever finds it in fewer states.
    [Theory]
    [InlineData(nameof(Weakness.BarrierIgnored), true)]
    [InlineData(nameof(Weakness.NeighboursNotChecked), true)]
    [InlineData(nameof(Weakness.LeaseForNodesBehind), true)]
    [InlineData(nameof(Weakness.LeaseFromAnswer), true)]
    [InlineData(nameof(Weakness.LateLeaveHolds), true)]
    [InlineData(nameof(Weakness.ReportBeforeListening), true)]
    [InlineData(nameof(Weakness.ReportBeforePublishesEnd), true)]
    [InlineData(nameof(Weakness.NoOverlap), false)]
    [InlineData(nameof(Weakness.SlowCopiesCount), false)]
    [InlineData(nameof(Weakness.LeaseNotCheckedAfterwards), true)]
    [InlineData(nameof(Weakness.RevisionNotCheckedAfterwards), true)]
    [InlineData(nameof(Weakness.PassedOverKeepClients), false)]
    [InlineData(nameof(Weakness.NewNodesKeepClients), false)]
    public void SomethingIsMissed_WithoutTheRule(string weakness, bool startsSettled)
    {
        var model = new LayoutModel(2, Enum.Parse<Weakness>(weakness), startsSettled: startsSettled);
        var found = new Explorer<ModelWorld, LayoutMove>(model, MaxStates).Explore(Token);
        Print(weakness, found);
        Assert.Equal(startsSettled, model.IsSettled(model.Initial));

        Assert.Contains("MISSED", found.Counterexample, StringComparison.Ordinal);
    }

    [Fact]
    public void SomeNodeCannotCatchUp_WhenRefusalsBringNoRecords()
    {
        var model = new LayoutModel(1, Weakness.RefusalsBringNothing);
        var found = new Explorer<ModelWorld, LayoutMove>(model, MaxStates).ExploreProgress(model.IsSettled, Token);
        Print(nameof(Weakness.RefusalsBringNothing), found);

        Assert.Contains("out of reach", found.Counterexample, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameIsFound_EachTime()
    {
        Assert.Equal(Find(), Find());

        static Exploration Find() => new Explorer<ModelWorld, LayoutMove>(new LayoutModel(2, Weakness.NoOverlap), MaxStates).Explore(Token);
    }

    /// <summary>What the model walks through are layouts that dbman would take.</summary>
    [Fact]
    public void LayoutsOfTheModel_AreValid_AndCoverEveryStageAndStep()
    {
        Assert.All(RoomRouting.Layouts, static layout => Assert.Null(LayoutRules.Check(LayoutScope.All, layout)));
        Assert.Equal(LayoutStages.All.Order(), RoomRouting.Layouts.Select(static layout => layout.Stage).Distinct().Order());
        Assert.Equal(
            new[] { LayoutSteps.None, LayoutSteps.Widen, LayoutSteps.Listen }.Order(), RoomRouting.Layouts.Select(static layout => layout.Step).Distinct().Order());

        // Every routing is reached, and can be left for another one: no part of the model is dead.
        Assert.All(Enumerable.Range(0, RoomRouting.Count), static routing => Assert.NotEqual(0, RoomRouting.Successors[routing] & ~(1 << routing)));
    }

    private void Print(string subject, Exploration found)
    {
        output.WriteLine($"{subject}: {found}");
        if (found.Counterexample is { } counterexample)
        {
            output.WriteLine(counterexample);
        }
    }
}
