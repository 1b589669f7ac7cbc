using Contracts.Layouts;
using Layouts.Console.Charts;
using Layouts.Console.Figures;
using Layouts.Figures;

namespace Tests.Layouts.Console;

/// <summary>Curves of the console, worked out of readings.</summary>
public sealed class ChartTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly FiguresOptions Options = new() { Poll = TimeSpan.FromSeconds(5), Points = 120 };

    [Theory]
    [InlineData(0, 4, 4)]
    [InlineData(7, 4, 8)]
    [InlineData(8, 4, 8)]
    [InlineData(0.0013, 0.001, 0.0015)]
    [InlineData(1_234, 4, 1_500)]
    public void ScaleEndsAtARoundNumber_AtOrAboveTheHighestValue(double high, double least, double top)
    {
        var scale = ChartScale.Of([0, high], least);

        Assert.Equal(top, scale.Top, 9);
        Assert.Equal(0, scale.Bottom);
        Assert.InRange(scale.Marks.Count, 4, 6);
        Assert.Equal((0, 1), (scale.Place(top), scale.Place(0)));
    }

    [Theory]
    [InlineData(0.9995, 0.99)]
    [InlineData(0.95, 0.9)]
    [InlineData(0.7, 0.5)]
    [InlineData(0.2, 0)]
    public void ScaleOfParityBeginsNearItsValues(double low, double bottom) => Assert.Equal((bottom, 1), (ChartScale.UpToOne([1, low]).Bottom, ChartScale.UpToOne([1, low]).Top));

    [Fact]
    public void CurveIsBroken_WhereNobodyLookedOrThereIsNoValue()
    {
        DateTimeOffset[] times = [.. ((int[])[0, 5, 10, 60, 65, 70]).Select(static second => Start.AddSeconds(second))];
        var axis = ChartAxis.Of(times, Start, TimeSpan.FromSeconds(12));
        var scale = ChartScale.Of([4], 4);

        Assert.Equal(Start.AddSeconds(-50), axis.From);
        Assert.Equal("M416.7 75L458.3 50L500 25M916.7 0h-3M1000 0h-3", ChartPath.Line(axis, [1, 2, 3, 4, null, 4], scale));
        Assert.Equal(3, ChartPath.Area(axis, [1, 2, 3, 4, null, 4], scale).Count(static letter => letter == 'Z'));
    }

    [Fact]
    public void CurvesLeaveOutWhatIsOfAWholeLife_OrFromBeforeALongPause()
    {
        FiguresView[] points =
        [
            Point(0),
            Point(10_000, isSinceStart: true),
            Point(10_005, seconds: 0),
            .. Enumerable.Range(2, 10).Select(static i => Point(10_000 + (i * 5))),
        ];

        var charts = FigureCharts.Of(points, Options, Start);

        var steps = charts.Lost.Steps.Split('\n');
        Assert.Equal(10, steps.Length);
        Assert.StartsWith("25%|02:46:50|", steps[0], StringComparison.Ordinal);
        Assert.Equal($"100%|{ChartAxis.Clock(points[^1].At)}|0.25 %", steps[^1]);
        Assert.Equal("0.25 %", Assert.Single(charts.Lost.Lines).Newest);
    }

    [Fact]
    public void CurvesOfParityAreTheWorstFew_AndSayHowManyMoreThereAre()
    {
        var scopes = Enumerable.Range(0, 9).Select(static i => Scope($"t{i}", 1 - (i / 100.0))).Append(Scope("idle", null)).ToArray();

        var charts = FigureCharts.Of([Point(0, scopes: scopes)], Options, Start);

        Assert.Equal(["t8", "t7", "t6", "t5", "t4", "t3"], charts.Parity.Lines.Select(static line => line.Name));
        Assert.Equal("92 %", charts.Parity.Lines[0].Newest);
        Assert.Equal(3, charts.MoreScopes);
    }

    [Fact]
    public void EveryCurveIsThere_WhenThereIsNothingYet()
    {
        var charts = FigureCharts.Of([], Options, Start);

        ChartView[] all = [.. charts.Latency.Select(static entry => entry.Chart), charts.Copies, charts.Subscribers, charts.Lost, charts.Trouble, charts.Slow, charts.Parity];
        Assert.All(all, static chart => Assert.True(chart.IsEmpty, chart.Title));
        Assert.All(all.SelectMany(static chart => chart.Lines), static line => Assert.Equal("–", line.Newest));
    }

    private static FiguresView Point(double at, bool isSinceStart = false, double seconds = 15, params ScopeFigureRow[] scopes) => new(
        Start.AddSeconds(at), seconds, isSinceStart, new FigureRow([new PublishRow("message", "legacy", 10, 2, 0, 0.001, 0.002, 0.003)], 4, 0.01, 0, 0, 0, 0.0025, 1, []), [], scopes, []);

    private static ScopeFigureRow Scope(string name, double? parity) =>
        new(name, parity is null ? ParityFigures.None : new ParityFigures(100, 1, 0, 0, 0), parity, 100, 0.001, 100, 0.001, 0);
}
