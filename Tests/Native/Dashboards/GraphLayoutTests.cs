using Dashboard.Graph;
using Dashboard.Resources;

namespace Tests.Native.Dashboards;

/// <summary>Where the graph's nodes stand.</summary>
public sealed class GraphLayoutTests
{
    [Fact]
    public void WhoNeedsStandsAboveWhatIsNeeded_AndNothingOverlaps()
    {
        // The application's own, in which realtime and session reference each other.
        var graph = Graph(
            ["postgres", "redis", "dbman-db", "dbman", "realtime", "session", "chat", "fileman"],
            "dbman-db>postgres", "dbman>dbman-db!", "realtime>redis!", "realtime>dbman!", "session>dbman!", "session>realtime", "realtime>session",
            "chat>dbman!", "chat>realtime", "chat>session", "fileman>dbman!", "fileman>session");

        var layout = new GraphLayout(graph);

        foreach (var edge in graph.Edges.Where(e => e.IsWait))
        {
            Assert.True(layout.Of(edge.From).Y < layout.Of(edge.To).Y, $"{edge.From} is not above {edge.To}.");
        }

        var places = graph.Nodes.Select(n => layout.Of(n.Name)).ToArray();
        for (var i = 0; i < places.Length; i++)
        {
            for (var j = i + 1; j < places.Length; j++)
            {
                Assert.True(
                    Math.Abs(places[i].X - places[j].X) >= GraphLayout.NodeWidth || Math.Abs(places[i].Y - places[j].Y) >= GraphLayout.NodeHeight,
                    $"{graph.Nodes[i].Name} lies on {graph.Nodes[j].Name}.");
            }

            Assert.InRange(places[i].X, 0, layout.Width - GraphLayout.NodeWidth);
            Assert.InRange(places[i].Y, 0, layout.Height - GraphLayout.NodeHeight);
        }

        Assert.Equal(graph.Edges.Count, layout.Paths().Count());
        Assert.All(layout.Paths(), p => Assert.StartsWith("M", p.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void NothingIsALayoutToo()
    {
        var layout = new GraphLayout(new ResourceGraph([], []));

        Assert.Empty(layout.Paths());
        Assert.True(layout.Width > 0);
    }

    private static ResourceGraph Graph(string[] nodes, params string[] edges) => new(
        [.. nodes.Select(n => new GraphNode(n, "Project", Condition.Good, "Running", n))],
        [.. edges.Select(e => e.TrimEnd('!').Split('>') is [var from, var to] ? new GraphEdge(from, to, IsReference: true, IsWait: e.EndsWith('!')) : throw new ArgumentException(e))]);
}
