namespace Layouts.Console.Charts;

/// <summary>The vertical axis: from a round number to a round number, with marks at round numbers between them.</summary>
/// <param name="Bottom">Value at the lower end.</param>
/// <param name="Top">Value at the upper end.</param>
/// <param name="Marks">Values that have a mark, from the bottom.</param>
public sealed record ChartScale(double Bottom, double Top, IReadOnlyList<double> Marks)
{
    private const int Intervals = 4;

    /// <summary>Where an axis of ratios near 1 may begin: one in a thousand that is missing has to be seen.</summary>
    private static readonly double[] Floors = [0.99, 0.9, 0.5];

    /// <summary>A scale from zero on which all values have a place: a small change of a large number must not look like a large one.</summary>
    /// <param name="values">None of them negative.</param>
    /// <param name="least">The top when all values are below it: what is almost nothing must not fill the chart.</param>
    public static ChartScale Of(IEnumerable<double> values, double least)
    {
        var high = Math.Max(least, values.DefaultIfEmpty().Max());
        var step = RoundUp(high / Intervals);
        var count = (int)Math.Ceiling((high / step) - 1e-9);
        return new(0, count * step, [.. Enumerable.Range(0, count + 1).Select(i => i * step)]);
    }

    /// <summary>A scale up to 1, from the highest of a few round numbers that is below all values.</summary>
    public static ChartScale UpToOne(IEnumerable<double> values)
    {
        var low = values.DefaultIfEmpty(1).Min();
        var bottom = Floors.FirstOrDefault(floor => floor <= low);
        return new(bottom, 1, [.. Enumerable.Range(0, Intervals + 1).Select(i => bottom + ((1 - bottom) * i / Intervals))]);
    }

    /// <summary>Where a value is, from the top, as a part of the whole.</summary>
    public double Place(double value) => Math.Clamp((Top - value) / (Top - Bottom), 0, 1);

    private static double RoundUp(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        var first = step / power;
        return power * (first <= 1 + 1e-9 ? 1 : first <= 2 ? 2 : first <= 2.5 ? 2.5 : first <= 5 ? 5 : 10);
    }
}
