using k8s.Models;

namespace Tests.Deploy.Scaling;

/// <summary>
/// The HorizontalPodAutoscaler's algorithm as the documentation of autoscaling/v2 describes it, on one document.
///
/// A metric asks for ceil(pods x average / target), and for what there is while the average is within a tenth of the target. Pods without a figure are taken to use nothing when
/// the answer is more pods, and the target when it is fewer; pods that are not ready use nothing when it is more. A correction that turns the answer around is dropped. The largest
/// answer counts; while a metric cannot be read, fewer pods than there are is no answer. Then the stabilization windows (up: the lowest answer of the window, down: the highest),
/// then the policies: so many pods, or so many percent, within a period, counted from what there was when the period began.
/// </summary>
internal sealed class HpaController(V2HorizontalPodAutoscalerSpec spec)
{
    public const double Tolerance = 0.1;

    /// <summary>Between two decisions.</summary>
    public const int SyncSeconds = 15;

    private static readonly V2HPAScalingRules DefaultUp = new()
    {
        StabilizationWindowSeconds = 0,
        Policies = [new() { Type = "Pods", Value = 4, PeriodSeconds = 15 }, new() { Type = "Percent", Value = 100, PeriodSeconds = 15 }],
    };

    private static readonly V2HPAScalingRules DefaultDown = new()
    {
        StabilizationWindowSeconds = 300,
        Policies = [new() { Type = "Percent", Value = 100, PeriodSeconds = 15 }],
    };

    private readonly V2HPAScalingRules _up = spec.Behavior?.ScaleUp ?? DefaultUp;
    private readonly V2HPAScalingRules _down = spec.Behavior?.ScaleDown ?? DefaultDown;
    private readonly List<(double At, int Replicas)> _recommendations = [];
    private readonly List<(double At, int Change)> _events = [];

    /// <summary>How many replicas there should be.</summary>
    /// <param name="now">Seconds since any fixed moment.</param>
    /// <param name="current">Replicas that were asked for last.</param>
    /// <param name="metrics">In the order of the document.</param>
    public int Decide(double now, int current, IReadOnlyList<MetricReading> metrics)
    {
        var desired = Bounded(current);
        if (desired == current)
        {
            var asked = metrics.Where(static m => m.Pods is not null).Select(m => ForMetric(current, m)).ToList();
            if (asked.Count == 0 || (asked.Count < metrics.Count && asked.Max() < current))
            {
                return current;
            }

            desired = Paced(now, current, Stabilized(now, current, asked.Max()));
        }

        if (desired != current)
        {
            _events.Add((now, desired - current));
        }

        return desired;
    }

    /// <summary>What one metric asks for.</summary>
    public static int ForMetric(int current, MetricReading metric)
    {
        var pods = metric.Pods!;
        var known = pods.Where(static p => p is { IsUnready: false, Value: not null }).ToList();
        if (known.Count == 0)
        {
            return current;
        }

        var missing = pods.Where(static p => p is { IsUnready: false, Value: null }).ToList();
        var unready = pods.Where(static p => p.IsUnready).ToList();
        var ratio = Ratio(known, metric);
        if (missing.Count == 0 && (unready.Count == 0 || ratio <= 1))
        {
            return Math.Abs(1 - ratio) <= Tolerance ? current : (int)Math.Ceiling(ratio * known.Count);
        }

        var corrected = known
            .Concat(missing.Select(p => p with { Value = ratio >= 1 ? 0 : Assumed(p, metric) }))
            .Concat(ratio > 1 ? unready.Select(static p => p with { Value = 0 }) : [])
            .ToList();
        var again = Ratio(corrected, metric);
        if (Math.Abs(1 - again) <= Tolerance || ratio < 1 != again < 1)
        {
            return current;
        }

        var answer = (int)Math.Ceiling(again * corrected.Count);
        return (again < 1 && answer > current) || (again > 1 && answer < current) ? current : answer;
    }

    private static double Ratio(IReadOnlyCollection<PodReading> pods, MetricReading metric) => metric.IsUtilization
        // Whole percent, as the status shows it; it counts in whole millicores, and so has no error of rounding.
        ? Math.Floor((pods.Sum(static p => p.Value!.Value) * 100 / pods.Sum(static p => p.Request)) + 1e-9) / metric.Target
        : pods.Average(static p => p.Value!.Value) / metric.Target;

    /// <summary>What a pod without a figure is taken to use when the rest asks for fewer.</summary>
    private static double Assumed(PodReading pod, MetricReading metric) =>
        metric.IsUtilization ? pod.Request * Math.Max(100, metric.Target) / 100 : metric.Target;

    private int Bounded(int replicas) => Math.Clamp(replicas, spec.MinReplicas ?? 1, spec.MaxReplicas);

    private int Stabilized(double now, int current, int desired)
    {
        var (least, most) = (desired, desired);
        foreach (var (at, replicas) in _recommendations)
        {
            least = at > now - (_up.StabilizationWindowSeconds ?? 0) ? Math.Min(least, replicas) : least;
            most = at > now - (_down.StabilizationWindowSeconds ?? 300) ? Math.Max(most, replicas) : most;
        }

        _recommendations.RemoveAll(r => r.At < now - 3_600);
        _recommendations.Add((now, desired));
        return Math.Min(Math.Max(current, least), most);
    }

    private int Paced(double now, int current, int desired)
    {
        if (desired > current)
        {
            var limit = Limit(now, current, _up, +1);
            return Math.Min(desired, Math.Min(spec.MaxReplicas, Math.Max(limit, current)));
        }

        return desired < current ? Math.Max(desired, Math.Max(spec.MinReplicas ?? 1, Math.Min(Limit(now, current, _down, -1), current))) : current;
    }

    private int Limit(double now, int current, V2HPAScalingRules rules, int sign)
    {
        if (rules.SelectPolicy == "Disabled")
        {
            return current;
        }

        var limits = (rules.Policies ?? []).Select(policy =>
        {
            var before = current - _events.Where(e => e.At > now - policy.PeriodSeconds).Sum(static e => e.Change);
            return policy.Type == "Pods" ? before + (sign * policy.Value)
                : sign > 0 ? (int)Math.Ceiling(before * (1 + (policy.Value / 100.0)))
                : (int)(before * (1 - (policy.Value / 100.0)));
        });
        return (sign > 0) == (rules.SelectPolicy is null or "Max") ? limits.Max() : limits.Min();
    }
}
