using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using Exemplar = Dashboard.Telemetry.Metrics.Exemplar;
using WireExemplar = OpenTelemetry.Proto.Metrics.V1.Exemplar;

namespace Dashboard.Otlp;

/// <summary>Metrics as they come in.</summary>
internal sealed class MetricIntake(Decoder decoder, MetricStore store, IntakeCounts counts, TimeProvider time)
{
    /// <summary>Bit of a point's flags: the series had nothing to say.</summary>
    private const uint NoValue = 1;

    private const int MaxBuckets = 4_096;

    public ExportMetricsServiceResponse Take(ExportMetricsServiceRequest request)
    {
        var reading = new Reading(time.Nanos(), Instant.Of(decoder.Options.MetricRetention));
        foreach (var ofResource in request.ResourceMetrics)
        {
            var resource = decoder.Resource(ofResource.Resource);
            var reports = new List<InstrumentReport>();
            foreach (var ofScope in ofResource.ScopeMetrics)
            {
                var meter = decoder.Share(ofScope.Scope?.Name ?? string.Empty);
                foreach (var metric in ofScope.Metrics)
                {
                    if (Read(meter, metric, reading) is { Points.Count: > 0 } report)
                    {
                        reports.Add(report);
                    }
                }
            }

            store.Add(resource, reports);
        }

        counts.TookPoints(reading.Taken, reading.Rejected);
        return reading.Rejected == 0 ? new() : new() { PartialSuccess = new() { RejectedDataPoints = reading.Rejected, ErrorMessage = reading.Why } };
    }

    private InstrumentReport? Read(string meter, Metric metric, Reading reading)
    {
        if (metric.Name.Length == 0)
        {
            reading.Reject(Math.Max(1, CountOf(metric)), "A metric must have a name.");
            return null;
        }

        switch (metric.DataCase)
        {
            case Metric.DataOneofCase.Gauge:
                return Report(InstrumentKind.Gauge, Numbers(metric.Gauge.DataPoints, isDelta: false, reading));
            case Metric.DataOneofCase.Sum:
                return Report(
                    metric.Sum.IsMonotonic ? InstrumentKind.Counter : InstrumentKind.UpDownCounter,
                    Numbers(metric.Sum.DataPoints, metric.Sum.AggregationTemporality == AggregationTemporality.Delta, reading));
            case Metric.DataOneofCase.Histogram:
                return Report(
                    InstrumentKind.Histogram,
                    Histograms(metric.Histogram.DataPoints, metric.Histogram.AggregationTemporality == AggregationTemporality.Delta, reading));
            case Metric.DataOneofCase.ExponentialHistogram:
                return Report(
                    InstrumentKind.Histogram,
                    Exponentials(
                        metric.ExponentialHistogram.DataPoints,
                        metric.ExponentialHistogram.AggregationTemporality == AggregationTemporality.Delta,
                        reading));
            default:
                reading.Reject(CountOf(metric), "Summaries are not kept: their quantiles cannot be added up over replicas.");
                return null;
        }

        InstrumentReport Report(InstrumentKind kind, List<DataPoint> points) =>
            new(meter, decoder.Share(metric.Name), decoder.Share(metric.Unit), decoder.Share(metric.Description), kind, points);
    }

    private static int CountOf(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints.Count,
        Metric.DataOneofCase.Sum => metric.Sum.DataPoints.Count,
        Metric.DataOneofCase.Histogram => metric.Histogram.DataPoints.Count,
        Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram.DataPoints.Count,
        Metric.DataOneofCase.Summary => metric.Summary.DataPoints.Count,
        _ => 0,
    };

    private List<DataPoint> Numbers(RepeatedField<NumberDataPoint> points, bool isDelta, Reading reading)
    {
        var read = new List<DataPoint>(points.Count);
        foreach (var point in points)
        {
            if ((point.Flags & NoValue) != 0)
            {
                continue;
            }

            var value = point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
            if (point.ValueCase == NumberDataPoint.ValueOneofCase.None || !double.IsFinite(value))
            {
                reading.Reject(1, "A point must have a finite value.");
                continue;
            }

            Add(read, reading, point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, value, null, isDelta, point.Exemplars);
        }

        return read;
    }

    private List<DataPoint> Histograms(RepeatedField<HistogramDataPoint> points, bool isDelta, Reading reading)
    {
        var read = new List<DataPoint>(points.Count);
        foreach (var point in points)
        {
            if ((point.Flags & NoValue) != 0)
            {
                continue;
            }

            if (Distribution(point) is not { } distribution)
            {
                reading.Reject(1, "A histogram must have rising bounds, and one bucket more than bounds.");
                continue;
            }

            Add(read, reading, point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, 0, distribution, isDelta, point.Exemplars);
        }

        return read;
    }

    private List<DataPoint> Exponentials(RepeatedField<ExponentialHistogramDataPoint> points, bool isDelta, Reading reading)
    {
        var read = new List<DataPoint>(points.Count);
        foreach (var point in points)
        {
            if ((point.Flags & NoValue) != 0)
            {
                continue;
            }

            if (Distribution(point) is not { } distribution)
            {
                reading.Reject(1, $"A histogram may have {ExponentialBuckets.MaxLength} buckets.");
                continue;
            }

            Add(read, reading, point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, 0, distribution, isDelta, point.Exemplars);
        }

        return read;
    }

    private static ExplicitDistribution? Distribution(HistogramDataPoint point)
    {
        double[] bounds = [.. point.ExplicitBounds];
        if (point.BucketCounts.Count == 0 && bounds.Length == 0)
        {
            return new([], [(long)point.Count], (long)point.Count, point.Sum, point.HasMax ? point.Max : null);
        }

        if (point.BucketCounts.Count != bounds.Length + 1 || bounds.Length > MaxBuckets || !Rises(bounds))
        {
            return null;
        }

        return new(bounds, [.. point.BucketCounts.Select(c => (long)c)], (long)point.Count, point.Sum, point.HasMax ? point.Max : null);
    }

    private static bool Rises(double[] bounds)
    {
        for (var i = 0; i < bounds.Length; i++)
        {
            // Also false for what is not a number.
            if (!double.IsFinite(bounds[i]) || (i > 0 && !(bounds[i] > bounds[i - 1])))
            {
                return false;
            }
        }

        return true;
    }

    private static ExponentialDistribution? Distribution(ExponentialHistogramDataPoint point)
    {
        if (point.Positive?.BucketCounts.Count > ExponentialBuckets.MaxLength || point.Negative?.BucketCounts.Count > ExponentialBuckets.MaxLength)
        {
            return null;
        }

        return new(
            point.Scale, (long)point.ZeroCount, Buckets(point.Positive), Buckets(point.Negative), (long)point.Count, point.Sum, point.HasMax ? point.Max : null);

        static ExponentialBuckets Buckets(ExponentialHistogramDataPoint.Types.Buckets? buckets) =>
            buckets is null || buckets.BucketCounts.Count == 0 ? ExponentialBuckets.Empty : new(buckets.Offset, [.. buckets.BucketCounts.Select(c => (long)c)]);
    }

    private void Add(
        List<DataPoint> read,
        Reading reading,
        RepeatedField<KeyValue> attributes,
        ulong start,
        ulong at,
        double number,
        Distribution? distribution,
        bool isDelta,
        RepeatedField<WireExemplar> exemplars)
    {
        // A sender whose clock is wrong is still shown, at the time of arrival; what is older than anything kept is not.
        var moment = Instant.Of(at);
        if (moment == 0 || moment > reading.Now + reading.Retention)
        {
            moment = reading.Now;
        }

        if (moment < reading.Now - reading.Retention)
        {
            reading.Reject(1, "A point is older than the time that is kept.");
            return;
        }

        reading.Taken++;
        read.Add(new(decoder.SortedTags(attributes), Instant.Of(start), moment, number, distribution, isDelta, Exemplars(exemplars)));
    }

    private static IReadOnlyList<Exemplar> Exemplars(RepeatedField<WireExemplar> exemplars) => exemplars.Count == 0 ? [] :
        [.. exemplars
            .Select(e => new Exemplar(
                Instant.Of(e.TimeUnixNano),
                e.ValueCase == WireExemplar.ValueOneofCase.AsInt ? e.AsInt : e.AsDouble,
                TraceKey.Read(e.TraceId.Span),
                SpanKey.Read(e.SpanId.Span)))
            .Where(e => !e.TraceId.IsNone && double.IsFinite(e.Value))];

    private sealed class Reading(long now, long retention)
    {
        public long Now { get; } = now;

        public long Retention { get; } = retention;

        public int Taken { get; set; }

        public int Rejected { get; private set; }

        public string Why { get; private set; } = string.Empty;

        public void Reject(int count, string why)
        {
            Rejected += count;
            Why = why;
        }
    }
}
