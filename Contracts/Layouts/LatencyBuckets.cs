namespace Contracts.Layouts;

/// <summary>
/// Fixed buckets of durations, four to a doubling, from 20 µs to about 21 s: the same on every node and in every version, so that counts of several
/// nodes can be added and those of two moments subtracted. A percentile out of them is right within a fifth.
/// </summary>
public static class LatencyBuckets
{
    /// <summary>How many there are. The last one holds everything beyond.</summary>
    public const int Count = 80;

    private const double SmallestSeconds = 20e-6;
    private const int PerDoubling = 4;

    /// <summary>Which bucket a duration falls into.</summary>
    public static int IndexOf(TimeSpan duration)
    {
        var seconds = duration.TotalSeconds;
        return seconds <= SmallestSeconds ? 0 : (int)Math.Clamp(Math.Ceiling(Math.Log2(seconds / SmallestSeconds) * PerDoubling), 0, Count - 1);
    }

    /// <summary>The longest duration of a bucket, in seconds; of the last one where it begins to be wrong.</summary>
    public static double UpperSeconds(int index) => SmallestSeconds * Math.Pow(2, (double)index / PerDoubling);

    /// <summary>The shortest duration of a bucket, in seconds.</summary>
    public static double LowerSeconds(int index) => index == 0 ? 0 : UpperSeconds(index - 1);
}
