using Layouts.Console.Overview;

namespace Tests.Layouts.Console.Overview;

/// <summary>What dbman's replicas counted between two readings, one by one and together.</summary>
public sealed class ReplicaWindowTests
{
    [Fact]
    public void PercentilesOfSeveralReplicasAreThoseOfAllTheirRequests()
    {
        // One that is quick and busy, one that is slow and has little to do: the mean of their percentiles would be half a second.
        var several = ReplicaSum.Of(ReplicaWindow.Between(null, Reported.Replicas(0, Reported.Replica("a", uptime: 10, fast: 980), Reported.Replica("b", uptime: 10, slow: 20))));
        var one = ReplicaSum.Of(ReplicaWindow.Between(null, Reported.Replicas(0, Reported.Replica("c", uptime: 10, fast: 980, slow: 20))));

        Assert.Equal((1_000, 100d), (several.Requests, several.PerSecond));
        foreach (var percentile in (double[])[50, 95, 98, 99, 100])
        {
            Assert.Equal(one.Durations.PercentileSeconds(percentile), several.Durations.PercentileSeconds(percentile));
        }

        Assert.InRange(several.Durations.PercentileSeconds(95)!.Value, 0.004, 0.006);
        Assert.InRange(several.Durations.PercentileSeconds(99)!.Value, 0.8, 1.2);
    }

    [Fact]
    public void OnlyWhatCameInBetweenCounts_ByEachReplicasOwnClock()
    {
        var first = Reported.Replicas(0, Reported.Replica("a", uptime: 100, fast: 10, slow: 5, failed: 2, refused: 3, timeouts: 4), Reported.Replica("b", uptime: 500, fast: 70));
        var last = Reported.Replicas(60, Reported.Replica("a", uptime: 150, fast: 110, slow: 5, failed: 3, refused: 5, timeouts: 8), Reported.Replica("b", uptime: 500, fast: 70));

        var windows = ReplicaWindow.Between(first, last);
        var sum = ReplicaSum.Of(windows);

        // The other has no newer report: nothing is known of it, and nothing is divided by zero.
        Assert.Equal([50d, 0], windows.Select(static window => window.Seconds));
        Assert.Equal((100, 2d, 1, 2, 4), (sum.Requests, sum.PerSecond, sum.Failed, sum.Refused, sum.Timeouts));
        Assert.InRange(sum.Durations.PercentileSeconds(99)!.Value, 0.004, 0.006);
    }

    [Fact]
    public void AReplicaThatBeganInTheWindowCountsFromZero_AndAnOlderOneOfWhichNothingIsKnownDoesNotCount()
    {
        var first = Reported.Replicas(0, Reported.Replica("a", uptime: 100));
        var last = Reported.Replicas(60, Reported.Replica("a", uptime: 160), Reported.Replica("old", uptime: 5_000, fast: 900, failed: 9), Reported.Replica("young", uptime: 50, fast: 7));

        var windows = ReplicaWindow.Between(first, last);

        Assert.Equal([("a", 60d, 0L), ("old", 0, 0), ("young", 50, 7)], windows.Select(static window => (window.Replica, window.Seconds, window.ReadDurations().Total)));
        Assert.Equal((7, 0), (ReplicaSum.Of(windows).Requests, ReplicaSum.Of(windows).Failed));
    }

    [Fact]
    public void ThereIsNoPercentileOfNothing()
    {
        var sum = ReplicaSum.Of([]);

        Assert.Equal((0, 0d), (sum.Requests, sum.PerSecond));
        Assert.Null(sum.Durations.PercentileSeconds(95));
    }
}
