using Dashboard.Telemetry;
using Dashboard.Telemetry.Traces;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using Span = Dashboard.Telemetry.Traces.Span;
using WireSpan = OpenTelemetry.Proto.Trace.V1.Span;

namespace Dashboard.Otlp;

/// <summary>Spans as they come in.</summary>
internal sealed class TraceIntake(Decoder decoder, TraceStore store, IntakeCounts counts)
{
    public ExportTraceServiceResponse Take(ExportTraceServiceRequest request)
    {
        var spans = new List<Span>();
        var rejected = 0;
        var why = string.Empty;
        foreach (var ofResource in request.ResourceSpans)
        {
            var resource = decoder.Resource(ofResource.Resource);
            foreach (var ofScope in ofResource.ScopeSpans)
            {
                var scope = decoder.Share(ofScope.Scope?.Name ?? string.Empty);
                foreach (var span in ofScope.Spans)
                {
                    if (Read(resource, scope, span) is { } read)
                    {
                        spans.Add(read);
                        continue;
                    }

                    rejected++;
                    why = "A span must have a trace id of 16 bytes, an id of 8 bytes, and a start.";
                }
            }
        }

        if (store.Add(spans) is > 0 and var refused)
        {
            rejected += refused;
            why = "A trace has as many spans as this dashboard keeps of one.";
        }

        counts.TookSpans(spans.Count, rejected);
        return rejected == 0 ? new() : new() { PartialSuccess = new() { RejectedSpans = rejected, ErrorMessage = why } };
    }

    private Span? Read(TelemetryResource resource, string scope, WireSpan span)
    {
        var trace = TraceKey.Read(span.TraceId.Span);
        var id = SpanKey.Read(span.SpanId.Span);
        var start = Instant.Of(span.StartTimeUnixNano);
        return trace.IsNone || id.IsNone || start == 0 ? null : new()
        {
            TraceId = trace,
            Id = id,
            ParentId = SpanKey.Read(span.ParentSpanId.Span),
            Name = decoder.Share(span.Name),
            Kind = span.Kind is >= WireSpan.Types.SpanKind.Unspecified and <= WireSpan.Types.SpanKind.Consumer ? (SpanKind)span.Kind : SpanKind.Unspecified,
            Scope = scope,
            Resource = resource,
            Start = start,
            End = Math.Max(start, Instant.Of(span.EndTimeUnixNano)),
            Status = (span.Status?.Code ?? Status.Types.StatusCode.Unset) switch
            {
                Status.Types.StatusCode.Ok => SpanStatus.Ok,
                Status.Types.StatusCode.Error => SpanStatus.Error,
                _ => SpanStatus.Unset,
            },
            StatusMessage = decoder.Share(span.Status?.Message ?? string.Empty),
            Attributes = decoder.Tags(span.Attributes),
            Events = Some(span.Events, happened => new SpanEvent(decoder.Share(happened.Name), Instant.Of(happened.TimeUnixNano), decoder.Tags(happened.Attributes))),
            Links = Some(span.Links, link => new SpanLink(TraceKey.Read(link.TraceId.Span), SpanKey.Read(link.SpanId.Span), decoder.Tags(link.Attributes))),
        };
    }

    private TOut[] Some<TIn, TOut>(RepeatedField<TIn> items, Func<TIn, TOut> read) =>
        items.Count == 0 ? [] : [.. items.Take(decoder.Options.MaxSpanEventCount).Select(read)];
}
