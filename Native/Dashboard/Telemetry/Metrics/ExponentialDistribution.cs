namespace Dashboard.Telemetry.Metrics;

/// <summary>
/// A histogram whose bounds are powers of 2^(2^-scale): bucket i holds what is above base^i and not above base^(i+1). One step of scale less merges
/// neighbours, so two of different scale are brought to the smaller one before they are added.
/// </summary>
internal sealed class ExponentialDistribution(
    int scale, long zeros, ExponentialBuckets positive, ExponentialBuckets negative, long count, double sum, double? max) : Distribution(count, sum, max)
{
    public int Scale { get; } = scale;

    public long Zeros { get; } = zeros;

    public ExponentialBuckets Positive { get; } = positive;

    public ExponentialBuckets Negative { get; } = negative;

    public override int Bytes => 96 + (2 * 48) + ((Positive.Counts.Length + Negative.Counts.Length) * sizeof(long));

    public override Distribution Plus(Distribution other) => Combine(other, 1);

    public override Distribution Minus(Distribution earlier) => Combine(earlier, -1);

    public override double? Quantile(double part)
    {
        var negatives = Negative.Total;
        var total = negatives + Zeros + Positive.Total;
        if (total <= 0)
        {
            return null;
        }

        var rank = part * total;
        if (rank < negatives)
        {
            // From the most negative upwards: the same as from the largest magnitude downwards.
            return -Value(Negative, negatives - rank);
        }

        rank -= negatives;
        return rank <= Zeros && Zeros > 0 ? 0 : Value(Positive, rank - Zeros);
    }

    public override ExplicitDistribution ToExplicit()
    {
        var bounds = new List<double>();
        var counts = new List<long>();
        long pending = 0;
        for (var i = Negative.Counts.Length - 1; i >= 0; i--)
        {
            Bound(-Power((long)Negative.Offset + i + 1));
            pending = Negative.Counts[i];
        }

        if (Negative.Counts.Length > 0)
        {
            Bound(-Power(Negative.Offset));
        }

        pending = Zeros;
        for (var i = 0; i < Positive.Counts.Length; i++)
        {
            Bound(Power((long)Positive.Offset + i));
            pending = Positive.Counts[i];
        }

        if (Positive.Counts.Length > 0)
        {
            Bound(Power((long)Positive.Offset + Positive.Counts.Length));
            pending = 0;
        }

        counts.Add(pending);
        return new([.. bounds], [.. counts], Count, Sum, Max);

        void Bound(double bound)
        {
            // Beyond what a double tells apart, neighbours fall together.
            if (bounds.Count > 0 && bound <= bounds[^1])
            {
                counts[^1] += pending;
                return;
            }

            bounds.Add(bound);
            counts.Add(pending);
        }
    }

    private double Power(double index) => Math.Pow(2, index * Math.Pow(2, -Scale));

    private double Value(ExponentialBuckets buckets, double rank)
    {
        long below = 0;
        for (var i = 0; i < buckets.Counts.Length; i++)
        {
            var inBucket = buckets.Counts[i];
            if (inBucket > 0 && below + inBucket >= rank)
            {
                return Power(buckets.Offset + i + Math.Clamp((rank - below) / inBucket, 0, 1));
            }

            below += inBucket;
        }

        return Power((long)buckets.Offset + buckets.Counts.Length);
    }

    private Distribution Combine(Distribution other, int sign)
    {
        if (other is not ExponentialDistribution theirs)
        {
            return sign > 0 ? ToExplicit().Plus(other) : ToExplicit().Minus(other);
        }

        var common = Math.Min(Scale, theirs.Scale);
        while (ExponentialBuckets.Span(Positive, Scale - common, theirs.Positive, theirs.Scale - common) > ExponentialBuckets.MaxLength
            || ExponentialBuckets.Span(Negative, Scale - common, theirs.Negative, theirs.Scale - common) > ExponentialBuckets.MaxLength)
        {
            common--;
        }

        return new ExponentialDistribution(
            common,
            Math.Max(0, Zeros + (sign * theirs.Zeros)),
            ExponentialBuckets.Combine(Positive, Scale - common, theirs.Positive, theirs.Scale - common, sign),
            ExponentialBuckets.Combine(Negative, Scale - common, theirs.Negative, theirs.Scale - common, sign),
            Math.Max(0, Count + (sign * theirs.Count)),
            Sum + (sign * theirs.Sum),
            sign > 0 ? Larger(Max, theirs.Max) : Max);
    }
}

/// <summary>Counts of neighbouring buckets, the first of which has the index Offset.</summary>
internal sealed record ExponentialBuckets(int Offset, long[] Counts)
{
    /// <summary>More buckets than any sender makes (160 is usual); what is wider is merged.</summary>
    public const int MaxLength = 2_048;

    public static ExponentialBuckets Empty { get; } = new(0, []);

    public long Total
    {
        get
        {
            long total = 0;
            foreach (var count in Counts)
            {
                total += count;
            }

            return total;
        }
    }

    /// <summary>How many buckets both take together after merging neighbours as often as given.</summary>
    public static long Span(ExponentialBuckets one, int oneDown, ExponentialBuckets other, int otherDown)
    {
        if (one.Counts.Length == 0 && other.Counts.Length == 0)
        {
            return 0;
        }

        var (first, last) = Range(one, oneDown, other, otherDown);
        return last - first + 1;
    }

    public static ExponentialBuckets Combine(ExponentialBuckets one, int oneDown, ExponentialBuckets other, int otherDown, int sign)
    {
        if (one.Counts.Length == 0 && other.Counts.Length == 0)
        {
            return Empty;
        }

        var (first, last) = Range(one, oneDown, other, otherDown);
        var counts = new long[last - first + 1];
        one.AddTo(counts, first, oneDown, 1);
        other.AddTo(counts, first, otherDown, sign);
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Math.Max(0, counts[i]);
        }

        return new((int)first, counts);
    }

    private static (long First, long Last) Range(ExponentialBuckets one, int oneDown, ExponentialBuckets other, int otherDown)
    {
        if (one.Counts.Length == 0)
        {
            return other.Range(otherDown);
        }

        if (other.Counts.Length == 0)
        {
            return one.Range(oneDown);
        }

        var (a, b) = (one.Range(oneDown), other.Range(otherDown));
        return (Math.Min(a.First, b.First), Math.Max(a.Last, b.Last));
    }

    // Shifting a long by more than 62 would start again from the front.
    private (long First, long Last) Range(int down) => ((long)Offset >> Math.Min(down, 62), ((long)Offset + Counts.Length - 1) >> Math.Min(down, 62));

    private void AddTo(long[] counts, long first, int down, int sign)
    {
        for (var i = 0; i < Counts.Length; i++)
        {
            counts[(((long)Offset + i) >> Math.Min(down, 62)) - first] += sign * Counts[i];
        }
    }
}
