namespace Dashboard.Telemetry.Metrics;

/// <summary>Counts of values by size. Immutable, so that points of time in which nothing happened share one.</summary>
internal abstract class Distribution(long count, double sum, double? max)
{
    public long Count { get; } = count;

    public double Sum { get; } = sum;

    /// <summary>The largest value since the sender's start, where it says so: the end of the last bucket, which has none of its own.</summary>
    public double? Max { get; } = max;

    /// <summary>Estimated memory.</summary>
    public abstract int Bytes { get; }

    public abstract Distribution Plus(Distribution other);

    /// <summary>What came since <paramref name="earlier"/>.</summary>
    public abstract Distribution Minus(Distribution earlier);

    /// <summary>The value below which the part <paramref name="part"/> of all values lies, supposing that values are spread evenly in each bucket.</summary>
    /// <returns>Null when there are no values.</returns>
    public abstract double? Quantile(double part);

    /// <summary>The same in buckets with fixed ends: what two kinds of buckets have in common.</summary>
    public abstract ExplicitDistribution ToExplicit();

    protected static double? Larger(double? one, double? other) => one is null ? other : other is null ? one : Math.Max(one.Value, other.Value);
}
