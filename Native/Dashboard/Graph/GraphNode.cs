using Dashboard.Resources;

namespace Dashboard.Graph;

/// <summary>A resource in the graph, with all its instances.</summary>
public sealed record GraphNode(string Name, string Type, Condition Condition, string Text, string FirstInstance);

/// <summary>A resource needs another.</summary>
/// <param name="From">Who needs.</param>
/// <param name="To">What is needed.</param>
/// <param name="IsReference">It is told where the other is.</param>
/// <param name="IsWait">It starts after the other.</param>
public sealed record GraphEdge(string From, string To, bool IsReference, bool IsWait);
