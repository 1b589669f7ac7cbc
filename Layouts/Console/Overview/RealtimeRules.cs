using Layouts.Console.Live;

namespace Layouts.Console.Overview;

/// <summary>What the figures of realtime nodes say.</summary>
internal static class RealtimeRules
{
    private const string Figures = ConsoleRoutes.Root + "/figures";

    /// <param name="silent">Live nodes that have reported before, and not for too long.</param>
    /// <param name="sum">All nodes over the window; null: there is none yet.</param>
    /// <param name="sockets">Open ones.</param>
    /// <param name="span">The window in words.</param>
    public static IEnumerable<Reason> Of(IReadOnlyList<string> silent, NodeSum? sum, long sockets, string span)
    {
        if (silent.Count > 0)
        {
            yield return new(
                Condition.Degraded,
                $"realtime: no fresh figures of {SystemRules.Names(silent)}, which are alive",
                "Their log says why dbman does not take them; what they do now is not known here.",
                Runbook.NoLease,
                ConsoleRoutes.Nodes);
        }

        if (sum is null)
        {
            yield break;
        }

        foreach (var row in sum.Publishing)
        {
            if (Bounds.OfFailures(row.Failed, row.Failed + row.Latency.Total) is not Condition.Well and var failed)
            {
                yield return new(
                    failed,
                    $"realtime: Redis did not take {DisplayText.Plural(row.Failed, "copy", "copies")} ({row.Kind}, {row.Layout}) {span}",
                    "Bring Redis back, or the way to it. Messages catch up from history by themselves; signals of that time are lost.",
                    Runbook.Publishing,
                    Figures);
            }

            if (SlowOf(row) is not Condition.Well and var slow)
            {
                yield return new(
                    slow,
                    $"realtime: publishing ({row.Kind}, {row.Layout}) takes up to {DisplayText.Seconds(row.Latency.PercentileSeconds(99))}; it should be below {DisplayText.Seconds(Bounds.SlowPublish.TotalSeconds)}",
                    "Both layouts alike: Redis or the way to it. Sharded alone: one master, or the new layout; move no further rooms.",
                    Runbook.Publishing,
                    Figures);
            }
        }

        if (Bounds.OfLosses(sum.Dropped + sum.Refetched, sum.Delivered) is not Condition.Well and var lost)
        {
            yield return new(
                lost,
                $"realtime: {DisplayText.Plural(sum.Dropped, "message")} dropped and {DisplayText.Count(sum.Refetched)} fetched again {span}, against {DisplayText.Count(sum.Delivered)} delivered; none is lost for clients",
                "Messages do not arrive over Redis, or faster than nodes may keep them: look at Redis, and at the CPU of the nodes below.",
                Runbook.MessagesAreLate,
                Figures);
        }

        if (Bounds.OfLosses(sum.SlowConsumers, sockets) is not Condition.Well and var closed)
        {
            yield return new(
                closed,
                $"realtime: {DisplayText.Plural(sum.SlowConsumers, "socket")} {span} {(sum.SlowConsumers == 1 ? "was" : "were")} closed, as {(sum.SlowConsumers == 1 ? "it" : "they")} read too slowly",
                "Many of one node: its network. Of all nodes: a room that is too hot for its clients; see the hot rooms.",
                Runbook.SlowConsumers,
                Figures);
        }
    }

    public static Condition SlowOf(PublishSum row) => Bounds.OfDuration(row.Latency.PercentileSeconds(99), row.Latency.Total, Bounds.SlowPublish);
}
