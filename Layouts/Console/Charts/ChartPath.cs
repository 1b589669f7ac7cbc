using System.Globalization;
using System.Text;

namespace Layouts.Console.Charts;

/// <summary>Lines as SVG paths, in a box of 1000 by 100 that the page stretches.</summary>
internal static class ChartPath
{
    public const int Width = 1_000;
    public const int Height = 100;

    /// <summary>A line with a gap where there is no value or nobody looked; a value between two gaps is a short dash.</summary>
    public static string Line(ChartAxis axis, IReadOnlyList<double?> values, ChartScale scale)
    {
        var path = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                var goesOn = GoesOn(axis, values, i);
                path.Append(goesOn ? 'L' : 'M').Append(X(axis, i)).Append(' ').Append(Y(value, scale));
                if (!goesOn && !GoesOn(axis, values, i + 1))
                {
                    path.Append("h-3");
                }
            }
        }

        return path.ToString();
    }

    /// <summary>What lies between a line and the bottom.</summary>
    public static string Area(ChartAxis axis, IReadOnlyList<double?> values, ChartScale scale)
    {
        var path = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                var x = X(axis, i);
                path.Append(GoesOn(axis, values, i) ? "L" : $"M{x} {Height}L").Append(x).Append(' ').Append(Y(value, scale));
                if (!GoesOn(axis, values, i + 1))
                {
                    path.Append('L').Append(x).Append(' ').Append(Height).Append('Z');
                }
            }
        }

        return path.ToString();
    }

    /// <summary>Such as <c>12.5%</c>, for styles.</summary>
    public static string Percent(double part) => string.Create(CultureInfo.InvariantCulture, $"{part * 100:0.##}%");

    public static string Y(double value, ChartScale scale) => Number(scale.Place(value) * Height);

    private static bool GoesOn(ChartAxis axis, IReadOnlyList<double?> values, int index) =>
        index > 0 && index < values.Count && values[index] is not null && values[index - 1] is not null && axis.IsJoined(index);

    private static string X(ChartAxis axis, int index) => Number(axis.Place(axis.Times[index]) * Width);

    private static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
