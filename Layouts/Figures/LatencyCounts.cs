using Contracts.Layouts;

namespace Layouts.Figures;

/// <summary>Durations of a window by <see cref="LatencyBuckets"/>; sums and differences of what nodes report.</summary>
internal sealed class LatencyCounts
{
    private readonly long[] _counts = new long[LatencyBuckets.Count];

    public long Total { get; private set; }

    /// <summary>Adds what was counted between two reports of the same source; counts that fell have started again from zero.</summary>
    public LatencyCounts Add(LatencyFigures last, LatencyFigures? first = null)
    {
        for (var i = 0; i < last.Counts.Count; i++)
        {
            Add(last.First + i, last.Counts[i]);
        }

        for (var i = 0; i < (first?.Counts.Count ?? 0); i++)
        {
            Add(first!.First + i, -first.Counts[i]);
        }

        return this;
    }

    public LatencyCounts Add(LatencyCounts other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Total += other.Total;
        return this;
    }

    /// <summary>Null when there is nothing. Within a bucket durations are taken as evenly spread.</summary>
    public double? PercentileSeconds(double percentile)
    {
        if (Total <= 0)
        {
            return null;
        }

        var rank = percentile / 100 * Total;
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] > 0 && seen + _counts[i] >= rank)
            {
                var lower = LatencyBuckets.LowerSeconds(i);
                return lower + ((LatencyBuckets.UpperSeconds(i) - lower) * Math.Clamp((rank - seen) / _counts[i], 0, 1));
            }

            seen += _counts[i];
        }

        return LatencyBuckets.UpperSeconds(_counts.Length - 1);
    }

    /// <summary>Whether the first of two reports has a count that the last has not: its counters were reset in between.</summary>
    public static bool WentBack(LatencyFigures first, LatencyFigures last)
    {
        for (var i = 0; i < first.Counts.Count; i++)
        {
            var at = first.First + i - last.First;
            if (first.Counts[i] > (at >= 0 && at < last.Counts.Count ? last.Counts[at] : 0))
            {
                return true;
            }
        }

        return false;
    }

    private void Add(int bucket, long count)
    {
        // Reports are checked by dbman; a bucket beyond ours comes of a newer version.
        var at = Math.Clamp(bucket, 0, _counts.Length - 1);
        _counts[at] += count;
        Total += count;
    }
}
