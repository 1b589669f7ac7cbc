using Contracts.Layouts;

namespace ServiceDefaults.Telemetry;

/// <summary>Durations of a kind, counted in <see cref="LatencyBuckets"/>: one interlocked addition each, from any thread.</summary>
public sealed class LatencyCounters
{
    private readonly long[] _counts = new long[LatencyBuckets.Count];

    /// <summary>Counts what took that long.</summary>
    /// <param name="bucket">See <see cref="LatencyBuckets.IndexOf"/>.</param>
    /// <param name="count">How many took it together.</param>
    public void Add(int bucket, int count = 1) => Interlocked.Add(ref _counts[bucket], count);

    /// <summary>As it is reported: each count is read for itself, and never goes back.</summary>
    public LatencyFigures Read()
    {
        var counts = new long[_counts.Length];
        var first = -1;
        var last = -1;
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Interlocked.Read(ref _counts[i]);
            if (counts[i] > 0)
            {
                first = first < 0 ? i : first;
                last = i;
            }
        }

        return first < 0 ? LatencyFigures.None : new LatencyFigures(first, counts[first..(last + 1)]);
    }
}
