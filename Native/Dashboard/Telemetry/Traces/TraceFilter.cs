namespace Dashboard.Telemetry.Traces;

/// <summary>Which traces a person wants to see. Everything that is set must hold.</summary>
internal sealed record TraceFilter
{
    /// <summary>A service's name, or one replica's display name. Empty: all.</summary>
    public string Resource { get; init; } = string.Empty;

    /// <summary>Part of the name, or of the id.</summary>
    public string Text { get; init; } = string.Empty;

    public bool OnlyErrors { get; init; }

    /// <summary>Leaves out what services do by themselves: heartbeats, health, housekeeping.</summary>
    public bool OnlyRequests { get; init; }

    /// <summary>Nanoseconds.</summary>
    public long Least { get; init; }

    public bool Admits(TraceSummary trace) =>
        (!OnlyErrors || trace.Errors > 0)
        && (!OnlyRequests || trace.IsRequest)
        && trace.Duration >= Least
        && (Resource.Length == 0 || trace.Resource.DisplayName == Resource || trace.Parts.Any(p => p.Name == Resource))
        && (Text.Length == 0
            || trace.Name.Contains(Text, StringComparison.OrdinalIgnoreCase)
            || trace.Id.ToString().StartsWith(Text, StringComparison.OrdinalIgnoreCase));
}
