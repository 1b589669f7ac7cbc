using System.ComponentModel.DataAnnotations;

namespace Dashboard.Telemetry;

/// <summary>What is kept of the telemetry that arrives: everything has a bound, and beyond it the oldest goes first.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Dashboard:TelemetryLimits";

    /// <summary>Structured log entries that are kept.</summary>
    /// <value>The default is 50,000; from 256 to 5,000,000.</value>
    [Range(256, 5_000_000)]
    public int MaxLogCount { get; set; } = 50_000;

    /// <summary>Memory that structured logs may take, as estimated.</summary>
    /// <value>The default is 48 MiB; from 1 MiB to 16 GiB.</value>
    [Range(1L << 20, 1L << 34)]
    public long MaxLogBytes { get; set; } = 48L << 20;

    /// <summary>Traces that are kept.</summary>
    /// <value>The default is 10,000; from 10 to 1,000,000.</value>
    [Range(10, 1_000_000)]
    public int MaxTraceCount { get; set; } = 10_000;

    /// <summary>Spans that are kept, over all traces.</summary>
    /// <value>The default is 200,000; from 100 to 10,000,000.</value>
    [Range(100, 10_000_000)]
    public int MaxSpanCount { get; set; } = 200_000;

    /// <summary>Spans of one trace; more are refused, so that one endless trace does not push out all others.</summary>
    /// <value>The default is 5,000; from 10 to 100,000.</value>
    [Range(10, 100_000)]
    public int MaxSpansPerTrace { get; set; } = 5_000;

    /// <summary>Memory that traces may take, as estimated.</summary>
    /// <value>The default is 80 MiB; from 1 MiB to 16 GiB.</value>
    [Range(1L << 20, 1L << 34)]
    public long MaxTraceBytes { get; set; } = 80L << 20;

    /// <summary>Instruments that are kept, counted per replica.</summary>
    /// <value>The default is 5,000; from 10 to 100,000.</value>
    [Range(10, 100_000)]
    public int MaxInstrumentCount { get; set; } = 5_000;

    /// <summary>Sets of dimensions of one instrument of one replica.</summary>
    /// <value>The default is 1,000; from 10 to 100,000.</value>
    [Range(10, 100_000)]
    public int MaxSeriesPerInstrument { get; set; } = 1_000;

    /// <summary>How long points of metrics are kept.</summary>
    /// <value>The default is 10 minutes; from 1 minute to 1 day.</value>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan MetricRetention { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Points of a series that fall into one such step replace each other.</summary>
    /// <value>The default is 1 second; from 100 milliseconds to 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan MetricResolution { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Memory that metrics may take, as estimated. Beyond it, the span of time that is kept gets shorter.</summary>
    /// <value>The default is 64 MiB; from 1 MiB to 16 GiB.</value>
    [Range(1L << 20, 1L << 34)]
    public long MaxMetricBytes { get; set; } = 64L << 20;

    /// <summary>Resources (service and instance) that are remembered.</summary>
    /// <value>The default is 500; from 10 to 10,000.</value>
    [Range(10, 10_000)]
    public int MaxResourceCount { get; set; } = 500;

    /// <summary>Attributes of one item; further ones are cut off.</summary>
    /// <value>The default is 128; from 1 to 1,000.</value>
    [Range(1, 1_000)]
    public int MaxAttributeCount { get; set; } = 128;

    /// <summary>Length of one text (a value, a message); the rest is cut off, and the text says so.</summary>
    /// <value>The default is 32,768 characters; from 64 to 1,000,000.</value>
    [Range(64, 1_000_000)]
    public int MaxAttributeLength { get; set; } = 32_768;

    /// <summary>Events, and links, of one span; further ones are cut off.</summary>
    /// <value>The default is 128; from 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int MaxSpanEventCount { get; set; } = 128;
}
