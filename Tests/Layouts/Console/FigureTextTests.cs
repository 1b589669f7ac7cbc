using Layouts.Console.Live;

namespace Tests.Layouts.Console;

/// <summary>Figures of decisions, as people read them.</summary>
public sealed class FigureTextTests
{
    [Fact]
    public void GatesStandWithTheirBounds_AndSayWhichIsBroken()
    {
        var figures = FigureText.Of(new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["soaked_seconds"] = 300,
            ["figures"] = 2,
            ["parity"] = 0.9981,
            ["parity_bound"] = 0.999,
            ["latency"] = 0.0021,
            ["latency_bound"] = 0.0071,
            ["failed"] = 0,
            ["failed_bound"] = 0.001,
            ["lost"] = 0.02,
            ["lost_bound"] = 0.005,
            ["slow_consumers"] = 3,
            ["slow_consumers_bound"] = 5,
            ["legacy_p99_seconds"] = 0.002,
        });

        Assert.Equal(
            [
                new FigureText("soaked", "5 min"),
                new FigureText("figures", "2"),
                new FigureText("parity", "99.81 %", "≥ 99.9 %", IsBroken: true),
                new FigureText("latency", "2.1 ms", "≤ 7.1 ms"),
                new FigureText("failed", "0 %", "≤ 0.1 %"),
                new FigureText("lost", "2 %", "≤ 0.5 %", IsBroken: true),
                new FigureText("slow consumers", "3", "≤ 5"),
                new FigureText("legacy p99", "2 ms"),
            ],
            figures);
    }

    [Fact]
    public void WhatNobodyKnowsStaysAsItIs()
    {
        var figures = FigureText.Of(new Dictionary<string, double>(StringComparer.Ordinal) { ["messages_per_second"] = 812.25, ["shards_now"] = 4, ["odd_bound"] = 1.5 });

        Assert.Equal([new FigureText("messages", "812/s"), new FigureText("shards now", "4"), new FigureText("odd bound", "1.5")], figures);
    }

    [Fact]
    public void AGateWithoutAFigureHasADash() => Assert.Equal(new FigureText("slow consumers", "–"), FigureText.OfGate("slow-consumers", null, null));
}
