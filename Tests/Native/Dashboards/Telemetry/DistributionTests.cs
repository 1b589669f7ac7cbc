using Dashboard.Telemetry.Metrics;

namespace Tests.Native.Dashboards.Telemetry;

/// <summary>Percentiles from buckets, against values that are known.</summary>
public sealed class DistributionTests
{
    private static readonly double[] Bounds = [.. Enumerable.Range(1, 100).Select(static n => n / 100.0)];

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    public void QuantileIsWithinABucketOfTheTruth(double part)
    {
        var random = new Random(42);
        double[] values = [.. Enumerable.Range(0, 10_000).Select(_ => Math.Min(0.999, -Math.Log(1 - random.NextDouble()) / 6)).Order()];
        var truth = values[(int)(part * values.Length)];

        var fixedBounds = Explicit(values).Quantile(part)!.Value;
        var exponential = Exponential(values, scale: 4).Quantile(part)!.Value;

        Assert.InRange(fixedBounds, truth - 0.01, truth + 0.01);
        Assert.InRange(exponential, truth * 0.95, truth * 1.05);
        Assert.InRange(Exponential(values, scale: 4).ToExplicit().Quantile(part)!.Value, truth * 0.95, truth * 1.05);
    }

    [Fact]
    public void QuantileIsInterpolated_InsideABucket()
    {
        var distribution = Some.Distribution([10, 20, 30], 0, 100, 0, 0);

        Assert.Equal(15, distribution.Quantile(0.5));
        Assert.Equal(19.9, distribution.Quantile(0.99)!.Value, 6);
    }

    [Fact]
    public void ValuesBeyondTheLastBound_EndAtTheLargestThatIsKnown()
    {
        Assert.Equal(30, Some.Distribution([10, 20, 30], 0, 0, 0, 5).Quantile(0.99));
        Assert.Equal(50, new ExplicitDistribution([10, 20, 30], [0, 0, 0, 5], 5, 200, 50).Quantile(1));
    }

    [Fact]
    public void NothingHasNoQuantile()
    {
        Assert.Null(Some.Distribution([1], 0, 0).Quantile(0.5));
        Assert.Null(new ExponentialDistribution(0, 0, ExponentialBuckets.Empty, ExponentialBuckets.Empty, 0, 0, null).Quantile(0.5));
    }

    [Fact]
    public void NegativeValuesAndZeroesAreInOrder()
    {
        var distribution = Exponential([-8, -4, 0, 0, 4, 8], scale: 3);

        Assert.InRange(distribution.Quantile(0.05)!.Value, -8.8, -7.2);
        Assert.Equal(0, distribution.Quantile(0.5));
        Assert.InRange(distribution.Quantile(0.99)!.Value, 7.2, 8.8);
        Assert.InRange(distribution.ToExplicit().Quantile(0.05)!.Value, -8.8, -7.2);
    }

    [Fact]
    public void DistributionsOfTwoReplicasAddUp_AndSubtract()
    {
        var one = Some.Distribution([1, 2], 1, 2, 3);
        var other = Some.Distribution([1, 2], 4, 5, 6);

        var sum = Assert.IsType<ExplicitDistribution>(one.Plus(other));
        Assert.Equal([5, 7, 9], sum.Counts);
        Assert.Equal(21, sum.Count);
        Assert.Equal(one.Counts, ((ExplicitDistribution)sum.Minus(other)).Counts);
    }

    [Fact]
    public void ExponentialsOfTwoScales_MeetAtTheSmaller()
    {
        double[] values = [.. Enumerable.Range(1, 1_000).Select(static n => n / 10.0)];
        var sum = Assert.IsType<ExponentialDistribution>(Exponential(values, scale: 5).Plus(Exponential(values, scale: 3)));

        Assert.Equal(3, sum.Scale);
        Assert.Equal(2_000, sum.Count);
        Assert.InRange(sum.Quantile(0.5)!.Value, 45, 55);
        var back = (ExponentialDistribution)sum.Minus(Exponential(values, scale: 3));
        Assert.Equal(1_000, back.Positive.Total);
    }

    [Fact]
    public void ExponentialsThatAreFarApart_TakeNoMoreBucketsThanAllowed()
    {
        var small = new ExponentialDistribution(20, 0, new(int.MinValue + 1, [1]), ExponentialBuckets.Empty, 1, 0, null);
        var large = new ExponentialDistribution(20, 0, new(int.MaxValue - 1, [1]), ExponentialBuckets.Empty, 1, 0, null);

        var sum = (ExponentialDistribution)small.Plus(large);

        Assert.Equal(2, sum.Positive.Total);
        Assert.InRange(sum.Positive.Counts.Length, 1, ExponentialBuckets.MaxLength);
    }

    [Fact]
    public void DifferentBounds_AreBroughtTogether()
    {
        var sum = Some.Distribution([10, 20], 0, 100, 0).Plus(Some.Distribution([5, 15, 20], 0, 0, 100, 0));

        Assert.Equal(200, sum.Count);
        Assert.InRange(sum.Quantile(0.5)!.Value, 14, 18);
        Assert.Equal(200, sum.ToExplicit().Counts.Sum());
    }

    private static ExplicitDistribution Explicit(double[] values)
    {
        var counts = new long[Bounds.Length + 1];
        foreach (var value in values)
        {
            var at = Array.FindIndex(Bounds, b => value <= b);
            counts[at < 0 ? Bounds.Length : at]++;
        }

        return Some.Distribution(Bounds, counts);
    }

    private static ExponentialDistribution Exponential(double[] values, int scale)
    {
        return new(scale, values.Count(v => v == 0), Buckets(values.Where(v => v > 0)), Buckets(values.Where(v => v < 0).Select(v => -v)), values.Length, values.Sum(), null);

        ExponentialBuckets Buckets(IEnumerable<double> positive)
        {
            int[] places = [.. positive.Select(v => (int)Math.Ceiling(Math.Log2(v) * Math.Pow(2, scale)) - 1)];
            if (places.Length == 0)
            {
                return ExponentialBuckets.Empty;
            }

            var counts = new long[places.Max() - places.Min() + 1];
            foreach (var place in places)
            {
                counts[place - places.Min()]++;
            }

            return new(places.Min(), counts);
        }
    }
}
