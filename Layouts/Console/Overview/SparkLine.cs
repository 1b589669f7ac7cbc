using System.Globalization;
using System.Text;

namespace Layouts.Console.Overview;

/// <summary>
/// The last values of a figure as a small SVG path. A value that stays is one stroke, so that a page on which nothing happens is sent nothing.
/// </summary>
internal static class SparkLine
{
    public const int Width = 118;
    public const int Height = 20;

    /// <summary>As many as there are places.</summary>
    public const int Places = 60;

    private const int Step = Width / (Places - 1);

    /// <param name="values">Oldest first; the newest is at the right end. Null: there was none.</param>
    public static string Of(IReadOnlyList<double?> values)
    {
        var shown = values.Skip(Math.Max(0, values.Count - Places)).ToArray();
        var high = shown.OfType<double>().DefaultIfEmpty().Max();
        var path = new StringBuilder();
        for (var i = 0; i < shown.Length; i++)
        {
            if (shown[i] is not { } value)
            {
                continue;
            }

            var isFirst = i == 0 || shown[i - 1] is null;
            var isLast = i == shown.Length - 1 || shown[i + 1] is null;
            if (isFirst || isLast || Y(shown[i - 1]!.Value) != Y(value) || Y(shown[i + 1]!.Value) != Y(value))
            {
                path.Append(CultureInfo.InvariantCulture, $"{(isFirst ? 'M' : 'L')}{Width - ((shown.Length - 1 - i) * Step)} {Y(value)}");
            }

            if (isFirst && isLast)
            {
                path.Append("h1");
            }
        }

        return path.ToString();

        int Y(double value) => high > 0 ? (int)Math.Round(Height * (1 - (value / high))) : Height;
    }
}
