using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace ServiceDefaults.Telemetry;

/// <summary>How instruments are kept: histogram bounds, and how many series each may have.</summary>
internal static class Streams
{
    /// <summary>
    /// Most series of one instrument; further ones are counted together, marked <c>otel.metric.overflow</c>. The SDK makes room for all of them at once: by its own 2,000, the instruments of
    /// a service take 50 MB. Tags of ours are few and known.
    /// </summary>
    private const int MaxSeries = 250;

    // The SDK's default bounds fit durations in whole milliseconds; ours are seconds, and mostly below ten milliseconds.
    private static readonly double[] Seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] Milliseconds = [.. Seconds.Select(static second => second * 1_000)];

    /// <summary>
    /// View of an instrument in one host: nothing of what other hosts of this process make. The SDK listens to the whole process and has room for 1,000 instruments, so some hosts beside each other
    /// would leave no room for a host's own.
    /// </summary>
    public static MetricStreamConfiguration? Of(Instrument instrument, IMeterFactory own) =>
        instrument.Meter.Scope is IMeterFactory factory && !ReferenceEquals(factory, own) ? MetricStreamConfiguration.Drop : For(instrument);

    /// <summary>View of an instrument. Those that bring their own bounds, or measure no duration, keep them. HTTP's have a series for each route, method and outcome, and keep the SDK's room.</summary>
    private static MetricStreamConfiguration? For(Instrument instrument)
    {
        // Says what http.server.request.duration says, once more per request, probes included.
        if (instrument.Name == "aspnetcore.routing.match_attempts")
        {
            return MetricStreamConfiguration.Drop;
        }

        if (instrument.Name.StartsWith("http.", StringComparison.Ordinal))
        {
            return instrument.Unit == "s" ? new ExplicitBucketHistogramConfiguration { Boundaries = Seconds } : null;
        }

        return BoundariesOf(instrument) is { } bounds
            ? new ExplicitBucketHistogramConfiguration { Boundaries = bounds, CardinalityLimit = MaxSeries }
            : new MetricStreamConfiguration { CardinalityLimit = MaxSeries };
    }

    private static double[]? BoundariesOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice: not null } or Histogram<long> { Advice: not null } or Histogram<int> { Advice: not null } => null,
        _ when !instrument.GetType().IsGenericType || instrument.GetType().GetGenericTypeDefinition() != typeof(Histogram<>) => null,
        { Unit: "s" } => Seconds,
        { Unit: "ms" } => Milliseconds,
        _ => null,
    };
}
