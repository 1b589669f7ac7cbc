using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace ServiceDefaults.Telemetry;

/// <summary>
/// Histogram bounds. The SDK's defaults fit durations in whole milliseconds; ours are seconds, and mostly below ten milliseconds.
/// </summary>
internal static class Buckets
{
    private static readonly double[] Seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] Milliseconds = [.. Seconds.Select(static second => second * 1_000)];

    /// <summary>View by unit; instruments that bring their own bounds, or measure no duration, stay as they are.</summary>
    public static MetricStreamConfiguration? For(Instrument instrument)
    {
        if (!instrument.GetType().IsGenericType || instrument.GetType().GetGenericTypeDefinition() != typeof(Histogram<>))
        {
            return null;
        }

        return instrument switch
        {
            Histogram<double> { Advice: not null } or Histogram<long> { Advice: not null } or Histogram<int> { Advice: not null }
                when instrument.Name is not "http.server.request.duration" and not "http.client.request.duration" => null,
            { Unit: "s" } => new ExplicitBucketHistogramConfiguration { Boundaries = Seconds },
            { Unit: "ms" } => new ExplicitBucketHistogramConfiguration { Boundaries = Milliseconds },
            _ => null,
        };
    }
}
