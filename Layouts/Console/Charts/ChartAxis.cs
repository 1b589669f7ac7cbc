using System.Globalization;

namespace Layouts.Console.Charts;

/// <summary>The horizontal axis: the moments at which something was read, within a time that all charts of a page share.</summary>
/// <param name="From">Left end.</param>
/// <param name="To">Right end.</param>
/// <param name="Times">When something was read, in order.</param>
/// <param name="Gap">Two readings further apart than this are not joined: nobody looked in between.</param>
internal sealed record ChartAxis(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<DateTimeOffset> Times, TimeSpan Gap)
{
    /// <summary>Widths in seconds, the narrowest that holds all is taken: curves that have just begun are not a dot at the end of an hour.</summary>
    private static readonly int[] Widths = [60, 120, 300, 600, 1_200, 3_600, 7_200, 21_600, 86_400];

    /// <summary>An axis that ends with the newest reading.</summary>
    /// <param name="times">In order.</param>
    /// <param name="now">The right end where nothing was read yet.</param>
    /// <param name="gap">See <see cref="Gap"/>.</param>
    public static ChartAxis Of(IReadOnlyList<DateTimeOffset> times, DateTimeOffset now, TimeSpan gap)
    {
        var to = times.Count > 0 ? times[^1] : now;
        var span = times.Count > 0 ? (to - times[0]).TotalSeconds : 0;
        return new(to - TimeSpan.FromSeconds(Widths.FirstOrDefault(width => width >= span, Widths[^1])), to, times, gap);
    }

    /// <summary>Where a moment is, from the left, as a part of the whole.</summary>
    public double Place(DateTimeOffset at) => Math.Clamp((at - From) / (To - From), 0, 1);

    /// <summary>Whether a line continues from one reading to the next.</summary>
    public bool IsJoined(int index) => index > 0 && Times[index] - Times[index - 1] <= Gap;

    public static string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
