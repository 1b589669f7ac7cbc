using Contracts.Layouts;
using Layouts.Autopilot;
using Layouts.Figures;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Layouts.Autopilot;

/// <summary>What belongs to a soak, on a clock of the test's.</summary>
public sealed class SoakTests
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void NothingCounts_BeforeTheFirstReadingAfterTheStepHasSettled()
    {
        var soak = new Soak(Counted.Start, 7, _time.GetTimestamp());
        Assert.Null(soak.Take(Reading(0, Node("n1", 100, 5)), Settle, _time));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(soak.Take(Reading(9, Node("n1", 109, 50)), Settle, _time));
        Assert.Equal(TimeSpan.Zero, soak.Elapsed(_time));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Compared(soak.Take(Reading(10, Node("n1", 110, 60)), Settle, _time)));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(40, Compared(soak.Take(Reading(40, Node("n1", 140, 100)), Settle, _time)));
        Assert.Equal(TimeSpan.FromSeconds(30), soak.Elapsed(_time));
    }

    [Fact]
    public void ANodeThatRestartsCountsFromZero_AndOneThatWasNotHeardOfFromWhereItIsHeardFirst()
    {
        var soak = new Soak(Counted.Start, 7, _time.GetTimestamp());
        soak.Take(Reading(0, Node("n1", 100, 1_000)), TimeSpan.Zero, _time);

        // n1 dies and comes back as another source, five seconds ago; n2 was up all the time, and reported nothing.
        var window = soak.Take(Reading(30, Node("n1-again", 5, 30), Node("n2", 5_000, 700)), TimeSpan.Zero, _time);
        Assert.Equal(30, Compared(window));
        window = soak.Take(Reading(60, Node("n1-again", 35, 31), Node("n2", 5_030, 705)), TimeSpan.Zero, _time);
        Assert.Equal(36, Compared(window));
    }

    [Fact]
    public void ItIsOfOneGoalAndOneEpoch_AndEachReasonIsNewOnce()
    {
        var soak = new Soak(Counted.Start, 7, _time.GetTimestamp());
        var goal = new LayoutGoal(Counted.Scope, LayoutRules.Initial with { Stage = LayoutStages.Sharded }, Autopilot: true, "ops", Counted.Start);
        Assert.True(soak.IsOf(goal, 7));
        Assert.False(soak.IsOf(goal, 8));
        Assert.False(soak.IsOf(goal with { At = goal.At.AddTicks(10) }, 7));
        Assert.True(soak.IsNew(new Verdict(VerdictKind.Hold, "10 of 1000", "open parity")));
        Assert.False(soak.IsNew(new Verdict(VerdictKind.Hold, "20 of 1000", "open parity")));
        Assert.True(soak.IsNew(new Verdict(VerdictKind.Hold, "20 of 1000", "open parity latency")));
    }

    private static FigureReading Reading(double seconds, params NodeFigures[] nodes) => Counted.Reading(seconds, [.. nodes.Select(static node => Counted.View(node))]);

    private static NodeFigures Node(string source, double uptime, long matches) => Counted.Node(source, uptime, new ParityFigures(matches, 0, 0, 0, 0));

    private static long Compared(FigureWindow? window) => ScopeWindow.Sum(window!.Nodes.Select(static node => node.Of(Counted.Scope)).OfType<ScopeWindow>()).Parity.Compared;
}
