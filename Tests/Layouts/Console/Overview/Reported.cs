using Contracts.Layouts;
using Contracts.Replicas;
using Layouts.Admin;
using Layouts.Console.Live;
using Layouts.Console.Overview;
using Tests.Layouts.Autopilot;

namespace Tests.Layouts.Console.Overview;

/// <summary>What replicas of dbman and realtime nodes might report.</summary>
internal static class Reported
{
    public static readonly PoolFigures Pool = new(InUse: 2, Idle: 3, Waiting: 0, Queued: 0, Max: 20);

    /// <summary>A replica that has been up for <paramref name="uptime"/> seconds.</summary>
    /// <param name="replica">Id.</param>
    /// <param name="uptime">Seconds.</param>
    /// <param name="fast">Requests that took 5 ms.</param>
    /// <param name="slow">Requests that took a second.</param>
    /// <param name="failed">Answered with 5xx.</param>
    /// <param name="refused">Because it had too much to do.</param>
    /// <param name="timeouts">Of statements.</param>
    /// <param name="age">Milliseconds since the report.</param>
    /// <param name="pool">Its connections.</param>
    public static ReplicaView Replica(
        string replica = "dbman-1", double uptime = 1_000, long fast = 0, long slow = 0, long failed = 0, long refused = 0, long timeouts = 0, long age = 100, PoolFigures? pool = null) => new(
            replica,
            age,
            new ReplicaFigures((long)(uptime * 1_000), 5_000, Durations(fast, slow), failed, refused, timeouts, pool ?? Pool, 0),
            "1.0.0");

    public static LatencyFigures Durations(long fast, long slow)
    {
        var (first, last) = (LatencyBuckets.IndexOf(TimeSpan.FromMilliseconds(5)), LatencyBuckets.IndexOf(TimeSpan.FromSeconds(1)));
        var counts = new long[last - first + 1];
        (counts[0], counts[^1]) = (fast, slow);
        return new LatencyFigures(first, counts);
    }

    public static ReplicaReading Replicas(double seconds, params ReplicaView[] replicas) => new(Counted.Start.AddSeconds(seconds), replicas);

    public static OverviewReading Reading(double seconds, ReplicaReading replicas, params NodeView[] nodes) =>
        new(Counted.Start.AddSeconds(seconds), new NodesResponse(1, nodes), Counted.Reading(seconds, nodes), replicas);

    /// <summary>Layouts of which nothing is to be said, and these nodes.</summary>
    public static ConsoleSnapshot Layouts(params NodeView[] nodes) => new(Counted.Start, new LayoutStatus(1, null, [], 0, nodes, []), null, null);
}
