using System.Globalization;
using Dashboard.Engine;
using Dashboard.Resources;

namespace Dashboard.Graph;

/// <summary>Who references and waits for whom.</summary>
internal sealed record ResourceGraph(IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges)
{
    public static ResourceGraph Of(EngineView view)
    {
        var groups = view.Instances.Where(i => !i.IsHidden).GroupBy(i => i.Resource, StringComparer.OrdinalIgnoreCase).ToArray();
        var names = groups.Select(g => g.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var edges = groups
            .SelectMany(g => g.First().Relationships.Select(r => (From: g.Key, To: r.Resource, r.Type)))
            .Where(r => names.Contains(r.To) && !string.Equals(r.From, r.To, StringComparison.OrdinalIgnoreCase))
            .GroupBy(r => (r.From, To: groups.First(g => string.Equals(g.Key, r.To, StringComparison.OrdinalIgnoreCase)).Key))
            .Select(g => new GraphEdge(g.Key.From, g.Key.To, g.Any(r => r.Type != "WaitFor"), g.Any(r => r.Type == "WaitFor")))
            .ToArray();

        // A parameter that nobody is shown to use would stand about alone.
        var used = edges.SelectMany(e => (string[])[e.From, e.To]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var nodes = groups
            .Where(g => g.First().Type != "Parameter" || used.Contains(g.Key))
            .Select(g => new GraphNode(g.Key, g.First().Type, g.Worst(), TextOf([.. g]), g.First().Id))
            .ToArray();
        return new ResourceGraph(nodes, edges);
    }

    private static string TextOf(Wire.Instance[] all) => all.Length == 1
        ? all[0].StateText()
        : string.Create(CultureInfo.InvariantCulture, $"{all.Count(i => i.ConditionOf() == Condition.Good)} of {all.Length} well");
}
