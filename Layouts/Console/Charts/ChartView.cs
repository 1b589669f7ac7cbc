using Layouts.Console.Live;

namespace Layouts.Console.Charts;

/// <summary>What a line of a chart is made of.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Hue">Which of the chart's colours it has, 0 to 7.</param>
/// <param name="Values">One for each time of the axis; null: there is none.</param>
/// <param name="IsDashed">Whether it is the lesser of two lines of one colour.</param>
internal sealed record ChartSeries(string Name, int Hue, IReadOnlyList<double?> Values, bool IsDashed = false);

/// <summary>A chart, ready to be drawn: worked out once for all pages that show it. Immutable.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Unit">See <see cref="DisplayText.Value"/>.</param>
/// <param name="Scale">The vertical axis.</param>
/// <param name="Lines">In the order of the legend.</param>
/// <param name="Clock">Times at the left end, in the middle and at the right end.</param>
/// <param name="Steps">
/// For the script that follows the pointer, which knows no units: a line for each time, its parts apart by bars; the first is the place, the second
/// the time.
/// </param>
public sealed record ChartView(string Title, string Unit, ChartScale Scale, IReadOnlyList<ChartLine> Lines, IReadOnlyList<string> Clock, string Steps)
{
    /// <summary>Whether there is nothing to draw.</summary>
    public bool IsEmpty => Lines.All(static line => line.Path.Length == 0);

    /// <summary>Works it out.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="unit">Of the values.</param>
    /// <param name="axis">When they were read.</param>
    /// <param name="series">With as many values as the axis has times.</param>
    /// <param name="scale">Makes the vertical axis out of all values.</param>
    internal static ChartView Of(string title, string unit, ChartAxis axis, IReadOnlyList<ChartSeries> series, Func<IEnumerable<double>, ChartScale> scale)
    {
        var vertical = scale(series.SelectMany(static line => line.Values).OfType<double>());
        return new ChartView(
            title,
            unit,
            vertical,
            [
                .. series.Select(line => new ChartLine(
                    line.Name,
                    line.Hue,
                    line.IsDashed,
                    DisplayText.Value(line.Values.Count > 0 ? line.Values[^1] : null, unit),
                    ChartPath.Line(axis, line.Values, vertical),
                    series.Count == 1 ? ChartPath.Area(axis, line.Values, vertical) : null)),
            ],
            [ChartAxis.Clock(axis.From), ChartAxis.Clock(axis.From + ((axis.To - axis.From) / 2)), ChartAxis.Clock(axis.To)],
            string.Join('\n', axis.Times.Select((time, index) =>
                $"{ChartPath.Percent(axis.Place(time))}|{ChartAxis.Clock(time)}|{string.Join('|', series.Select(line => DisplayText.Value(line.Values[index], unit)))}")));
    }
}

/// <summary>A line of a <see cref="ChartView"/>.</summary>
/// <param name="Name">What the legend calls it; may be anybody's words.</param>
/// <param name="Hue">0 to 7.</param>
/// <param name="IsDashed">Whether it is drawn dashed.</param>
/// <param name="Newest">The value at the right end, in words.</param>
/// <param name="Path">Empty: it has no values.</param>
/// <param name="Area">What lies below; null: nothing is drawn there.</param>
public sealed record ChartLine(string Name, int Hue, bool IsDashed, string Newest, string Path, string? Area);
