namespace Dashboard.Telemetry.Metrics;

/// <summary>A histogram with given bounds: bucket i holds what is above bound i-1 and not above bound i; the last has no end.</summary>
internal sealed class ExplicitDistribution(double[] bounds, long[] counts, long count, double sum, double? max) : Distribution(count, sum, max)
{
    public double[] Bounds { get; } = bounds;

    public long[] Counts { get; } = counts;

    // Bounds are shared between the points of a series.
    public override int Bytes => 72 + Weight.Object + (Counts.Length * sizeof(long));

    public override Distribution Plus(Distribution other) => Combine(other, 1);

    public override Distribution Minus(Distribution earlier) => Combine(earlier, -1);

    public override ExplicitDistribution ToExplicit() => this;

    public override double? Quantile(double part)
    {
        long total = 0;
        foreach (var inBucket in Counts)
        {
            total += inBucket;
        }

        if (total <= 0)
        {
            return null;
        }

        var rank = part * total;
        long below = 0;
        for (var i = 0; i < Counts.Length; i++)
        {
            if (Counts[i] > 0 && below + Counts[i] >= rank)
            {
                var (lower, upper) = Ends(i);
                return lower + ((upper - lower) * Math.Clamp((rank - below) / Counts[i], 0, 1));
            }

            below += Counts[i];
        }

        return Ends(Counts.Length - 1).Upper;
    }

    /// <summary>The ends of a bucket. The first begins at zero, unless it holds negative values; the last ends at the largest value that is known.</summary>
    private (double Lower, double Upper) Ends(int bucket)
    {
        if (Bounds.Length == 0)
        {
            return (0, Max ?? 0);
        }

        var lower = bucket > 0 ? Bounds[bucket - 1] : Math.Min(0, Bounds[0]);
        var upper = bucket < Bounds.Length ? Bounds[bucket] : Math.Max(Bounds[^1], Max ?? Bounds[^1]);
        return (lower, upper);
    }

    private ExplicitDistribution Combine(Distribution other, int sign)
    {
        var theirs = other.ToExplicit();
        if (!Bounds.AsSpan().SequenceEqual(theirs.Bounds))
        {
            double[] union = [.. Bounds.Concat(theirs.Bounds).Distinct().Order()];
            return Spread(union).Combine(theirs.Spread(union), sign);
        }

        var combined = new long[Counts.Length];
        for (var i = 0; i < combined.Length; i++)
        {
            combined[i] = Math.Max(0, Counts[i] + (sign * theirs.Counts[i]));
        }

        return new(
            Bounds, combined, Math.Max(0, Count + (sign * theirs.Count)), Sum + (sign * theirs.Sum), sign > 0 ? Larger(Max, theirs.Max) : Max);
    }

    /// <summary>The same values in finer buckets: each old bucket's count is spread over the new ones by length, the rest going to the last.</summary>
    private ExplicitDistribution Spread(double[] finer)
    {
        var spread = new long[finer.Length + 1];
        for (var i = 0; i < Counts.Length; i++)
        {
            if (Counts[i] == 0)
            {
                continue;
            }

            var (lower, upper) = Ends(i);
            var left = Counts[i];
            var at = Array.FindIndex(finer, bound => bound > lower);
            if (at < 0 || upper <= lower)
            {
                spread[at < 0 ? finer.Length : at] += left;
                continue;
            }

            for (; at < finer.Length && finer[at] < upper; at++)
            {
                var begin = at > 0 ? Math.Max(lower, finer[at - 1]) : lower;
                var share = Math.Min(left, (long)Math.Round(Counts[i] * (finer[at] - begin) / (upper - lower)));
                spread[at] += share;
                left -= share;
            }

            spread[at] += left;
        }

        return new(finer, spread, Count, Sum, Max);
    }
}
