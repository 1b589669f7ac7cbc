using System.Globalization;
using Tests.Deploy.Rules;

namespace Tests.Deploy.Scaling;

/// <summary>What a run must keep, as a list of violations.</summary>
internal static class ScalingExpectations
{
    public const int EnoughWithin = 60;

    /// <summary>What is enough to serve may still be above the target; that has longer.</summary>
    public const int AtTargetWithin = 150;

    public static IEnumerable<string> Faults(ScalingRun run, LoadTrace trace, Manifests manifests) =>
        Enough(run, trace).Concat(AtTarget(run, trace)).Concat(NoFlapping(run, trace)).Concat(SlowDescent(run, trace)).Concat(Budget(run, manifests)).Concat(Bounds(run, trace));

    private static IEnumerable<string> Enough(ScalingRun run, LoadTrace trace)
    {
        // A step has a minute; slow growth must find enough replicas all the time. A spike is over before that: it must leave no backlog.
        var from = trace.Name switch { "step" or "flapping" => trace.Peak.From + EnoughWithin, "spike" => trace.Peak.To + EnoughWithin, _ => 0 };
        if (run.Samples.Where(s => s.Time >= from && !run.IsEnough(s)).ToList() is { Count: > 0 } short_)
        {
            var first = short_[0];
            yield return string.Create(CultureInfo.InvariantCulture, $"not enough for {short_.Count} s, first at {first.Time} s: {first.Ready} ready where {first.Needed:0.0} are needed, {first.Lost:0} lost, {first.Waiting:0.00} s waited");
        }
    }

    private static IEnumerable<string> AtTarget(ScalingRun run, LoadTrace trace)
    {
        if (trace.Name == "step" && run.Samples.FirstOrDefault(s => s.Time >= trace.Peak.From + AtTargetWithin && !IsAtTarget(s)) is { Time: > 0 } sample)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"not at the target at {sample.Time} s: {sample.Ready} ready where {sample.Needed:0.0} are needed");
        }
    }

    /// <summary>Within the autoscaler's tolerance, and the noise.</summary>
    public static bool IsAtTarget(ScalingSample sample) => sample.Needed <= sample.Ready * (1 + HpaController.Tolerance + 0.02);

    private static IEnumerable<string> NoFlapping(ScalingRun run, LoadTrace trace)
    {
        var changes = run.Samples.Zip(run.Samples.Skip(1)).Where(static p => p.First.Asked != p.Second.Asked).Select(static p => (p.Second.Time, Change: p.Second.Asked - p.First.Asked)).ToList();
        foreach (var (before, after) in changes.Zip(changes.Skip(1)).Where(static p => p.First.Change < 0 && p.Second.Change > 0))
        {
            yield return $"up by {after.Change} at {after.Time} s after it went down at {before.Time} s";
        }

        if (trace.Name == "flapping" && changes.Any(c => c.Change < 0 && c.Time < trace.Peak.To))
        {
            yield return $"followed load that comes back, at {changes.First(static c => c.Change < 0).Time} s";
        }
    }

    private static IEnumerable<string> SlowDescent(ScalingRun run, LoadTrace trace)
    {
        var samples = run.Samples;
        if (trace.Name is "step" or "spike" or "flapping" && samples.FirstOrDefault(s => s.Time > trace.Peak.To && s.Asked < samples[s.Time - 1].Asked) is { Time: > 0 } fall && fall.Time < trace.Peak.To + 270)
        {
            yield return $"went down at {fall.Time} s, {fall.Time - trace.Peak.To} s after the load";
        }

        var most = run.Spec.Behavior?.ScaleDown?.Policies?.Where(static p => p.Type == "Pods").Select(static p => p.Value).DefaultIfEmpty(0).Max() ?? 0;
        foreach (var sample in samples.Skip(60).Where(s => samples[s.Time - 59].Asked - s.Asked > Math.Min(most, 2)).Take(1))
        {
            yield return $"lost more than {Math.Min(most, 2)} within a minute, at {sample.Time} s";
        }
    }

    private static IEnumerable<string> Budget(ScalingRun run, Manifests manifests)
    {
        if (run.Service.Name != "dbman")
        {
            yield break;
        }

        var settings = manifests.Settings("dbman");
        var pool = int.Parse(settings["Dbman__Database__MaxPoolSize"], CultureInfo.InvariantCulture);
        var reserve = int.Parse(settings["Dbman__Database__ReservedConnections"], CultureInfo.InvariantCulture);
        var used = (run.Samples.Max(static s => s.Running) * pool) + reserve;
        if (used > ScalingRules.ConnectionsNeeded(manifests))
        {
            yield return $"{used} connections, counted on were {ScalingRules.ConnectionsNeeded(manifests)}";
        }
    }

    private static IEnumerable<string> Bounds(ScalingRun run, LoadTrace trace)
    {
        if (run.Samples.Any(s => s.Asked > run.Spec.MaxReplicas || s.Asked < run.Spec.MinReplicas))
        {
            yield return "left its bounds";
        }

        if (run.Samples[^1].Asked > run.Spec.MinReplicas)
        {
            yield return $"{run.Samples[^1].Asked} are left {trace.Seconds - trace.Peak.To} s after the load";
        }
    }
}
