namespace Dashboard.Telemetry.Traces;

public enum SpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

public enum SpanStatus
{
    Unset,
    Ok,
    Error,
}

public sealed class Span
{
    public required TraceKey TraceId { get; init; }

    public required SpanKey Id { get; init; }

    public SpanKey ParentId { get; init; }

    public required string Name { get; init; }

    public required SpanKind Kind { get; init; }

    /// <summary>The activity source.</summary>
    public required string Scope { get; init; }

    public required TelemetryResource Resource { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required long Start { get; init; }

    /// <summary>Nanoseconds since 1970; never before the start.</summary>
    public required long End { get; init; }

    public SpanStatus Status { get; init; }

    public string StatusMessage { get; init; } = string.Empty;

    public Tag[] Attributes { get; init; } = [];

    public SpanEvent[] Events { get; init; } = [];

    public SpanLink[] Links { get; init; } = [];

    public long Duration => End - Start;

    /// <summary>What people see: the name; behind a caller's that is an HTTP method and nothing else, the path that was called.</summary>
    public string Title =>
        Kind == SpanKind.Client && Attributes.ValueOf("url.full") is { } address && string.Equals(Name, Attributes.ValueOf("http.request.method"), StringComparison.Ordinal)
            ? string.Concat(Name, " ", PathOf(address))
            : Name;

    public bool IsError => Status == SpanStatus.Error;

    /// <summary>Who was called, where the called one sends no spans itself: a database, a broker, a host.</summary>
    public string? Peer =>
        Kind is not (SpanKind.Client or SpanKind.Producer) ? null
        : Attributes.ValueOf("peer.service")
            ?? Attributes.ValueOf("db.system.name")
            ?? Attributes.ValueOf("db.system")
            ?? Attributes.ValueOf("messaging.system");

    /// <summary>Without the query, which may be long and hold what is nobody's business.</summary>
    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        var afterScheme = scheme < 0 ? address : address[(scheme + 3)..];
        var path = afterScheme.IndexOf('/');
        var found = path < 0 ? "/" : afterScheme[path..];
        return found.IndexOfAny('?', '#') is >= 0 and var end ? found[..end] : found;
    }

    internal int Bytes
    {
        get
        {
            var sum = 224 + Weight.Of(Name) + Weight.Of(StatusMessage) + Weight.Of(Attributes);
            foreach (var happened in Events)
            {
                sum += 40 + Weight.Of(happened.Attributes);
            }

            foreach (var link in Links)
            {
                sum += 40 + Weight.Of(link.Attributes);
            }

            return sum;
        }
    }
}

public sealed record SpanEvent(string Name, long Time, Tag[] Attributes);

public sealed record SpanLink(TraceKey TraceId, SpanKey SpanId, Tag[] Attributes);
