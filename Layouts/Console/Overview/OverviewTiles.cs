using Layouts.Console.Live;

namespace Layouts.Console.Overview;

/// <summary>The figures that are shown large.</summary>
internal static class OverviewTiles
{
    /// <param name="sum">All replicas over the window.</param>
    /// <param name="isCounted">Whether there is a window.</param>
    public static IReadOnlyList<Tile> OfDbman(ReplicaSum sum, bool isCounted)
    {
        var (p50, p95, p99) = (sum.Durations.PercentileSeconds(50), sum.Durations.PercentileSeconds(95), sum.Durations.PercentileSeconds(99));

        Condition Judged(Condition condition) => isCounted ? condition : Condition.Well;

        Tile Failures(string name, string title, long count, string note) => new(
            name, title, DisplayText.Count(count), note, Judged(Bounds.OfFailures(count, sum.Requests)), isCounted ? count : null);

        return
        [
            new("request-time", "Request time, p95", DisplayText.Seconds(p95), $"p50 {DisplayText.Seconds(p50)} · p99 {DisplayText.Seconds(p99)}", Judged(Bounds.OfDuration(p95, sum.Requests, Bounds.SlowRequest)), isCounted ? p95 : null),
            new("requests", "Requests", DisplayText.Rate(sum.PerSecond), $"{DisplayText.Count(sum.Requests)} in all", Condition.Well, isCounted ? sum.PerSecond : null),
            Failures("failed", "Failed (5xx)", sum.Failed, $"{DisplayText.Percent(DbmanRules.Ratio(sum.Failed, sum.Requests))} of requests"),
            Failures("timeouts", "Timed out", sum.Timeouts, "statements, locks, connections"),
            Failures("refused", "Refused", sum.Refused, "more than it can handle"),
            new(
                "pool",
                "Connections in use",
                $"{sum.Pool.InUse} of {sum.Pool.Max}",
                $"{sum.Pool.Idle} idle · {sum.Pool.Waiting} waiting · {sum.Pool.Queued} queued",
                sum.Pool.Waiting > sum.Pool.Max ? Condition.Degraded : Condition.Well,
                sum.Pool.InUse),
        ];
    }

    /// <param name="sum">All nodes over the window.</param>
    /// <param name="nodes">Live ones.</param>
    /// <param name="sockets">Open ones.</param>
    /// <param name="isCounted">Whether there is a window.</param>
    public static IReadOnlyList<Tile> OfRealtime(NodeSum sum, int nodes, long sockets, bool isCounted)
    {
        Tile Losses(string name, string title, long count, string note, long all) => new(
            name, title, DisplayText.Count(count), note, isCounted ? Bounds.OfLosses(count, all) : Condition.Well, isCounted ? count : null);

        return
        [
            new("deliveries", "Deliveries", DisplayText.Rate(sum.DeliveredPerSecond), $"{DisplayText.Count(sum.Delivered)} in all", Condition.Well, isCounted ? sum.DeliveredPerSecond : null),
            new("subscribers", "Subscribers", DisplayText.Count(sum.Subscribers), "of rooms, by all sockets", Condition.Well, sum.Subscribers),
            new("sockets", "Sockets", DisplayText.Count(sockets), $"on {DisplayText.Plural(nodes, "node")}", Condition.Well, sockets),
            Losses("slow", "Slow consumers", sum.SlowConsumers, "closed, to come again", sockets),
            Losses("dropped", "Dropped", sum.Dropped, "more than may be held back", sum.Delivered),
            Losses("refetched", "Fetched again", sum.Refetched, $"{DisplayText.Plural(sum.Repaired, "hole")} repaired", sum.Delivered),
        ];
    }
}
