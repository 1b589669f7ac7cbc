namespace Dashboard.Telemetry.Traces;

/// <summary>A line in the list of traces. It is a request where it began with one from outside, and not with something that a service does by itself.</summary>
internal sealed record TraceSummary(
    TraceKey Id, string Name, TelemetryResource Resource, long Start, long Duration, int Spans, int Errors, IReadOnlyList<TracePart> Parts, bool HasRoot, bool IsRequest)
{
    /// <summary>Sums up a trace, of which there is at least one span.</summary>
    public static TraceSummary Of(TraceKey id, IReadOnlyCollection<Span> spans)
    {
        Span? root = null;
        Span? first = null;
        var start = long.MaxValue;
        var end = long.MinValue;
        var errors = 0;
        var parts = new Dictionary<string, TracePart>(StringComparer.Ordinal);
        foreach (var span in spans)
        {
            start = Math.Min(start, span.Start);
            end = Math.Max(end, span.End);
            errors += span.IsError ? 1 : 0;
            first = first is null || span.Start < first.Start ? span : first;
            root = span.ParentId.IsNone && (root is null || span.Start < root.Start) ? span : root;
            Count(parts, span.Resource.Name, span.IsError, isPeer: false);
            if (span.Peer is { } peer)
            {
                Count(parts, peer, error: false, isPeer: true);
            }
        }

        var lead = root ?? first!;
        var own = lead.Resource.Name;
        return new(
            id,
            lead.Title,
            lead.Resource,
            start,
            end - start,
            spans.Count,
            errors,
            [.. parts.Values.OrderByDescending(p => p.Name == own).ThenBy(p => p.IsPeer).ThenBy(p => p.Name, StringComparer.Ordinal)],
            root is not null,
            lead.Kind == SpanKind.Server);
    }

    private static void Count(Dictionary<string, TracePart> parts, string name, bool error, bool isPeer)
    {
        var part = parts.GetValueOrDefault(name) ?? new TracePart(name, 0, 0, isPeer);
        parts[name] = part with { Spans = part.Spans + 1, Errors = part.Errors + (error ? 1 : 0), IsPeer = part.IsPeer && isPeer };
    }
}

/// <summary>A service in a trace, or one that was called and sends nothing itself.</summary>
internal sealed record TracePart(string Name, int Spans, int Errors, bool IsPeer);
