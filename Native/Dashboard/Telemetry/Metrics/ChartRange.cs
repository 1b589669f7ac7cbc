using System.Runtime.InteropServices;

namespace Dashboard.Telemetry.Metrics;

/// <summary>
/// The times at which a chart has points: steps that end at round times, so that a chart which moves along shows the same points again and not others
/// in between. Each point tells of the <see cref="Window"/> before it.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ChartRange(long From, long To, long Step, long Window)
{
    private const int MaxPoints = 120;

    public int Count => (int)((To - From) / Step) + 1;

    /// <summary>The last <paramref name="length"/> before <paramref name="now"/>.</summary>
    public static ChartRange Last(TimeSpan length, long now)
    {
        var step = Math.Max(1, (long)Math.Ceiling(length.TotalSeconds / MaxPoints)) * Instant.Second;

        // Senders report once a second and are not in step: what is younger than that is not complete.
        var to = (now - Instant.Second) / step * step;
        return new(to - (Instant.Of(length) / step * step), to, step, Math.Max(step, 5 * Instant.Second));
    }

    public long TimeAt(int index) => From + (index * Step);
}
