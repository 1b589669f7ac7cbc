using Contracts.Layouts;
using Contracts.Results;
using Layouts.Console.Live;
using Layouts.Figures;

namespace Layouts.Console.Overview;

/// <summary>
/// Answers "is it well?" from what nodes and replicas report: it knows no clock and asks nobody. What reports nothing, as older versions do, is not
/// judged. Counts are judged over a window; what a process has counted in its whole life is shown while there is nothing else, and says nothing about
/// now.
/// </summary>
internal static class OverviewJudge
{
    /// <param name="first">The reading that the window begins with; null: there is only one.</param>
    /// <param name="last">The newest reading; null: there is none.</param>
    /// <param name="now">Layouts and nodes.</param>
    /// <param name="problem">Why dbman did not answer the newest question; null: it did.</param>
    /// <param name="hasRedis">Whether the node that is asked has a connection to Redis.</param>
    public static OverviewView Judge(OverviewReading? first, OverviewReading? last, ConsoleSnapshot now, ServiceProblem? problem, bool hasRedis)
    {
        var reasons = SystemRules.Of(now, problem, hasRedis).ToList();
        if (last is null)
        {
            return OverviewView.Nothing with { Verdict = Worst(reasons, Condition.Reading), Headline = Headline(Worst(reasons, Condition.Reading), reasons.Count), Reasons = Sorted(reasons) };
        }

        var replicas = ReplicaWindow.Between(first?.Replicas, last.Replicas);
        var nodes = (first is null ? FigureWindow.SinceStart(last.Nodes) : FigureWindow.Between(first.Nodes, last.Nodes)).Nodes;
        var seconds = replicas.Select(static replica => replica.Seconds).Concat(nodes.Select(static node => node.Seconds)).DefaultIfEmpty().Max();
        var isCounted = first is not null && seconds > 0;
        var span = isCounted ? $"in the last {DisplayText.Seconds(Math.Round(seconds))}" : "since each of them began";

        var dbman = ReplicaSum.Of(replicas);
        var realtime = NodeSum.Of(nodes);
        var live = last.Views.Nodes.Where(static node => node.IsLive).ToArray();
        var sockets = live.Sum(static node => (long)node.Connections);

        // Old figures say nothing about now; the problem is reported by itself.
        if (problem is null)
        {
            // Silent are those that have reported before: an older version has nothing to report.
            string[] silent = [.. live.Where(static node => node.FiguresMilliseconds is not null).Select(static node => node.Node).Intersect(last.Nodes.Silent, StringComparer.Ordinal)];
            reasons.AddRange(DbmanRules.Of(replicas, dbman, span, isCounted));
            reasons.AddRange(RealtimeRules.Of(silent, isCounted ? realtime : null, sockets, span));
        }

        var verdict = Worst(reasons, isCounted ? Condition.Well : Condition.Reading);
        return new OverviewView(
            verdict,
            Headline(verdict, reasons.Count),
            Sorted(reasons),
            last.At,
            problem is not null,
            span,
            replicas.Count == 0 ? [] : OverviewTiles.OfDbman(dbman, isCounted),
            Note(last.Replicas),
            [.. replicas.Select(Row)],
            OverviewTiles.OfRealtime(realtime, live.Length, sockets, isCounted),
            [.. realtime.Publishing.Select(row => new PublishLine(
                row.Kind,
                row.Layout,
                row.PerSecond,
                row.Failed,
                row.Latency.PercentileSeconds(50),
                row.Latency.PercentileSeconds(95),
                row.Latency.PercentileSeconds(99),
                isCounted && RealtimeRules.SlowOf(row) != Condition.Well))],
            [.. last.Views.Nodes.Where(static node => node.IsLive || node.SeenMilliseconds < SystemRules.Lately.TotalMilliseconds).Select(node => Row(node, nodes))],
            last.Nodes.Brokers);
    }

    private static Condition Worst(List<Reason> reasons, Condition none) => reasons.Count == 0 ? none : reasons.Max(static reason => reason.Kind);

    private static IReadOnlyList<Reason> Sorted(List<Reason> reasons) => [.. reasons.OrderByDescending(static reason => reason.Kind)];

    private static string Headline(Condition verdict, int reasons) => verdict switch
    {
        Condition.Well => "All is well",
        Condition.Degraded => reasons == 1 ? "Degraded: one thing to look at" : $"Degraded: {reasons} things to look at",
        Condition.Unwell => reasons == 1 ? "Unwell: one thing to fix" : $"Unwell: {reasons} things to look at",
        _ => "Waiting: the next reports show the current state",
    };

    private static string? Note(ReplicaReading replicas) =>
        !replicas.IsKnown ? "The dbman that answers is of a version that reports no figures. They are here once it is updated."
        : replicas.Replicas.Count == 0 ? "No replica of dbman has reported yet. The first report comes within seconds of its start."
        : null;

    private static ReplicaRow Row(ReplicaWindow replica)
    {
        var own = replica.ReadDurations();
        return new ReplicaRow(
            replica.Replica,
            replica.View.Version,
            TimeSpan.FromMilliseconds(replica.View.SeenMilliseconds),
            replica.IsSilent,
            replica.Seconds > 0 ? own.Total / replica.Seconds : 0,
            own.PercentileSeconds(50),
            own.PercentileSeconds(95),
            own.PercentileSeconds(99),
            replica.Failed,
            replica.Timeouts,
            replica.Refused,
            replica.View.Figures.Pool);
    }

    private static NodeRow Row(NodeView node, IReadOnlyList<NodeWindow> windows) => new(
        node.Node,
        node.Version,
        node.IsLive,
        TimeSpan.FromMilliseconds(node.SeenMilliseconds),
        node.Connections,
        windows.FirstOrDefault(window => window.Node == node.Node) is { } own ? NodeCells.Of(NodeSum.Of([own])) : null);
}
