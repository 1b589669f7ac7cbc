using System.Globalization;
using System.Text;

namespace Dashboard.Charts;

/// <summary>Lines as SVG paths, in a box of 1000 by 100 that the page stretches.</summary>
internal static class ChartPath
{
    public const int Width = 1_000;
    public const int Height = 100;

    /// <summary>A line with a gap where there is no value; a value between two gaps is a short dash.</summary>
    public static string Line(IReadOnlyList<double?> values, ChartScale scale)
    {
        var path = new StringBuilder();
        var isDown = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is not { } value)
            {
                isDown = false;
                continue;
            }

            var (x, y) = (X(i, values.Count), Y(value, scale));
            path.Append(isDown ? 'L' : 'M').Append(x).Append(' ').Append(y);
            if (!isDown && (i + 1 == values.Count || values[i + 1] is null))
            {
                path.Append("h2");
            }

            isDown = true;
        }

        return path.ToString();
    }

    /// <summary>What lies between a line and zero.</summary>
    public static string Area(IReadOnlyList<double?> values, ChartScale scale)
    {
        var path = new StringBuilder();
        var zero = Y(Math.Max(0, scale.Bottom), scale);
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is not { } value)
            {
                continue;
            }

            var isFirst = i == 0 || values[i - 1] is null;
            var isLast = i + 1 == values.Count || values[i + 1] is null;
            path.Append(isFirst ? $"M{X(i, values.Count)} {zero}L" : "L").Append(X(i, values.Count)).Append(' ').Append(Y(value, scale));
            if (isLast)
            {
                path.Append($"L{X(i, values.Count)} {zero}Z");
            }
        }

        return path.ToString();
    }

    private static string X(int index, int count) => Number(count < 2 ? 0 : index * (double)Width / (count - 1));

    private static string Y(double value, ChartScale scale) => Number(scale.Place(value) * Height);

    private static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
