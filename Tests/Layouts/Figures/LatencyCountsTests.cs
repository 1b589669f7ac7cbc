using Contracts.Layouts;
using Layouts.Figures;

namespace Tests.Layouts.Figures;

/// <summary>Durations that nodes counted, added and subtracted.</summary>
public sealed class LatencyCountsTests
{
    [Fact]
    public void NothingIsSaid_WhenNothingWasCounted()
    {
        var counts = new LatencyCounts().Add(LatencyFigures.None);
        Assert.Equal(0, counts.Total);
        Assert.Null(counts.PercentileSeconds(99));
    }

    [Fact]
    public void PercentilesLieWithinTheirBuckets()
    {
        // 90 in bucket 10, 10 in bucket 20.
        var counts = new LatencyCounts().Add(new LatencyFigures(10, [90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10]));
        Assert.Equal(100, counts.Total);
        Assert.Equal(LatencyBuckets.LowerSeconds(10) + ((LatencyBuckets.UpperSeconds(10) - LatencyBuckets.LowerSeconds(10)) * 50 / 90), counts.PercentileSeconds(50)!.Value, 1e-12);
        Assert.Equal(LatencyBuckets.UpperSeconds(10), counts.PercentileSeconds(90)!.Value, 1e-12);
        Assert.InRange(counts.PercentileSeconds(99)!.Value, LatencyBuckets.LowerSeconds(20), LatencyBuckets.UpperSeconds(20));
        Assert.Equal(LatencyBuckets.UpperSeconds(20), counts.PercentileSeconds(100)!.Value, 1e-12);
    }

    [Fact]
    public void OnlyWhatCameInBetweenCounts_WhenThereIsAReportBefore()
    {
        // The older report began at another bucket than the newer: each is of its own length.
        var counts = new LatencyCounts().Add(new LatencyFigures(3, [1, 5, 9]), new LatencyFigures(4, [5, 2]));
        Assert.Equal(1 + 7, counts.Total);
        Assert.Equal(LatencyBuckets.UpperSeconds(3), counts.PercentileSeconds(100.0 / 8)!.Value, 1e-12);
        Assert.InRange(counts.PercentileSeconds(50)!.Value, LatencyBuckets.LowerSeconds(5), LatencyBuckets.UpperSeconds(5));
    }

    [Fact]
    public void CountsOfSeveralNodesAreOne()
    {
        var sum = new LatencyCounts().Add(new LatencyCounts().Add(new LatencyFigures(0, [3]))).Add(new LatencyCounts().Add(new LatencyFigures(79, [1])));
        Assert.Equal(4, sum.Total);
        Assert.Equal(LatencyBuckets.UpperSeconds(0), sum.PercentileSeconds(75)!.Value, 1e-12);
        Assert.InRange(sum.PercentileSeconds(99)!.Value, LatencyBuckets.LowerSeconds(79), LatencyBuckets.UpperSeconds(79));
    }

    [Fact]
    public void ABucketBeyondTheLastCountsAsTheLast_WhenANewerVersionHasMore()
    {
        var counts = new LatencyCounts().Add(new LatencyFigures(LatencyBuckets.Count + 5, [2]));
        Assert.Equal(2, counts.Total);
        Assert.InRange(counts.PercentileSeconds(50)!.Value, LatencyBuckets.LowerSeconds(LatencyBuckets.Count - 1), LatencyBuckets.UpperSeconds(LatencyBuckets.Count - 1));
    }

    [Theory]
    [InlineData(5, new long[] { 1, 2 }, 5, new long[] { 1, 2 }, false)]
    [InlineData(5, new long[] { 1, 2 }, 4, new long[] { 1, 1, 3 }, false)]
    [InlineData(5, new long[] { 1, 2 }, 5, new long[] { 1, 1 }, true)]
    [InlineData(5, new long[] { 1, 2 }, 6, new long[] { 2 }, true)]
    [InlineData(5, new long[] { 1, 2 }, 0, new long[] { }, true)]
    [InlineData(0, new long[] { }, 3, new long[] { 1 }, false)]
    public void CountersThatBeganAnewAreNoticed(int first, long[] before, int last, long[] after, bool wentBack) =>
        Assert.Equal(wentBack, LatencyCounts.WentBack(new LatencyFigures(first, before), new LatencyFigures(last, after)));
}
