namespace Dashboard.Graph;

/// <summary>
/// Places a graph in layers, as Sugiyama's method does: who needs stands above what is needed. Circles are cut by turning the edge that closes them; an
/// edge that spans layers gets a bend in each, so that it goes around what stands between; each layer is ordered by where its neighbours are, back and
/// forth a few times.
/// </summary>
internal sealed class GraphLayout
{
    public const double NodeWidth = 220;
    public const double NodeHeight = 60;
    private const double Gap = 28;
    private const double BendWidth = 12;
    private const double LayerHeight = 118;
    private const double Margin = 16;
    private const int Sweeps = 8;

    private readonly Dictionary<string, int> _layers = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<List<Place>> _rows = [];
    private readonly Dictionary<string, Place> _places = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(GraphEdge Edge, List<Place> Path, bool IsTurned)> _paths = [];

    public GraphLayout(ResourceGraph graph)
    {
        var edges = Acyclic(graph);
        AssignLayers(graph, edges);
        BuildRows(graph, edges);
        Order();
        Position();
    }

    public double Width { get; private set; }

    public double Height { get; private set; }

    public (double X, double Y) Of(string node) => _places.TryGetValue(node, out var place) ? (place.X, place.Y) : (0, 0);

    /// <summary>Each edge with the SVG path from who needs to what is needed.</summary>
    public IEnumerable<(GraphEdge Edge, string Path)> Paths() => _paths.Select(p => (p.Edge, PathOf(p.Path, p.IsTurned)));

    /// <summary>Waits first: they have no circles, so that only references are ever turned.</summary>
    private static List<(GraphEdge Edge, string From, string To)> Acyclic(ResourceGraph graph)
    {
        var result = new List<(GraphEdge, string From, string To)>();
        var next = graph.Nodes.ToDictionary(n => n.Name, _ => new List<string>(), StringComparer.OrdinalIgnoreCase);
        foreach (var edge in graph.Edges.Where(e => next.ContainsKey(e.From) && next.ContainsKey(e.To)).OrderByDescending(e => e.IsWait))
        {
            var closes = Reaches(next, edge.To, edge.From);
            var (from, to) = closes ? (edge.To, edge.From) : (edge.From, edge.To);
            next[from].Add(to);
            result.Add((edge, from, to));
        }

        return result;
    }

    private static bool Reaches(Dictionary<string, List<string>> next, string from, string to)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var open = new Stack<string>([from]);
        while (open.TryPop(out var node))
        {
            if (string.Equals(node, to, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (seen.Add(node))
            {
                next[node].ForEach(open.Push);
            }
        }

        return false;
    }

    /// <summary>As far up as what it needs allows: the longest way from the bottom, so that servers stand together.</summary>
    private void AssignLayers(ResourceGraph graph, List<(GraphEdge Edge, string From, string To)> edges)
    {
        var heights = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var node in graph.Nodes)
        {
            HeightOf(node.Name);
        }

        var top = heights.Values.DefaultIfEmpty(0).Max();
        foreach (var (name, height) in heights)
        {
            _layers[name] = top - height;
        }

        int HeightOf(string name) => heights.TryGetValue(name, out var known)
            ? known
            : heights[name] = edges.Where(e => string.Equals(e.From, name, StringComparison.OrdinalIgnoreCase)).Select(e => HeightOf(e.To) + 1).DefaultIfEmpty(0).Max();
    }

    private void BuildRows(ResourceGraph graph, List<(GraphEdge Edge, string From, string To)> edges)
    {
        _rows.AddRange(Enumerable.Range(0, _layers.Values.DefaultIfEmpty(-1).Max() + 1).Select(_ => new List<Place>()));
        foreach (var node in graph.Nodes)
        {
            var place = new Place(_layers[node.Name], NodeWidth);
            _places[node.Name] = place;
            _rows[place.Layer].Add(place);
        }

        foreach (var (edge, from, to) in edges)
        {
            var path = new List<Place> { _places[from] };
            for (var layer = _layers[from] + 1; layer < _layers[to]; layer++)
            {
                var bend = new Place(layer, BendWidth);
                _rows[layer].Add(bend);
                path.Add(bend);
            }

            path.Add(_places[to]);
            for (var i = 1; i < path.Count; i++)
            {
                path[i - 1].Below.Add(path[i]);
                path[i].Above.Add(path[i - 1]);
            }

            _paths.Add((edge, path, IsTurned: !string.Equals(edge.From, from, StringComparison.OrdinalIgnoreCase)));
        }
    }

    private void Order()
    {
        foreach (var row in _rows)
        {
            Number(row);
        }

        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var isDown = sweep % 2 == 0;
            foreach (var row in isDown ? _rows : Enumerable.Reverse(_rows))
            {
                var ordered = row.OrderBy(p => (isDown ? p.Above : p.Below) is { Count: > 0 } near ? near.Average(n => n.Rank) : p.Rank).ToArray();
                row.Clear();
                row.AddRange(ordered);
                Number(row);
            }
        }

        // Ranks are shares of a row's length, so that rows of different lengths compare.
        static void Number(List<Place> row)
        {
            for (var i = 0; i < row.Count; i++)
            {
                row[i].Rank = (i + 0.5) / row.Count;
            }
        }
    }

    private void Position()
    {
        double LengthOf(List<Place> row) => row.Sum(p => p.Width) + (Gap * Math.Max(0, row.Count - 1));
        Width = _rows.Select(LengthOf).DefaultIfEmpty(0).Max() + (2 * Margin);
        Height = (Math.Max(1, _rows.Count) * LayerHeight) - (LayerHeight - NodeHeight) + (2 * Margin);
        for (var layer = 0; layer < _rows.Count; layer++)
        {
            var x = (Width - LengthOf(_rows[layer])) / 2;
            foreach (var place in _rows[layer])
            {
                (place.X, place.Y) = (x, Margin + (layer * LayerHeight));
                x += place.Width + Gap;
            }
        }
    }

    private static string PathOf(List<Place> path, bool isTurned)
    {
        var points = new List<(double X, double Y)>();
        for (var i = 0; i < path.Count; i++)
        {
            var centre = path[i].X + (path[i].Width / 2);
            if (i > 0)
            {
                points.Add((centre, path[i].Y));
            }

            if (i < path.Count - 1)
            {
                points.Add((centre, path[i].Y + NodeHeight));
            }
        }

        if (isTurned)
        {
            points.Reverse();
        }

        var text = FormattableString.Invariant($"M{points[0].X:0.#} {points[0].Y:0.#}");
        for (var i = 1; i < points.Count; i++)
        {
            var (from, to) = (points[i - 1], points[i]);
            var middle = (from.Y + to.Y) / 2;
            text += FormattableString.Invariant($" C{from.X:0.#} {middle:0.#} {to.X:0.#} {middle:0.#} {to.X:0.#} {to.Y:0.#}");
        }

        return text;
    }

    /// <summary>Where a node or a bend stands.</summary>
    private sealed class Place(int layer, double width)
    {
        public int Layer => layer;

        public double Width => width;

        public List<Place> Above { get; } = [];

        public List<Place> Below { get; } = [];

        public double Rank { get; set; }

        public double X { get; set; }

        public double Y { get; set; }
    }
}
