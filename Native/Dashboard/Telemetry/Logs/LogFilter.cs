namespace Dashboard.Telemetry.Logs;

/// <summary>What a person wants to see. Everything that is set must hold.</summary>
internal sealed record LogFilter
{
    /// <summary>A service's name, or one replica's display name. Empty: all.</summary>
    public string Resource { get; init; } = string.Empty;

    public LogSeverity Least { get; init; }

    /// <summary>Part of the message, the category, the event or a value of an attribute, in any case.</summary>
    public string Text { get; init; } = string.Empty;

    public TraceKey TraceId { get; init; }

    public SpanKey SpanId { get; init; }

    public IReadOnlyList<AttributeCondition> Attributes { get; init; } = [];

    public bool Admits(LogEntry entry) =>
        entry.Severity >= Least
        && (TraceId.IsNone || entry.TraceId == TraceId)
        && (SpanId.IsNone || entry.SpanId == SpanId)
        && (Resource.Length == 0 || entry.Resource.Name == Resource || entry.Resource.DisplayName == Resource)
        && HasText(entry)
        && HasAttributes(entry);

    private bool HasAttributes(LogEntry entry)
    {
        foreach (var condition in Attributes)
        {
            if (!condition.Holds(entry.Attributes))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasText(LogEntry entry)
    {
        if (Text.Length == 0 || Contains(entry.Message) || Contains(entry.Category) || Contains(entry.EventName))
        {
            return true;
        }

        foreach (var tag in entry.Attributes)
        {
            if (Contains(tag.Value))
            {
                return true;
            }
        }

        return false;

        bool Contains(string text) => text.Contains(Text, StringComparison.OrdinalIgnoreCase);
    }
}
