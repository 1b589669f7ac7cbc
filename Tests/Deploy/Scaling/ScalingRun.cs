using System.Runtime.InteropServices;
using k8s.Models;

namespace Tests.Deploy.Scaling;

/// <summary>A second of a run.</summary>
/// <param name="Time">Seconds since its begin.</param>
/// <param name="Load">Requests a second, or sockets that want to be open.</param>
/// <param name="Needed">Replicas that carry the load at exactly the target.</param>
/// <param name="Asked">Replicas that the autoscaler asked for.</param>
/// <param name="Ready">Replicas that serve.</param>
/// <param name="Running">Replicas that exist, those that are leaving too: each holds connections.</param>
/// <param name="Lost">Refused, or sockets that wait.</param>
/// <param name="Waiting">Seconds that a request waits.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ScalingSample(int Time, double Load, double Needed, int Asked, int Ready, int Running, double Lost, double Waiting);

/// <summary>
/// One service under one trace, second by second: clients, replicas that start and leave, a metrics server and a Prometheus that look every 15 s and know of a pod from their second look on,
/// and the autoscaler. Nodes for new replicas are taken to be there. What is seen of processors is the mean of the last look's 15 s; what comes through the adapter, of 60 s.
/// </summary>
internal sealed class ScalingRun
{
    /// <summary>From its creation until a replica serves: the image is there, the process starts, and the probes (every 2 s) have seen it.</summary>
    public const int StartUpSeconds = 12;

    /// <summary>While it drains, a replica sends its clients away little by little (Drain:Timeout).</summary>
    private const int Drain = 20;

    private const int Look = 15;

    private readonly V2HorizontalPodAutoscalerSpec _spec;
    private readonly V1PodSpec _pod;
    private readonly ServiceModel _service;
    private readonly List<SimulatedPod> _pods = [];
    private readonly List<(double At, double Sockets)> _leaving = [];
    private readonly List<ScalingSample> _samples = [];

    private ScalingRun(Manifests manifests, ServiceModel service)
    {
        _spec = manifests.Autoscaler(service.Name).Spec;
        _pod = manifests.Deployment(service.Name).Spec.Template.Spec;
        _service = service;
        CpuRequest = Requests("cpu");
        CpuTarget = _spec.Metrics.First(m => m.Resource?.Name == "cpu").Resource.Target.AverageUtilization!.Value / 100.0;
    }

    public IReadOnlyList<ScalingSample> Samples => _samples;

    public V2HorizontalPodAutoscalerSpec Spec => _spec;

    public ServiceModel Service => _service;

    /// <summary>What the fewest replicas carry just below their target.</summary>
    public double BaseLoad => 0.95 * _spec.MinReplicas!.Value * PerPod;

    private double CpuRequest { get; }

    private double CpuTarget { get; }

    /// <summary>What a replica carries at its target.</summary>
    private double PerPod => CpuRequest * CpuTarget / _service.Cost;

    /// <summary>Runs it.</summary>
    /// <param name="manifests">With the autoscaler and the Deployment.</param>
    /// <param name="service">What is scaled.</param>
    /// <param name="trace">What it is under.</param>
    /// <param name="looks">When within 15 s the two collectors look.</param>
    /// <param name="decides">When within 15 s the autoscaler decides.</param>
    public static ScalingRun Of(Manifests manifests, ServiceModel service, LoadTrace trace, int looks = 4, int decides = 9)
    {
        var run = new ScalingRun(manifests, service);
        var autoscaler = new HpaController(run._spec);
        var noise = new Random(trace.Seconds);
        var asked = run._spec.MinReplicas!.Value;
        run.Scale(-3_600, asked);
        for (var now = -Look * 8; now < trace.Seconds; now++)
        {
            // Requests come unevenly; sockets stay.
            var load = run.BaseLoad * trace.At(Math.Max(now, 0)) * (service.Sockets > 0 ? 1 : 0.98 + (0.04 * noise.NextDouble()));
            var held = run._leaving.Sum(l => l.Sockets * Math.Clamp(1 - ((now - l.At) / Drain), 0, 1));
            var lost = service.Step(now, Math.Max(0, load - held), run._pods);
            if (Modulo(now - looks) == 0)
            {
                run._pods.ForEach(p => p.ScrapeResources(now, Look));
                run._pods.ForEach(static p => p.ScrapeMetrics(Look));
            }

            if (Modulo(now - decides) == 0 && now >= -Look)
            {
                asked = autoscaler.Decide(now, asked, run.Read(now));
                run.Scale(now, asked);
            }

            if (now >= 0)
            {
                run._leaving.RemoveAll(l => l.At + run._pod.TerminationGracePeriodSeconds!.Value <= now);
                run._samples.Add(new(
                    now, load, load / run.PerPod, asked, run._pods.Count(p => p.IsReady(now)), run._pods.Count + run._leaving.Count, lost < 1e-6 ? 0 : lost,
                    run._pods.Max(p => p.Queue) / service.Cores));
            }
        }

        return run;

        static int Modulo(int value) => ((value % Look) + Look) % Look;
    }

    /// <summary>Whether what is ready carries the load: at most nine tenths of what it can, nothing waits, nothing is lost.</summary>
    public bool IsEnough(ScalingSample sample) =>
        sample.Load <= 0.9 * sample.Ready * (_service.Sockets > 0 ? _service.Sockets : _service.Cores / _service.Cost) && sample is { Lost: < 1e-6, Waiting: < 1e-6 };

    private void Scale(double now, int asked)
    {
        while (_pods.Count < asked)
        {
            _pods.Add(new SimulatedPod(now, StartUpSeconds));
        }

        // Who is not ready goes first, then the youngest. Its clients connect again, its requests end while it drains.
        foreach (var pod in _pods.OrderBy(p => p.IsReady(now)).ThenByDescending(static p => p.Created).Take(_pods.Count - asked).ToList())
        {
            _pods.Remove(pod);
            _leaving.Add((now, pod.Sockets));
        }
    }

    private List<MetricReading> Read(double now) => [.. _spec.Metrics.Select(metric => metric switch
    {
        { Resource: { Name: "cpu", Target: var target } } => new MetricReading(
            [.. _pods.Select(p => new PodReading(p.Shown?.Cpu, CpuRequest, IsUnready(p, now)))], target.AverageUtilization!.Value, IsUtilization: true),
        { Resource: { Name: "memory", Target: var target } } => new MetricReading(
            [.. _pods.Select(p => new PodReading(p.Shown is null ? null : (0.3 * Requests("memory")) + (p.Sockets * 30 * 1_024), Requests("memory")))],
            target.AverageUtilization!.Value,
            IsUtilization: true),
        { Pods: { } pods } => new MetricReading(
            [.. _pods.Select(p => new PodReading(Custom(pods.Metric.Name, p)))], (double)pods.Target.AverageValue.ToDecimal(), IsUtilization: false),
        _ => throw new InvalidOperationException($"Nothing is known of the metric {metric.Type}."),
    })];

    /// <summary>A pod that is five minutes young counts from the first look on that saw only the time after it was ready.</summary>
    private static bool IsUnready(SimulatedPod pod, double now) =>
        !pod.IsReady(now) || (now < pod.Created + 300 && pod.Shown is { } shown && shown.At < pod.ReadyAt + Look);

    private static double? Custom(string name, SimulatedPod pod) => name switch
    {
        "dbman_http_p95_seconds" => pod.Scraped?.P95,
        "dbman_http_5xx_per_second" => pod.Scraped?.Refused,
        "dbman_timeouts_per_second" => pod.Scraped is null ? null : 0,
        "realtime_sockets" => pod.Scraped?.Sockets,
        "realtime_slow_consumers_per_second" => pod.Scraped is null ? null : 0,
        _ => throw new InvalidOperationException($"Nothing is known of the metric {name}."),
    };

    private double Requests(string resource) => (double)_pod.Containers[0].Resources.Requests[resource].ToDecimal();
}
