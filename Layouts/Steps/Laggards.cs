using Contracts.Layouts;

namespace Layouts.Steps;

/// <summary>Live nodes that have not applied the newest record: no other one can be added before they have, or their leases have run out.</summary>
internal static class Laggards
{
    /// <summary>Nodes that a text names.</summary>
    private const int MaxNamed = 10;

    public static IReadOnlyList<NodeView> Of(NodesResponse nodes) => [.. nodes.Nodes.Where(node => node.IsLive && node.Applied < nodes.Revision)];

    public static string Describe(IReadOnlyList<NodeView> late, long revision)
    {
        var named = string.Join("; ", late.Take(MaxNamed).Select(node => Describe(node, revision)));
        return late.Count > MaxNamed ? $"{named}; and {late.Count - MaxNamed} more" : named;
    }

    public static string Describe(NodeView node, long revision) =>
        $"{node.Node} has applied {node.Applied} of {revision}{(node.Note is null ? "" : $" ({node.Note})")}, seen {TimeSpan.FromMilliseconds(node.SeenMilliseconds).TotalSeconds:0.0} s ago";
}
