namespace Dashboard.Telemetry.Traces;

/// <summary>A trace as rows: parents above their children, children by start.</summary>
internal sealed record Waterfall(long Start, long Duration, IReadOnlyList<WaterfallRow> Rows)
{
    /// <param name="spans">In any order. Spans whose parent is not there (not yet arrived, or not exported) stand at the top level.</param>
    /// <param name="collapsed">Spans whose children are not shown.</param>
    public static Waterfall Of(IReadOnlyCollection<Span> spans, IReadOnlySet<SpanKey> collapsed)
    {
        if (spans.Count == 0)
        {
            return new(0, 1, []);
        }

        var known = spans.Select(s => s.Id).ToHashSet();
        var children = spans.Where(s => HasParent(s, known)).GroupBy(s => s.ParentId).ToDictionary(g => g.Key, g => g.OrderByDescending(s => s.Start).ToArray());
        var start = spans.Min(s => s.Start);
        var duration = Math.Max(1, spans.Max(s => s.End) - start);
        var rows = new List<WaterfallRow>(spans.Count);
        var seen = new HashSet<SpanKey>();

        // A stack instead of recursion: depth is the sender's choice.
        var next = new Stack<(Span Span, int Depth, bool Hidden)>();
        foreach (var root in spans.Where(s => !HasParent(s, known)).OrderByDescending(s => s.Start))
        {
            next.Push((root, 0, false));
        }

        Walk();

        // Spans that are each other's ancestors are reached from no root.
        foreach (var span in spans.Where(s => !seen.Contains(s.Id)).OrderBy(s => s.Start))
        {
            if (!seen.Contains(span.Id))
            {
                next.Push((span, 0, false));
                Walk();
            }
        }

        return new(start, duration, rows);

        void Walk()
        {
            while (next.TryPop(out var at))
            {
                if (!seen.Add(at.Span.Id))
                {
                    continue;
                }

                var below = children.GetValueOrDefault(at.Span.Id) ?? [];
                var closed = collapsed.Contains(at.Span.Id);
                if (!at.Hidden)
                {
                    rows.Add(new(at.Span, at.Depth, below.Length, closed, (at.Span.Start - start) / (double)duration, at.Span.Duration / (double)duration));
                }

                foreach (var child in below)
                {
                    next.Push((child, at.Depth + 1, at.Hidden || closed));
                }
            }
        }
    }

    private static bool HasParent(Span span, HashSet<SpanKey> known) => !span.ParentId.IsNone && span.ParentId != span.Id && known.Contains(span.ParentId);
}

/// <summary>A span in its place. Left says where it begins and Width how long it takes, as parts of the whole.</summary>
internal sealed record WaterfallRow(Span Span, int Depth, int Children, bool IsCollapsed, double Left, double Width)
{
    public const string Before = "before";
    public const string Within = "within";

    /// <summary>The part of the whole that a duration's text takes at the most.</summary>
    private const double TextWidth = 0.15;

    /// <summary>Where the duration is written: null: behind the bar.</summary>
    public string? TookClass => Left + Width <= 1 - TextWidth ? null : Left >= TextWidth ? Before : Within;
}
