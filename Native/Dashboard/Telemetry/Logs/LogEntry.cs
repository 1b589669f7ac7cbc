namespace Dashboard.Telemetry.Logs;

/// <summary>A structured log entry.</summary>
public sealed class LogEntry
{
    /// <summary>Its place in the order of arrival, given by the store.</summary>
    public long Sequence { get; internal set; }

    public required TelemetryResource Resource { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required long Time { get; init; }

    public required LogSeverity Severity { get; init; }

    /// <summary>The logger's name.</summary>
    public required string Category { get; init; }

    public required string Message { get; init; }

    public required Tag[] Attributes { get; init; }

    public TraceKey TraceId { get; init; }

    public SpanKey SpanId { get; init; }

    public string EventName { get; init; } = string.Empty;

    public bool HasException => Attributes.ValueOf("exception.type") is not null || Attributes.ValueOf("exception.stacktrace") is not null;

    internal int Bytes => 144 + Weight.Of(Message) + Weight.Of(Category) + Weight.Of(Attributes);
}
