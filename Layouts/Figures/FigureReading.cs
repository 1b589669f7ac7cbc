using Contracts.Layouts;

namespace Layouts.Figures;

/// <summary>What all live nodes have counted, as of one look. Immutable.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Nodes">Live nodes with figures, by <see cref="NodeFigures.Source"/>.</param>
/// <param name="Silent">Live nodes that have reported no figures, or none for too long.</param>
internal sealed record FigureReading(DateTimeOffset At, IReadOnlyDictionary<string, NodeReading> Nodes, IReadOnlyList<string> Silent)
{
    /// <summary>What the driver has measured of Redis; null: nothing yet. A driver that was replaced may be there until its next report: the younger one counts.</summary>
    public BrokerFigures? Brokers => Nodes.Values.Where(static node => node.Figures.Driving is not null).MinBy(static node => node.Age)?.Figures.Driving!.Brokers;

    /// <summary>Out of dbman's answer.</summary>
    /// <param name="at">When it was read.</param>
    /// <param name="nodes">With figures.</param>
    /// <param name="maxAge">Figures that are older say nothing about now.</param>
    public static FigureReading Of(DateTimeOffset at, NodesResponse nodes, TimeSpan maxAge)
    {
        var read = new Dictionary<string, NodeReading>(StringComparer.Ordinal);
        List<string> silent = [];
        foreach (var node in nodes.Nodes.Where(static node => node.IsLive))
        {
            var age = TimeSpan.FromMilliseconds(node.FiguresMilliseconds ?? 0);
            if (node.Figures is not { } figures || age > maxAge)
            {
                silent.Add(node.Node);
            }

            // A node that comes back under another id is there twice until the lease of the first has run out: the younger report counts.
            if (node.Figures is { } known && (!read.TryGetValue(known.Source, out var other) || other.Figures.UptimeMilliseconds < known.UptimeMilliseconds))
            {
                read[known.Source] = new NodeReading(node.Node, known, age);
            }
        }

        return new FigureReading(at, read, silent);
    }
}

/// <summary>One node's report.</summary>
/// <param name="Node">As the control plane knows it.</param>
/// <param name="Figures">What it has counted.</param>
/// <param name="Age">How old the report is.</param>
internal sealed record NodeReading(string Node, NodeFigures Figures, TimeSpan Age);
