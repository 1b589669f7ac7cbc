namespace Dashboard.Charts;

/// <summary>The vertical axis: from a round number to a round number, with lines at round numbers between them.</summary>
internal sealed record ChartScale(double Bottom, double Top, IReadOnlyList<double> Marks)
{
    private const int Intervals = 4;

    /// <summary>A scale on which all values have a place. Zero is always on it: a small change of a large number must not look like a large one.</summary>
    public static ChartScale Of(IEnumerable<double> values)
    {
        double low = 0;
        double high = 0;
        foreach (var value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        if (high <= low)
        {
            return new(0, 1, [0, 1]);
        }

        var step = RoundUp((high - low) / Intervals);
        var bottom = Math.Floor(low / step) * step;
        var count = (int)Math.Ceiling(((high - bottom) / step) - 1e-9);
        return new(bottom, bottom + (count * step), [.. Enumerable.Range(0, count + 1).Select(i => bottom + (i * step))]);
    }

    /// <summary>Where a value is, from the top, as a part of the whole.</summary>
    public double Place(double value) => Math.Clamp((Top - value) / (Top - Bottom), 0, 1);

    private static double RoundUp(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        var first = step / power;
        return power * (first <= 1 ? 1 : first <= 2 ? 2 : first <= 2.5 ? 2.5 : first <= 5 ? 5 : 10);
    }
}
