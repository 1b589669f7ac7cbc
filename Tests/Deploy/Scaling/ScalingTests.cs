using System.Globalization;
using k8s.Models;

namespace Tests.Deploy.Scaling;

/// <summary>
/// The autoscalers of the manifests, run against load: enough replicas a minute after a fourfold step, no flapping, a slow descent, and never more connections than PostgreSQL allows.
/// <c>WRITE_PLOTS</c> names a folder for a picture of each trace and a table.
/// </summary>
public sealed class ScalingTests(RenderedOverlays overlays) : IClassFixture<RenderedOverlays>
{
    public static TheoryData<string, string, string> Runs =>
        [.. from overlay in RenderedOverlays.Names from service in ServiceModel.All from trace in LoadTrace.All select (overlay, service.Name, trace.Name)];

    /// <summary>One break each, and the run that must notice.</summary>
    private static readonly Dictionary<string, (string Service, string Trace, string Says, Action<V2HorizontalPodAutoscalerSpec> Break)> Breaks = new(StringComparer.Ordinal)
    {
        ["up by one a minute"] = ("chat", "step", "not at the target", s => s.Behavior.ScaleUp.Policies = [new() { Type = "Pods", Value = 1, PeriodSeconds = 60 }]),
        ["waits before it goes up"] = ("dbman", "step", "not enough", s => s.Behavior.ScaleUp.StabilizationWindowSeconds = 180),
        ["target without room"] = ("dbman", "ramp", "not enough", s => s.Metrics[0].Resource.Target.AverageUtilization = 240),
        ["down at once"] = ("chat", "flapping", "comes back", s => s.Behavior.ScaleDown.StabilizationWindowSeconds = 0),
        ["down all at once"] = ("chat", "step", "within a minute", s => s.Behavior.ScaleDown.Policies = [new() { Type = "Percent", Value = 100, PeriodSeconds = 15 }]),
        ["more replicas than connections"] = ("dbman", "spike", "connections", s => s.MaxReplicas = 40),
        ["never down"] = ("session", "step", "are left", s => s.Behavior.ScaleDown.SelectPolicy = "Disabled"),
    };

    public static TheoryData<string> BreakNames => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Runs))]
    public void EveryServiceFollowsItsLoad(string overlay, string service, string trace)
    {
        var manifests = overlays.Parse(overlay);
        // How the three rounds of 15 s lie to each other decides how old a figure is, and matters to a step most.
        foreach (var (looks, decides) in new[] { (4, 9), (14, 0), (0, 0), (0, 14), (7, 8), (11, 2) }.Take(trace == "step" ? 6 : 2))
        {
            var run = ScalingRun.Of(manifests, ServiceModel.Named(service), LoadTrace.Named(trace), looks, decides);
            var faults = ScalingExpectations.Faults(run, LoadTrace.Named(trace), manifests).ToList();
            Assert.True(faults.Count == 0, $"looks at {looks}, decides at {decides}: {string.Join("; ", faults)}");
        }
    }

    [Theory]
    [MemberData(nameof(BreakNames))]
    public void BrokenAutoscalerIsNoticed(string name)
    {
        var (service, trace, says, change) = Breaks[name];
        var manifests = overlays.Parse("production");
        change(manifests.Autoscaler(service).Spec);
        var run = ScalingRun.Of(manifests, ServiceModel.Named(service), LoadTrace.Named(trace));

        Assert.Contains(ScalingExpectations.Faults(run, LoadTrace.Named(trace), manifests), fault => fault.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void PlotsShowEveryTrace()
    {
        var folder = Environment.GetEnvironmentVariable("WRITE_PLOTS");
        var manifests = overlays.Parse("production");
        var table = new List<string> { "| trace | service | replicas | enough after | at the target after | lost | down to the fewest after |", "|---|---|---|---|---|---|---|" };
        foreach (var trace in LoadTrace.All)
        {
            var runs = ServiceModel.All.Select(service => ScalingRun.Of(manifests, service, trace)).ToList();
            var svg = ScalingPlot.Draw(trace, runs);
            Assert.All(runs, run => Assert.Contains($">{run.Service.Name}<", svg, StringComparison.Ordinal));
            table.AddRange(runs.Select(run => Row(trace, run)));
            if (folder is not null)
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, trace.Name + ".svg"), svg);
            }
        }

        if (folder is not null)
        {
            File.WriteAllLines(Path.Combine(folder, "table.md"), table);
        }
    }

    private static string Row(LoadTrace trace, ScalingRun run)
    {
        var samples = run.Samples;
        var after = samples.LastOrDefault(s => s.Time >= trace.Peak.From && !run.IsEnough(s)) is { Time: > 0 } last ? $"{last.Time + 1 - trace.Peak.From} s" : "at once";
        var target = samples.LastOrDefault(s => s.Time >= trace.Peak.From && s.Time < trace.Peak.To && !ScalingExpectations.IsAtTarget(s)) is { Time: > 0 } above ? $"{above.Time + 1 - trace.Peak.From} s" : "at once";
        // Sockets that wait are not lost: the worst moment counts.
        var lost = run.Service.Sockets > 0 ? samples.Max(static s => s.Lost) / samples.Max(static s => s.Load) : samples.Sum(static s => s.Lost) / samples.Sum(static s => s.Load);
        var down = samples.Last(s => s.Asked > run.Spec.MinReplicas).Time + 1 - trace.Peak.To;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {trace.Name} | {run.Service.Name} | {samples.Min(static s => s.Asked)} to {samples.Max(static s => s.Asked)} | {after} | {(trace.Name == "step" ? target : "")} | {(lost == 0 ? "0" : $"{lost:P1}{(run.Service.Sockets > 0 ? " waited" : "")}")} | {(down < 0 ? "with it" : $"{down / 60.0:0.0} min")} |");
    }
}
