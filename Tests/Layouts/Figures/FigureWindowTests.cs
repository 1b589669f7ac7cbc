using Contracts.Layouts;
using Layouts.Figures;
using Tests.Layouts.Autopilot;

namespace Tests.Layouts.Figures;

/// <summary>What happened between two readings.</summary>
public sealed class FigureWindowTests
{
    [Fact]
    public void OnlyWhatCameInBetweenCounts()
    {
        var before = Counted.Node(uptime: 100, delivery: new DeliveryFigures(10, 1, 2, 3, 4, 5)) with { Publish = [Copies("message", 5, 7, 2)] };
        var after = Counted.Node(uptime: 110.5, delivery: new DeliveryFigures(30, 2, 4, 6, 8, 10)) with { Publish = [Copies("message", 5, 10, 3), Copies("signal", 5, 4, 1)] };
        var window = FigureWindow.Between(Counted.Reading(0, Counted.View(before)), Counted.Reading(10, Counted.View(after)));
        Assert.Equal(Counted.Start.AddSeconds(10), window.At);
        var node = Assert.Single(window.Nodes);
        Assert.Equal(10.5, node.Seconds);
        Assert.Equal(new DeliveryFigures(20, 1, 2, 3, 4, 5), node.Delivery);
        Assert.Equal([("message", "legacy", 1L, 3L), ("signal", "legacy", 1L, 4L)], node.Publish.Select(static row => (row.Kind, row.Layout, row.Failed, row.Latency.Total)));
    }

    [Fact]
    public void ANodeThatBeganInTheWindowCountsFromZero_AndAnOlderOneOfWhichNothingIsKnownDoesNotCount()
    {
        var first = Counted.Reading(0, Counted.View(Counted.Node("a")));
        var last = Counted.Reading(
            10,
            Counted.View(Counted.Node("a", 1_010)),
            Counted.View(Counted.Node("young", 9, delivery: new DeliveryFigures(7, 0, 0, 0, 0, 0))),
            Counted.View(Counted.Node("old", 500)));
        var window = FigureWindow.Between(first, last);
        Assert.Equal(["a", "young"], window.Nodes.Select(static node => node.Node));
        Assert.Equal(7, window.Nodes[1].Delivery.Delivered);
        Assert.Equal(9, window.Nodes[1].Seconds);
    }

    [Fact]
    public void AReportsAgeIsTimeThatTheNodeHasBeenUp()
    {
        // Up for 9 s when it reported, 2 s ago: it began before the window did.
        var window = FigureWindow.Between(Counted.Reading(0), Counted.Reading(10, Counted.View(Counted.Node("a", 9), age: 2_000)));
        Assert.Empty(window.Nodes);
    }

    [Fact]
    public void ARestartedNodeIsAnotherSource_AndCountsFromZero()
    {
        var first = Counted.Reading(0, Counted.View(Counted.Node("life 1", delivery: new DeliveryFigures(1_000, 0, 0, 0, 0, 0)), node: "n"));
        var last = Counted.Reading(10, Counted.View(Counted.Node("life 2", 5, delivery: new DeliveryFigures(3, 0, 0, 0, 0, 0)), node: "n"));
        Assert.Equal(3, Assert.Single(FigureWindow.Between(first, last).Nodes).Delivery.Delivered);
    }

    [Fact]
    public void ANodeThatComesBackUnderAnotherNameIsTheSameSource_AndTheYoungerReportCounts()
    {
        var first = Counted.Reading(0, Counted.View(Counted.Node("s", 100, delivery: new DeliveryFigures(10, 0, 0, 0, 0, 0)), node: "n"));
        var last = Counted.Reading(
            10,
            Counted.View(Counted.Node("s", 110, delivery: new DeliveryFigures(15, 0, 0, 0, 0, 0)), node: "n-1"),
            Counted.View(Counted.Node("s", 104, delivery: new DeliveryFigures(12, 0, 0, 0, 0, 0)), node: "n"));
        var node = Assert.Single(FigureWindow.Between(first, last).Nodes);
        Assert.Equal(("n-1", 5), (node.Node, node.Delivery.Delivered));
    }

    [Fact]
    public void NodesThatAreNotLive_OrHaveReportedNothingLately_AreNotCounted()
    {
        var reading = Counted.Reading(
            0,
            Counted.View(Counted.Node("a")),
            Counted.View(figures: null, node: "mute"),
            Counted.View(Counted.Node("late"), age: 21_000),
            Counted.View(Counted.Node("gone"), isLive: false));
        Assert.Equal(["late", "mute"], reading.Silent.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("gone", reading.Nodes.Keys);
    }

    [Fact]
    public void AScopesCountersThatBeganAnewCountFromZero()
    {
        var before = Counted.Node(parity: new ParityFigures(100, 1, 0, 0, 0), legacy: Counted.Copies(100, 1), failed: 3);
        var grown = Counted.Node(uptime: 1_010, parity: new ParityFigures(150, 2, 0, 0, 4), legacy: Counted.Copies(160, 1), failed: 4);
        var anew = Counted.Node(uptime: 1_010, parity: new ParityFigures(20, 0, 0, 0, 0), legacy: Counted.Copies(20, 1), failed: 0);
        var first = Counted.Reading(0, Counted.View(before));
        var scope = Part(first, grown);
        Assert.Equal((new ParityFigures(50, 1, 0, 0, 4), 60L, 1L), (scope!.Parity, scope.Legacy.Total, scope.Failed));
        scope = Part(first, anew);
        Assert.Equal((new ParityFigures(20, 0, 0, 0, 0), 20L, 0L), (scope!.Parity, scope.Legacy.Total, scope.Failed));
        Assert.Null(Part(first, Counted.Node(uptime: 1_010, countsScope: false)));
    }

    [Fact]
    public void ScopesOfSeveralNodesAreOne()
    {
        var part = Part(Counted.Reading(0), Counted.Node(uptime: 5, parity: new ParityFigures(1, 2, 3, 4, 5), legacy: Counted.Copies(6, 1), sharded: Counted.Copies(7, 1), failed: 8))!;
        var sum = ScopeWindow.Sum([part, part]);
        Assert.Equal((new ParityFigures(2, 4, 6, 8, 10), 12L, 14L, 16L), (sum.Parity, sum.Legacy.Total, sum.Sharded.Total, sum.Failed));
    }

    private static ScopeWindow? Part(FigureReading first, NodeFigures last) =>
        Assert.Single(FigureWindow.Between(first, Counted.Reading(10, Counted.View(last))).Nodes).Of(Counted.Scope);

    private static PublishFigures Copies(string kind, int bucket, long count, long failed) => new(kind, "legacy", failed, new LatencyFigures(bucket, [count]));
}
