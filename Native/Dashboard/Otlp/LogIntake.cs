using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Logs.V1;

namespace Dashboard.Otlp;

/// <summary>Log records as they come in.</summary>
internal sealed class LogIntake(Decoder decoder, LogStore store, IntakeCounts counts, TimeProvider time)
{
    public ExportLogsServiceResponse Take(ExportLogsServiceRequest request)
    {
        var entries = new List<LogEntry>();
        foreach (var ofResource in request.ResourceLogs)
        {
            var resource = decoder.Resource(ofResource.Resource);
            foreach (var ofScope in ofResource.ScopeLogs)
            {
                var category = decoder.Share(ofScope.Scope?.Name ?? string.Empty);
                foreach (var record in ofScope.LogRecords)
                {
                    entries.Add(Entry(resource, category, record));
                }
            }
        }

        store.Add(entries);
        counts.TookLogs(entries.Count);
        return new();
    }

    private LogEntry Entry(TelemetryResource resource, string category, LogRecord record) => new()
    {
        Resource = resource,
        Category = category,
        Time = FirstSet(record.TimeUnixNano, record.ObservedTimeUnixNano),
        Severity = Severity(record.SeverityNumber),
        Message = decoder.Share(decoder.Text(record.Body)),
        Attributes = decoder.Tags(record.Attributes),
        TraceId = TraceKey.Read(record.TraceId.Span),
        SpanId = SpanKey.Read(record.SpanId.Span),
        EventName = decoder.Share(record.EventName),
    };

    private long FirstSet(ulong happened, ulong observed) =>
        Instant.Of(happened) is > 0 and var first ? first : Instant.Of(observed) is > 0 and var second ? second : time.Nanos();

    private static LogSeverity Severity(int number) => number switch
    {
        < 1 or > 24 => LogSeverity.Unspecified,
        _ => (LogSeverity)(((number - 1) / 4) + 1),
    };
}
