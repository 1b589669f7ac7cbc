using Layouts.Console.Charts;
using Layouts.Figures;

namespace Layouts.Console.Figures;

/// <summary>
/// The charts of all nodes' figures, worked out once for all pages of a node. Immutable; bounded by the points that the feed keeps.
/// </summary>
/// <param name="Latency">Of publishing, for each kind.</param>
/// <param name="Copies">Published, by kind and layout.</param>
/// <param name="Subscribers">By layout and kind of channel.</param>
/// <param name="Lost">Dropped and fetched again against delivered.</param>
/// <param name="Trouble">What it consists of.</param>
/// <param name="Slow">Sockets closed as too slow.</param>
/// <param name="Parity">By scope; the worst few.</param>
/// <param name="MoreScopes">How many more there are.</param>
internal sealed record FigureCharts(
    IReadOnlyList<(string Kind, ChartView Chart)> Latency,
    ChartView Copies,
    ChartView Subscribers,
    ChartView Lost,
    ChartView Trouble,
    ChartView Slow,
    ChartView Parity,
    int MoreScopes)
{
    /// <summary>As many curves as the eye can distinguish.</summary>
    private const int MostScopes = 6;

    /// <summary>Readings that may be missing before a curve is broken.</summary>
    private const double MissedReadings = 3.5;

    private const double LeastSeconds = 0.001;
    private const double LeastRatio = 0.01;
    private const double LeastCount = 4;

    private static readonly string[] Kinds = ["message", "signal", "system"];
    private static readonly string[] Layouts = ["legacy", "sharded"];
    private static readonly (string Layout, string Kind)[] Channels = [("legacy", "all"), ("sharded", "message"), ("sharded", "signal"), ("sharded", "system")];

    /// <param name="points">Oldest first.</param>
    /// <param name="options">How often they are taken, and for how long they are kept.</param>
    /// <param name="now">The right end where there is none.</param>
    public static FigureCharts Of(IReadOnlyList<FiguresView> points, FiguresOptions options, DateTimeOffset now)
    {
        // A node's totals since its start, or an unchanged report, are no point of a curve; what was read before a long pause is left out.
        var length = options.Poll * options.Points;
        FiguresView[] taken = [.. points.Where(point => point is { IsSinceStart: false, WindowSeconds: > 0 } && points[^1].At - point.At <= length)];
        var axis = ChartAxis.Of([.. taken.Select(static point => point.At)], now, options.Poll * MissedReadings);

        ChartSeries Line(string name, int hue, Func<FiguresView, double?> value, bool isDashed = false) => new(name, hue, [.. taken.Select(value)], isDashed);

        ChartView Counts(string title, string unit, params ChartSeries[] lines) =>
            ChartView.Of(title, unit, axis, lines, static values => ChartScale.Of(values, LeastCount));

        var scopes = taken.Length == 0 ? [] : taken[^1].Scopes.Where(static scope => scope.Parity.Compared > 0).OrderBy(static scope => scope.ParityRatio).ToArray();
        return new FigureCharts(
            [
                .. Kinds.Select(kind => (kind, ChartView.Of(
                    kind switch { "message" => "Publishing a message", "signal" => "Publishing a signal", _ => "Publishing a system event" },
                    "s",
                    axis,
                    [
                        .. Layouts.SelectMany((layout, hue) => (ChartSeries[])
                        [
                            Line($"{layout} p99", hue, point => Row(point, kind, layout)?.P99),
                            Line($"{layout} p50", hue, point => Row(point, kind, layout)?.P50, isDashed: true),
                        ]),
                    ],
                    static values => ChartScale.Of(values, LeastSeconds)))),
            ],
            Counts("Copies published", "/s", [.. Kinds.SelectMany((kind, index) => Layouts.Select((layout, dash) => Line($"{kind} {layout}", index + 2, point => Row(point, kind, layout)?.PerSecond ?? 0, dash == 0)))]),
            Counts("Subscribers by channel", "", [.. Channels.Select((channel, hue) => Line($"{channel.Layout} {channel.Kind}", hue, point => SubscribersOf(point, channel) ?? 0, isDashed: hue > 1))]),
            ChartView.Of("Lost, against delivered", "1", axis, [Line("dropped and fetched again", 7, static point => point.Total.LostRatio)], static values => ChartScale.Of(values, LeastRatio)),
            Counts(
                "Lost and repaired",
                "/s",
                Line("dropped", 7, static point => point.Total.DroppedPerSecond),
                Line("fetched again", 6, static point => point.Total.RetransmittedPerSecond),
                Line("holes filled", 4, static point => point.Total.RepairedPerSecond),
                Line("second copies", 5, static point => point.Total.DuplicatesPerSecond, isDashed: true)),
            Counts("Sockets closed as too slow", "", Line("in the window", 3, static point => point.Total.SlowConsumers)),
            ChartView.Of(
                "Parity of compared copies",
                "1",
                axis,
                [.. scopes.Take(MostScopes).Select((scope, hue) => Line(scope.Scope, hue, point => point.Scopes.FirstOrDefault(row => row.Scope == scope.Scope)?.ParityRatio))],
                ChartScale.UpToOne),
            Math.Max(0, scopes.Length - MostScopes));
    }

    private static PublishRow? Row(FiguresView point, string kind, string layout) => point.Total.Publish.FirstOrDefault(row => row.Kind == kind && row.Layout == layout);

    private static double? SubscribersOf(FiguresView point, (string Layout, string Kind) channel) =>
        point.Total.Subscriptions.FirstOrDefault(row => row.Layout == channel.Layout && row.Kind == channel.Kind)?.Subscribers;
}
