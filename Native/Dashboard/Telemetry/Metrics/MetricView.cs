using Dashboard.Charts;

namespace Dashboard.Telemetry.Metrics;

/// <summary>One chart.</summary>
internal sealed record Drawing(string Title, string Unit, IReadOnlyList<ChartLine> Lines, IReadOnlyList<ChartDot> Dots);

/// <summary>How an instrument is drawn: a counter as its rate, a histogram as percentiles with the rate below, everything else as it is.</summary>
internal sealed record MetricView(ChartRange Range, IReadOnlyList<Drawing> Drawings)
{
    /// <summary>Stands for the replica where dimensions are chosen from.</summary>
    public const string ByReplica = "\u0001replica";

    /// <summary>Colours that eyes tell apart.</summary>
    private const int MaxLines = 8;

    private const int MaxDots = 60;

    private static readonly double[] Parts = [0.5, 0.95, 0.99];

    public static MetricView Of(MetricReader reader, InstrumentInfo instrument, string replica, Func<Tag[], bool> wanted, string split, ChartRange range)
    {
        var series = reader.Read(instrument.Service, instrument.Name, wanted, instrument.Meter, replica);
        var groups = Groups(series, split);
        var perSecond = instrument.Unit.Trim('{', '}') is { Length: > 0 } unit ? $"{unit}/s" : "/s";
        return new(range, instrument.Kind switch
        {
            InstrumentKind.Histogram =>
            [
                new(
                    split.Length == 0 ? "Percentiles" : "95th percentile",
                    instrument.Unit,
                    split.Length == 0 ? Percentiles(series, range) : Lines(groups, g => Curves.Quantiles(g, range, [0.95])[0]),
                    Dots(reader.Exemplars(instrument.Service, instrument.Name, wanted, instrument.Meter, replica), range, instrument.Unit)),
                new("Measurements per second", "/s", Lines(groups, g => Curves.CountRate(g, range)), []),
            ],
            InstrumentKind.Counter => [new("Per second", perSecond, Lines(groups, g => Curves.Rate(g, range)), [])],
            _ => [new(split.Length == 0 && series.Count > 1 ? "Sum of all series" : "Value", instrument.Unit, Lines(groups, g => Curves.Value(g, range)), [])],
        });
    }

    public static IReadOnlyList<ChartLine> Percentiles(IReadOnlyList<SeriesPoints> series, ChartRange range)
    {
        var lines = Curves.Quantiles(series, range, Parts);
        return [.. Parts.Select((part, i) => new ChartLine($"p{part * 100:0}", i, lines[i]))];
    }

    private static IEnumerable<(string Name, List<SeriesPoints> Series)> Groups(List<SeriesPoints> series, string split) =>
        split.Length == 0 ? [("all", series)]
        : series
            .GroupBy(s => split == ByReplica ? s.Resource.DisplayName : s.Dimensions.ValueOf(split) ?? "(none)", StringComparer.Ordinal)
            .OrderBy(static g => g.Key, StringComparer.Ordinal)
            .Select(static g => (g.Key, g.ToList()));

    private static ChartLine[] Lines(IEnumerable<(string Name, List<SeriesPoints> Series)> groups, Func<List<SeriesPoints>, double?[]> values) =>
        [.. groups
            .Select(g => (g.Name, Values: values(g.Series)))
            .OrderByDescending(static l => l.Values.Max() ?? 0)
            .Take(MaxLines)
            .OrderBy(static l => l.Name, StringComparer.Ordinal)
            .Select(static (l, i) => new ChartLine(l.Name, i, l.Values))];

    private static ChartDot[] Dots(List<SeriesExemplar> exemplars, ChartRange range, string unit) =>
        [.. exemplars
            .Where(e => e.Exemplar.Time >= range.From && e.Exemplar.Time <= range.To)
            .OrderByDescending(static e => e.Exemplar.Value)
            .Take(MaxDots)
            .Select(e => new ChartDot(
                (e.Exemplar.Time - range.From) / (double)(range.To - range.From),
                e.Exemplar.Value,
                $"/traces/{e.Exemplar.TraceId}?span={e.Exemplar.SpanId}",
                $"{Quantity.Text(e.Exemplar.Value, unit)} in {e.Resource.DisplayName}: show the trace"))];
}
