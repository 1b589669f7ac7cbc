using Contracts.Layouts;
using Layouts.Brokers;
using Layouts.Figures;
using Tests.Layouts.Autopilot;

namespace Tests.Layouts.Brokers;

/// <summary>What an event costs Redis, window by window.</summary>
public sealed class BrokerPriceTests
{
    private const double Window = 10;

    private readonly BrokerPrice _price = new();
    private readonly Dictionary<string, (double Cpu, long Commands)> _counted = new(StringComparer.Ordinal) { ["a"] = (100, 1_000), ["b"] = (200, 2_000) };
    private long _events = 1_000_000;
    private double _now;

    [Fact]
    public void NothingIsKnownOfTheFirstWindow()
    {
        var first = Take();
        Assert.True(first.IsFirst);
        Assert.Null(first.PriceSeconds);
        Assert.Empty(first.Masters);
    }

    [Fact]
    public void ItIsTheTimeOfAllMastersOverTheEventsOfAllNodes()
    {
        Take();
        var window = Next(a: 2, b: 3, events: 100_000);
        Assert.Null(window.Gap);
        Assert.Equal(50e-6, window.PriceSeconds!.Value, 12);
        Assert.Equal(["b", "a"], window.Masters.Select(static master => master.Name));
        Assert.Equal((0.3, 70.0), (Math.Round(window.Masters[0].CpuShare, 9), window.Masters[0].CommandsPerSecond));
    }

    [Fact]
    public void TheMedianCounts_SoThatOneBusyWindowMovesNobody()
    {
        Take();
        Next(a: 1, b: 0, events: 100_000);
        Next(a: 1, b: 0, events: 100_000);
        Assert.Equal(10e-6, Next(a: 9, b: 9, events: 100_000).PriceSeconds!.Value, 12);
        Assert.Equal(15e-6, Next(a: 2, b: 0, events: 100_000).PriceSeconds!.Value, 12);
    }

    [Theory]
    [InlineData("restart", "a was restarted")]
    [InlineData("counts", "a was restarted")]
    [InlineData("problem", "a does not answer INFO")]
    [InlineData("gone", "a is no master of this window")]
    [InlineData("new", "c was not there in the window before")]
    [InlineData("quiet", "nodes published fewer than 100 events/s")]
    [InlineData("silent", "what nodes published is not known for all of the window")]
    [InlineData("stale", "what nodes published is not known for all of the window")]
    [InlineData("left", "what nodes published is not known for all of the window")]
    [InlineData("joined", "what nodes published is not known for all of the window")]
    public void AWindowHasNoPrice_AndTheLastOnesHold(string what, string why)
    {
        Take(nodes: 2);
        Assert.Equal(10e-6, Next(a: 1, b: 0, events: 100_000, nodes: 2).PriceSeconds!.Value, 12);
        var before = _counted["a"];
        Add(a: 5, b: 5, events: what == "quiet" ? 999 : 100_000);
        if (what == "counts")
        {
            _counted["a"] = (0.5, before.Commands + 10);
        }

        if (what == "new")
        {
            _counted["c"] = (1, 1);
        }

        if (what == "gone")
        {
            _counted.Remove("a");
        }

        var brokers = Brokers(run: what == "restart" ? "second" : "first", problem: what == "problem" ? "a does not answer INFO" : null);
        var figures = what switch
        {
            "silent" => Figures(2, silent: true),
            "stale" => Figures(2, isStale: true),
            "left" => Figures(1),
            "joined" => Figures(3),
            _ => Figures(2),
        };
        var window = _price.Take(brokers, figures);
        Assert.Equal(why, window.Gap?.Text);
        Assert.Equal(10e-6, window.PriceSeconds!.Value, 12);
    }

    [Fact]
    public void APriceIsForgotten_OnceNoneOfTheLastWindowsHadOne()
    {
        Take();
        Next(a: 1, b: 0, events: 100_000);
        for (var i = 1; i < BrokerPrice.Windows; i++)
        {
            Assert.NotNull(Next(a: 1, b: 0, events: 10).PriceSeconds);
        }

        Assert.Null(Next(a: 1, b: 0, events: 10).PriceSeconds);
    }

    [Fact]
    public void WhatInfoLacksIsNotKnown()
    {
        KeyValuePair<string, string>[] all = [new("run_id", "r"), new("used_cpu_sys", "1.5"), new("used_cpu_user", "2.25"), new("total_commands_processed", "7")];
        Assert.Equal(new MasterCounts("m", "r", 3.75, 7, TimeSpan.FromSeconds(1)), MasterCounts.Of("m", all, TimeSpan.FromSeconds(1)));
        foreach (var missing in (int[])[1, 2, 3])
        {
            Assert.Null(MasterCounts.Of("m", all.Where((_, at) => at != missing), TimeSpan.Zero));
            Assert.Null(MasterCounts.Of("m", all.Select((pair, at) => at == missing ? new(pair.Key, "many") : pair), TimeSpan.Zero));
        }
    }

    /// <summary>Of two that say they drive, the older report is of the one that was replaced.</summary>
    [Fact]
    public void TheYoungestDriversReportIsShown()
    {
        var (old, young) = (new BrokerFigures([], [], 1), new BrokerFigures([], [], 2));
        var reading = Counted.Reading(
            0,
            Counted.View(Counted.Node("a") with { Driving = new([], old) }, age: 900),
            Counted.View(Counted.Node("b") with { Driving = new([], young) }, age: 100),
            Counted.View(Counted.Node("c")));
        Assert.Same(young, reading.Brokers);
        Assert.Same(young, FigureViews.Of(null, reading).Brokers);
        Assert.Null(Counted.Reading(0, Counted.View(Counted.Node("c"))).Brokers);
    }

    private BrokerWindow Next(double a, double b, long events, int nodes = 1)
    {
        Add(a, b, events);
        return Take(nodes);
    }

    private BrokerWindow Take(int nodes = 1) => _price.Take(Brokers(), Figures(nodes));

    private void Add(double a, double b, long events)
    {
        _now += Window;
        _counted["a"] = (_counted["a"].Cpu + a, _counted["a"].Commands + 500);
        _counted["b"] = (_counted["b"].Cpu + b, _counted["b"].Commands + 700);
        _events += events;
    }

    private BrokerReading Brokers(string run = "first", string? problem = null) => new(
        [.. _counted.Select(pair => new MasterCounts(pair.Key, pair.Key == "a" ? run : "same", pair.Value.Cpu, pair.Value.Commands, TimeSpan.FromSeconds(_now)))], problem);

    /// <summary>All events by the first node; the others are idle.</summary>
    private FigureReading Figures(int nodes, bool silent = false, bool isStale = false) => Counted.Reading(
        _now,
        [
            .. Enumerable.Range(0, nodes).Select(node => Counted.View(
                Counted.Node($"n{node}", isStale ? 990 + _now : 1_000 + _now) with
                {
                    Publish = node > 0 ? [] : [new PublishFigures("message", "sharded", 0, Counted.Copies(_events - 1_000, 1)), new PublishFigures("signal", "legacy", 0, Counted.Copies(1_000, 1))],
                })),
            .. silent ? [Counted.View(null, "mute")] : (NodeView[])[],
        ]);
}
