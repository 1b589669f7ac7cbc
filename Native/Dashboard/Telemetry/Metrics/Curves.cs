namespace Dashboard.Telemetry.Metrics;

/// <summary>From points of series to lines of charts. A value is null where nothing is known.</summary>
internal static class Curves
{
    /// <summary>A value of now that is older than this is of a sender that is gone.</summary>
    private static readonly long Stale = 30 * Instant.Second;

    /// <summary>Per second, over all series.</summary>
    public static double?[] Rate(IReadOnlyList<SeriesPoints> series, ChartRange range) =>
        Growths(series, range, static (s, i) => s.Numbers[i]);

    /// <summary>How many values a second a histogram has got.</summary>
    public static double?[] CountRate(IReadOnlyList<SeriesPoints> series, ChartRange range) =>
        Growths(series, range, static (s, i) => s.Distributions[i].Count);

    /// <summary>The sum of the values of now.</summary>
    public static double?[] Value(IReadOnlyList<SeriesPoints> series, ChartRange range)
    {
        var values = new double?[range.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var time = range.TimeAt(i);
            foreach (var one in series)
            {
                if (one.At(time) is >= 0 and var at && time - one.Times[at] <= Stale)
                {
                    values[i] = (values[i] ?? 0) + one.Numbers[at];
                }
            }
        }

        return values;
    }

    /// <summary>Per part (0.5, 0.95, ...) a line.</summary>
    public static double?[][] Quantiles(IReadOnlyList<SeriesPoints> series, ChartRange range, IReadOnlyList<double> parts)
    {
        var lines = parts.Select(_ => new double?[range.Count]).ToArray();
        for (var i = 0; i < range.Count; i++)
        {
            if (Between(series, range.TimeAt(i) - range.Window, range.TimeAt(i)) is { } distribution)
            {
                for (var part = 0; part < parts.Count; part++)
                {
                    lines[part][i] = distribution.Quantile(parts[part]);
                }
            }
        }

        return lines;
    }

    /// <summary>How the values between two times are distributed, over all series; null when there are none.</summary>
    public static Distribution? Between(IReadOnlyList<SeriesPoints> series, long from, long to)
    {
        Distribution? sum = null;
        foreach (var one in series)
        {
            var last = one.At(to);
            var first = Math.Max(0, one.At(from));
            if (last <= first || ReferenceEquals(one.Distributions[last], one.Distributions[first]))
            {
                continue;
            }

            var between = one.Distributions[last].Minus(one.Distributions[first]);
            sum = sum is null ? between : sum.Plus(between);
        }

        return sum is { Count: > 0 } ? sum : null;
    }

    /// <summary>By how much a counter has grown between two times, over all series.</summary>
    public static double Increase(IReadOnlyList<SeriesPoints> series, long from, long to)
    {
        double sum = 0;
        foreach (var one in series)
        {
            var last = one.At(to);
            var first = Math.Max(0, one.At(from));
            sum += last > first ? one.Numbers[last] - one.Numbers[first] : 0;
        }

        return sum;
    }

    private static double?[] Growths(IReadOnlyList<SeriesPoints> series, ChartRange range, Func<SeriesPoints, int, double> read)
    {
        var values = new double?[range.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var to = range.TimeAt(i);
            foreach (var one in series)
            {
                if (Growth(one, to - range.Window, to, read) is { } value)
                {
                    values[i] = (values[i] ?? 0) + value;
                }
            }
        }

        return values;
    }

    /// <summary>
    /// Growth per second between the points at the two ends, by the points' own times: senders' seconds are not ours. Null before the first point and
    /// for senders that are gone; zero where the only point of the window is the first of all.
    /// </summary>
    private static double? Growth(SeriesPoints series, long from, long to, Func<SeriesPoints, int, double> read)
    {
        var last = series.At(to);
        if (last < 0 || to - series.Times[last] > Stale)
        {
            return null;
        }

        var first = Math.Max(0, series.At(from));
        var seconds = (series.Times[last] - series.Times[first]) / (double)Instant.Second;
        return last == first || seconds <= 0 ? 0 : (read(series, last) - read(series, first)) / seconds;
    }
}
