using Contracts.Layouts;
using Layouts.Figures;

namespace Layouts.Console.Overview;

/// <summary>One or several realtime nodes over a window.</summary>
/// <param name="Delivered">Message frames written to sockets.</param>
/// <param name="DeliveredPerSecond">The same by time.</param>
/// <param name="Dropped">Messages that arrived and were not kept.</param>
/// <param name="Refetched">Messages fetched from history because they did not arrive.</param>
/// <param name="Repaired">Holes in the sequence that were filled so.</param>
/// <param name="SlowConsumers">Sockets closed because they read too slowly.</param>
/// <param name="Subscribers">Subscriptions of sockets to rooms, at the moment.</param>
/// <param name="Publishing">By kind and layout.</param>
internal sealed record NodeSum(
    long Delivered,
    double DeliveredPerSecond,
    long Dropped,
    long Refetched,
    long Repaired,
    long SlowConsumers,
    long Subscribers,
    IReadOnlyList<PublishSum> Publishing)
{
    public static NodeSum Of(IReadOnlyList<NodeWindow> nodes) => new(
        nodes.Sum(static node => node.Delivery.Delivered),
        nodes.Where(static node => node.Seconds > 0).Sum(static node => node.Delivery.Delivered / node.Seconds),
        nodes.Sum(static node => node.Delivery.Dropped),
        nodes.Sum(static node => node.Delivery.Retransmitted),
        nodes.Sum(static node => node.Delivery.Repaired),
        nodes.Sum(static node => node.Delivery.SlowConsumers),
        nodes.Sum(static node => SubscribersOf(node.Last)),
        [
            .. nodes.SelectMany(static node => node.Publish.Select(part => (Node: node, Part: part)))
                .GroupBy(static entry => (entry.Part.Kind, entry.Part.Layout))
                .OrderBy(static group => group.Key.Kind, StringComparer.Ordinal)
                .ThenBy(static group => group.Key.Layout, StringComparer.Ordinal)
                .Select(static group =>
                {
                    var sum = new PublishSum(group.Key.Kind, group.Key.Layout, new LatencyCounts(), 0, 0);
                    foreach (var (node, part) in group)
                    {
                        sum.Latency.Add(part.Latency);
                        sum = sum with { Failed = sum.Failed + part.Failed, PerSecond = sum.PerSecond + (node.Seconds > 0 ? part.Latency.Total / node.Seconds : 0) };
                    }

                    return sum;
                }),
        ]);

    /// <summary>A subscription is listed with each kind of channel that its room listens to, and counts once.</summary>
    private static long SubscribersOf(NodeFigures figures) =>
        figures.Subscriptions.GroupBy(static row => row.Layout, StringComparer.Ordinal).Sum(static layout => layout.Max(static row => row.Subscribers));
}

/// <summary>Copies of one kind in one layout over a window.</summary>
internal sealed record PublishSum(string Kind, string Layout, LatencyCounts Latency, double PerSecond, long Failed);
