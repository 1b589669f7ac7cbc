using Contracts.Layouts;

namespace Layouts.Figures;

/// <summary>
/// What happened between two readings: for each node the difference of what it had counted, over the time that its own clock says. A node that was
/// not there before counts from zero when it is younger than the window; else nothing is known of it yet, and it counts from the next window on.
/// </summary>
internal sealed record FigureWindow(DateTimeOffset At, IReadOnlyList<NodeWindow> Nodes)
{
    public static FigureWindow Between(FigureReading first, FigureReading last)
    {
        var length = last.At - first.At;
        return new FigureWindow(
            last.At,
            [
                .. last.Nodes.Values
                    .OrderBy(static node => node.Node, StringComparer.Ordinal)
                    .Select(node => Of(first.Nodes.GetValueOrDefault(node.Figures.Source), node, length))
                    .OfType<NodeWindow>(),
            ]);
    }

    /// <summary>Since each node began.</summary>
    public static FigureWindow SinceStart(FigureReading reading) =>
        new(reading.At, [.. reading.Nodes.Values.OrderBy(static node => node.Node, StringComparer.Ordinal).Select(static node => new NodeWindow(node.Node, null, node.Figures))]);

    private static NodeWindow? Of(NodeReading? first, NodeReading last, TimeSpan length) =>
        first is not null ? new NodeWindow(last.Node, first.Figures, last.Figures)
        : TimeSpan.FromMilliseconds(last.Figures.UptimeMilliseconds) + last.Age <= length ? new NodeWindow(last.Node, null, last.Figures)
        : null;
}

/// <summary>One node's part of a window.</summary>
/// <param name="Node">As the control plane knows it.</param>
/// <param name="First">Null: it counts from zero.</param>
/// <param name="Last">What it had counted at the end.</param>
internal sealed record NodeWindow(string Node, NodeFigures? First, NodeFigures Last)
{
    /// <summary>By the node's own clock; 0: it has not reported again.</summary>
    public double Seconds => (Last.UptimeMilliseconds - (First?.UptimeMilliseconds ?? 0)) / 1000.0;

    /// <summary>Of all rooms.</summary>
    public DeliveryFigures Delivery => First?.Delivery is { } first
        ? new DeliveryFigures(
            Last.Delivery.Delivered - first.Delivered,
            Last.Delivery.Dropped - first.Dropped,
            Last.Delivery.Retransmitted - first.Retransmitted,
            Last.Delivery.Duplicates - first.Duplicates,
            Last.Delivery.Repaired - first.Repaired,
            Last.Delivery.SlowConsumers - first.SlowConsumers)
        : Last.Delivery;

    /// <summary>Copies by kind and layout.</summary>
    public IEnumerable<(string Kind, string Layout, long Failed, LatencyCounts Latency)> Publish => Last.Publish.Select(last =>
    {
        var first = First?.Publish.FirstOrDefault(known => known.Kind == last.Kind && known.Layout == last.Layout);
        return (last.Kind, last.Layout, last.Failed - (first?.Failed ?? 0), new LatencyCounts().Add(last.Latency, first?.Latency));
    });

    /// <summary>What was counted apart for a scope; null: nothing. Counters that were evicted meanwhile and started again count from zero.</summary>
    public ScopeWindow? Of(LayoutScope scope)
    {
        if (Last.Scopes.FirstOrDefault(counted => counted.Scope == scope) is not { } last)
        {
            return null;
        }

        var first = First?.Scopes.FirstOrDefault(counted => counted.Scope == scope);
        if (first is not null && WentBack(first, last))
        {
            first = null;
        }

        var before = first?.Parity ?? ParityFigures.None;
        return new ScopeWindow(
            new ParityFigures(
                last.Parity.Match - before.Match,
                last.Parity.Missing - before.Missing,
                last.Parity.Extra - before.Extra,
                last.Parity.Payload - before.Payload,
                last.Parity.Skipped - before.Skipped),
            new LatencyCounts().Add(last.Legacy, first?.Legacy),
            new LatencyCounts().Add(last.Sharded, first?.Sharded),
            last.Failed - (first?.Failed ?? 0));
    }

    private static bool WentBack(ScopeFigures first, ScopeFigures last) =>
        first.Failed > last.Failed
        || first.Parity.Match > last.Parity.Match
        || first.Parity.Compared > last.Parity.Compared
        || LatencyCounts.WentBack(first.Legacy, last.Legacy)
        || LatencyCounts.WentBack(first.Sharded, last.Sharded);
}

/// <summary>A scope's part of a window.</summary>
internal sealed record ScopeWindow(ParityFigures Parity, LatencyCounts Legacy, LatencyCounts Sharded, long Failed)
{
    public static ScopeWindow Sum(IEnumerable<ScopeWindow> parts)
    {
        var (parity, legacy, sharded, failed) = (ParityFigures.None, new LatencyCounts(), new LatencyCounts(), 0L);
        foreach (var part in parts)
        {
            parity = new ParityFigures(
                parity.Match + part.Parity.Match,
                parity.Missing + part.Parity.Missing,
                parity.Extra + part.Parity.Extra,
                parity.Payload + part.Parity.Payload,
                parity.Skipped + part.Parity.Skipped);
            legacy.Add(part.Legacy);
            sharded.Add(part.Sharded);
            failed += part.Failed;
        }

        return new ScopeWindow(parity, legacy, sharded, failed);
    }
}
