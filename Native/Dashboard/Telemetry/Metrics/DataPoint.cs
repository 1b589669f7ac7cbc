using System.Runtime.InteropServices;

namespace Dashboard.Telemetry.Metrics;

/// <summary>
/// A point as it arrived: either a number or a distribution. Start says since when a sum has been counted, zero where that is not said; a delta
/// counts since the last point, whatever the start.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DataPoint(
    Tag[] Dimensions, long Start, long Time, double Number, Distribution? Distribution, bool IsDelta, IReadOnlyList<Exemplar> Exemplars);

/// <summary>One measurement that was taken in a trace.</summary>
internal sealed record Exemplar(long Time, double Value, TraceKey TraceId, SpanKey SpanId);
