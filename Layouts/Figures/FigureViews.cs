using Contracts.Layouts;

namespace Layouts.Figures;

/// <summary>Figures of all nodes over a window.</summary>
/// <param name="At">When they were read.</param>
/// <param name="WindowSeconds">Over how long rates, percentiles and counts are.</param>
/// <param name="IsSinceStart">There is only one reading yet: they are over each node's whole life.</param>
/// <param name="Total">Of all live nodes.</param>
/// <param name="Nodes">Of each.</param>
/// <param name="Scopes">Counted apart: scopes whose layout was changed lately.</param>
/// <param name="Silent">Live nodes whose figures are missing or old.</param>
/// <param name="Brokers">What Redis works, as the driver has measured it; null: not measured yet.</param>
internal sealed record FiguresView(
    DateTimeOffset At,
    double WindowSeconds,
    bool IsSinceStart,
    FigureRow Total,
    IReadOnlyList<NodeFigureRow> Nodes,
    IReadOnlyList<ScopeFigureRow> Scopes,
    IReadOnlyList<string> Silent,
    BrokerFigures? Brokers = null);

/// <summary>Figures of one node.</summary>
/// <param name="Node">Which.</param>
/// <param name="AgeSeconds">How old its report is.</param>
/// <param name="Figures">What it says.</param>
internal sealed record NodeFigureRow(string Node, double AgeSeconds, FigureRow Figures);

/// <summary>Figures over a window.</summary>
/// <param name="Publish">By kind and layout.</param>
/// <param name="DeliveredPerSecond">Message frames written to sockets.</param>
/// <param name="DroppedPerSecond">Messages that arrived and were not kept.</param>
/// <param name="RetransmittedPerSecond">Messages fetched from history because they did not arrive.</param>
/// <param name="DuplicatesPerSecond">Second copies that were dropped.</param>
/// <param name="RepairedPerSecond">Holes that were filled from history.</param>
/// <param name="LostRatio">Dropped and retransmitted against delivered; null: nothing was delivered.</param>
/// <param name="SlowConsumers">Sockets closed in the window because they read too slowly.</param>
/// <param name="Subscriptions">By layout and kind, at the moment.</param>
internal sealed record FigureRow(
    IReadOnlyList<PublishRow> Publish,
    double DeliveredPerSecond,
    double DroppedPerSecond,
    double RetransmittedPerSecond,
    double DuplicatesPerSecond,
    double RepairedPerSecond,
    double? LostRatio,
    long SlowConsumers,
    IReadOnlyList<SubscriptionFigures> Subscriptions);

/// <summary>Copies of one kind in one layout.</summary>
/// <param name="Kind">message, signal or system.</param>
/// <param name="Layout">legacy or sharded.</param>
/// <param name="Copies">Taken by the broker in the window.</param>
/// <param name="PerSecond">The same by time.</param>
/// <param name="Failed">Not taken.</param>
/// <param name="P50">Seconds; null: there was none.</param>
/// <param name="P95">Seconds.</param>
/// <param name="P99">Seconds.</param>
internal sealed record PublishRow(string Kind, string Layout, long Copies, double PerSecond, long Failed, double? P50, double? P95, double? P99);

/// <summary>What was counted apart for a scope.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Parity">Comparisons in the window.</param>
/// <param name="ParityRatio">Matches among them; null: there was none.</param>
/// <param name="LegacyCopies">Copies on legacy channels.</param>
/// <param name="LegacyP99">Seconds.</param>
/// <param name="ShardedCopies">Copies on sharded ones.</param>
/// <param name="ShardedP99">Seconds.</param>
/// <param name="Failed">Copies that the broker did not take.</param>
internal sealed record ScopeFigureRow(
    string Scope, ParityFigures Parity, double? ParityRatio, long LegacyCopies, double? LegacyP99, long ShardedCopies, double? ShardedP99, long Failed);

/// <summary>Points of the charts, oldest first.</summary>
internal sealed record FigureSeriesView(IReadOnlyList<FiguresView> Points);

/// <summary>Makes views of readings.</summary>
internal static class FigureViews
{
    /// <param name="first">Null: there is none yet.</param>
    /// <param name="last">The newest.</param>
    public static FiguresView Of(FigureReading? first, FigureReading last)
    {
        var window = first is null ? FigureWindow.SinceStart(last) : FigureWindow.Between(first, last);
        var ages = last.Nodes.Values.ToDictionary(static node => node.Node, static node => node.Age.TotalSeconds, StringComparer.Ordinal);
        var scopes = window.Nodes.SelectMany(static node => node.Last.Scopes).Select(static scope => scope.Scope).Distinct();
        return new FiguresView(
            last.At,
            window.Nodes.Count == 0 ? 0 : window.Nodes.Max(static node => node.Seconds),
            first is null,
            Row(window.Nodes),
            [.. window.Nodes.Select(node => new NodeFigureRow(node.Node, ages[node.Node], Row([node])))],
            [.. scopes.Select(scope => Row(scope, window)).OrderBy(static row => row.Scope, StringComparer.Ordinal)],
            last.Silent,
            last.Brokers);
    }

    private static ScopeFigureRow Row(LayoutScope scope, FigureWindow window)
    {
        var sum = ScopeWindow.Sum(window.Nodes.Select(node => node.Of(scope)).OfType<ScopeWindow>());
        return new ScopeFigureRow(
            scope.ToString(),
            sum.Parity,
            sum.Parity.Compared > 0 ? (double)sum.Parity.Match / sum.Parity.Compared : null,
            sum.Legacy.Total,
            sum.Legacy.PercentileSeconds(99),
            sum.Sharded.Total,
            sum.Sharded.PercentileSeconds(99),
            sum.Failed);
    }

    private static FigureRow Row(IReadOnlyList<NodeWindow> nodes)
    {
        double PerSecond(Func<NodeWindow, long> count) => nodes.Where(static node => node.Seconds > 0).Sum(node => count(node) / node.Seconds);

        var delivered = nodes.Sum(static node => node.Delivery.Delivered);
        var lost = nodes.Sum(static node => node.Delivery.Dropped + node.Delivery.Retransmitted);
        return new FigureRow(
            [
                .. nodes.SelectMany(static node => node.Publish.Select(part => (Node: node, Part: part)))
                    .GroupBy(static entry => (entry.Part.Kind, entry.Part.Layout))
                    .OrderBy(static group => group.Key.Kind, StringComparer.Ordinal)
                    .ThenBy(static group => group.Key.Layout, StringComparer.Ordinal)
                    .Select(static group =>
                    {
                        var sum = new LatencyCounts();
                        var (rate, failed) = (0.0, 0L);
                        foreach (var (node, part) in group)
                        {
                            sum.Add(part.Latency);
                            failed += part.Failed;
                            rate += node.Seconds > 0 ? part.Latency.Total / node.Seconds : 0;
                        }

                        return new PublishRow(
                            group.Key.Kind, group.Key.Layout, sum.Total, rate, failed, sum.PercentileSeconds(50), sum.PercentileSeconds(95), sum.PercentileSeconds(99));
                    }),
            ],
            PerSecond(static node => node.Delivery.Delivered),
            PerSecond(static node => node.Delivery.Dropped),
            PerSecond(static node => node.Delivery.Retransmitted),
            PerSecond(static node => node.Delivery.Duplicates),
            PerSecond(static node => node.Delivery.Repaired),
            delivered > 0 ? (double)lost / delivered : null,
            nodes.Sum(static node => node.Delivery.SlowConsumers),
            [
                .. nodes.SelectMany(static node => node.Last.Subscriptions)
                    .GroupBy(static figures => (figures.Layout, figures.Kind))
                    .OrderBy(static group => group.Key.Layout, StringComparer.Ordinal)
                    .ThenBy(static group => group.Key.Kind, StringComparer.Ordinal)
                    .Select(static group => new SubscriptionFigures(
                        group.Key.Layout, group.Key.Kind, group.Sum(static figures => figures.Channels), group.Sum(static figures => figures.Subscribers))),
            ]);
    }
}
