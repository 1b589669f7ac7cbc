using Layouts.Console.Live;

namespace Layouts.Console.Overview;

/// <summary>What the figures of dbman's replicas say.</summary>
internal static class DbmanRules
{
    /// <param name="replicas">Over the window.</param>
    /// <param name="sum">All of them.</param>
    /// <param name="span">The window in words.</param>
    /// <param name="isCounted">Whether there is a window: a replica's totals since its start say nothing about now.</param>
    public static IEnumerable<Reason> Of(IReadOnlyList<ReplicaWindow> replicas, ReplicaSum sum, string span, bool isCounted)
    {
        var silent = replicas.Where(static replica => replica.IsSilent).ToArray();
        if (silent.Length > 0)
        {
            yield return new(
                Condition.Degraded,
                $"dbman: no figures of {SystemRules.Names([.. silent.Select(static replica => replica.Replica)])} for {DisplayText.Seconds(silent.Max(static replica => replica.View.SeenMilliseconds) / 1000)}",
                "It died, or cannot write to PostgreSQL: see its pod, its readiness and its log. After 10 minutes it is left out here.",
                Runbook.ReplicaIsSilent);
        }

        foreach (var full in replicas.Where(static replica => !replica.IsSilent && IsFull(replica)))
        {
            var pool = full.View.Figures.Pool;
            yield return new(
                Condition.Degraded,
                $"dbman: {full.Replica} has {pool.InUse} of {pool.Max} connections at work, and {DisplayText.Plural(pool.Waiting, "request")} wait for one",
                "Add replicas within the connection budget. If statements are slow, PostgreSQL lacks something.",
                Runbook.Overloaded);
        }

        if (!isCounted)
        {
            yield break;
        }

        if (Bounds.OfFailures(sum.Failed, sum.Requests) is not Condition.Well and var failed)
        {
            yield return new(
                failed,
                $"dbman: {DisplayText.Count(sum.Failed)} of {DisplayText.Plural(sum.Requests, "request")} {span} ended with 5xx ({DisplayText.Percent(Ratio(sum.Failed, sum.Requests))}){(sum.Refused > 0 ? ", refused ones among them" : "")}",
                sum.Timeouts > 0 || sum.Refused > 0 ? "The reasons beside this one say why." : "503: see PostgreSQL. 500: a fault of dbman, whose log has the trace; after an update, roll it back.",
                Runbook.DbmanFails);
        }

        if (Bounds.OfFailures(sum.Timeouts, sum.Requests) is not Condition.Well and var late)
        {
            yield return new(
                late,
                $"dbman: PostgreSQL was too slow {DisplayText.Plural(sum.Timeouts, "time")} {span}",
                "Look for locks and long statements (pg_stat_activity), then at its disk and CPU.",
                Runbook.DbmanTimesOut);
        }

        if (Bounds.OfFailures(sum.Refused, sum.Requests) is not Condition.Well and var shed)
        {
            yield return new(
                shed,
                $"dbman: {DisplayText.Count(sum.Refused)} requests and messages {span} were refused, as more came than it can handle",
                "Add replicas within the connection budget; if commits are slow, PostgreSQL lacks something.",
                Runbook.Overloaded);
        }

        var p95 = sum.Durations.PercentileSeconds(95);
        if (Bounds.OfDuration(p95, sum.Requests, Bounds.SlowRequest) is not Condition.Well and var slow)
        {
            yield return new(
                slow,
                $"dbman: one request in twenty takes longer than {DisplayText.Seconds(p95)}; it should be below {DisplayText.Seconds(Bounds.SlowRequest.TotalSeconds)}",
                "One replica alone: its CPU. All of them with connections to spare: PostgreSQL. All of them with none: add replicas within the budget.",
                Runbook.DbmanIsSlow);
        }
    }

    /// <summary>Some wait for a moment whenever it is busy; more than there are connections do not get through in a moment.</summary>
    public static bool IsFull(ReplicaWindow replica) => replica.View.Figures.Pool.Waiting > replica.View.Figures.Pool.Max;

    public static double? Ratio(long part, long all) => all > 0 ? (double)part / all : null;
}
