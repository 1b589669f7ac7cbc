using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;
using Microsoft.Extensions.Options;

namespace Tests.Native.Dashboards.Telemetry;

/// <summary>Makes what stores take.</summary>
internal static class Some
{
    public static TelemetryResource Resource(string name = "chat", string instance = "chat-1") => new(name, instance, []);

    public static IOptions<TelemetryOptions> Options(Action<TelemetryOptions>? configure = null)
    {
        var options = new TelemetryOptions();
        configure?.Invoke(options);
        return Microsoft.Extensions.Options.Options.Create(options);
    }

    public static LogEntry Entry(string message, LogSeverity severity = LogSeverity.Information, TelemetryResource? resource = null, params Tag[] attributes) => new()
    {
        Resource = resource ?? Resource(),
        Time = 1,
        Severity = severity,
        Category = "Category",
        Message = message,
        Attributes = attributes,
    };

    public static Span Span(ulong trace, ulong id, ulong parent = 0, long start = 1_000, long end = 2_000, string name = "work", string service = "chat", bool failed = false) => new()
    {
        TraceId = new(1, trace),
        Id = new(id),
        ParentId = new(parent),
        Name = name,
        Kind = SpanKind.Internal,
        Scope = "scope",
        Resource = Resource(service, $"{service}-1"),
        Start = start,
        End = end,
        Status = failed ? SpanStatus.Error : SpanStatus.Unset,
    };

    public static InstrumentReport Counter(string name, long time, double value, long start = 0, bool isDelta = false, params Tag[] dimensions) =>
        new("meter", name, string.Empty, string.Empty, InstrumentKind.Counter, [new DataPoint(dimensions, start, time, value, null, isDelta, [])]);

    public static InstrumentReport Histogram(string name, long time, Distribution value, long start = 0, bool isDelta = false, params Tag[] dimensions) =>
        new("meter", name, "s", string.Empty, InstrumentKind.Histogram, [new DataPoint(dimensions, start, time, 0, value, isDelta, [])]);

    public static ExplicitDistribution Distribution(double[] bounds, params long[] counts) => new(bounds, counts, counts.Sum(), counts.Sum(), null);
}
