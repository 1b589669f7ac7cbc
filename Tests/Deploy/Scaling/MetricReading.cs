using System.Runtime.InteropServices;

namespace Tests.Deploy.Scaling;

/// <summary>What an autoscaler knows of one pod and one metric.</summary>
/// <param name="Value">In the metric's unit; null: the pod has no figure yet.</param>
/// <param name="Request">Of the resource, in the same unit; 0 where the metric is none.</param>
/// <param name="IsUnready">Whether it counts as not yet ready: its figure is set aside.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PodReading(double? Value, double Request = 0, bool IsUnready = false);

/// <summary>One metric of all pods, and what it should be.</summary>
/// <param name="Pods">A reading per pod that is not leaving; null: the metric itself could not be read.</param>
/// <param name="Target">Percent of the request (utilization), or the average value.</param>
/// <param name="IsUtilization">Which of the two.</param>
internal sealed record MetricReading(IReadOnlyList<PodReading>? Pods, double Target, bool IsUtilization);
