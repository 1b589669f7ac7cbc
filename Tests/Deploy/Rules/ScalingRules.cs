using System.Globalization;
using k8s.Models;

namespace Tests.Deploy.Rules;

/// <summary>Autoscalers, and what bounds them: PostgreSQL's connections.</summary>
internal static class ScalingRules
{
    private const string MaxConnections = "max_connections=";

    /// <summary>What the system was sized for.</summary>
    private static readonly Dictionary<string, (int Least, int Most)> Bounds = new(StringComparer.Ordinal)
    {
        ["dbman"] = (3, 20),
        ["realtime"] = (3, 50),
        ["chat"] = (2, 20),
        ["session"] = (2, 10),
        ["fileman"] = (2, 10),
    };

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("autoscaling", Autoscaling),
        new("budget", Budget),
    ];

    /// <summary>Connections that dbman may open at once, and leaves to others.</summary>
    public static int ConnectionsNeeded(Manifests manifests)
    {
        var settings = manifests.Settings("dbman");
        return (Number(settings, "Dbman__Database__MaxReplicas") * Number(settings, "Dbman__Database__MaxPoolSize")) + Number(settings, "Dbman__Database__ReservedConnections");
    }

    private static IEnumerable<string> Autoscaling(Manifests manifests)
    {
        foreach (var deployment in manifests.Deployments)
        {
            var scalers = manifests.Autoscalers.Where(h => h.Spec.ScaleTargetRef is { Kind: "Deployment" } target && target.Name == deployment.Name()).ToList();
            if (scalers is not [{ Spec: var spec }])
            {
                yield return $"{deployment.Name()}: needs exactly one autoscaler.";
                continue;
            }

            if (deployment.Spec.Replicas is not null)
            {
                yield return $"{deployment.Name()}: says how many replicas there are, and every apply would undo what the autoscaler decided.";
            }

            if (!Bounds.TryGetValue(deployment.Name(), out var bounds) || (spec.MinReplicas, spec.MaxReplicas) != bounds)
            {
                yield return $"{deployment.Name()}: scales from {spec.MinReplicas} to {spec.MaxReplicas}, which is not what it was sized for.";
            }

            foreach (var resource in (string[])["cpu", "memory"])
            {
                if (spec.Metrics?.Any(m => m.Resource?.Name == resource && m.Resource.Target is { Type: "Utilization", AverageUtilization: >= 40 and <= 90 }) != true)
                {
                    yield return $"{deployment.Name()}: does not scale by {resource}.";
                }
            }

            if (spec.Behavior is not { ScaleUp: { StabilizationWindowSeconds: 0 } up, ScaleDown: { StabilizationWindowSeconds: >= 300 and <= 3600 } down }
                || up.Policies?.Any(p => p is { Type: "Percent", Value: >= 300, PeriodSeconds: <= 15 }) != true
                || down.Policies is null or { Count: 0 } || down.Policies.Any(p => p is not { Type: "Pods", Value: <= 2, PeriodSeconds: >= 60 }))
            {
                yield return $"{deployment.Name()}: must go up fourfold at once, and down by a pod or two a minute after five quiet minutes.";
            }
        }
    }

    private static IEnumerable<string> Budget(Manifests manifests)
    {
        var scaler = manifests.Autoscalers.Single(h => h.Spec.ScaleTargetRef.Name == "dbman").Spec;
        var surge = int.Parse(manifests.Deployment("dbman").Spec.Strategy.RollingUpdate.MaxSurge.Value, CultureInfo.InvariantCulture);
        var replicas = Number(manifests.Settings("dbman"), "Dbman__Database__MaxReplicas");

        // One that an update brings, and one that leaves meanwhile.
        if (replicas < scaler.MaxReplicas + surge + 1)
        {
            yield return $"dbman: counts on {replicas} replicas, but {scaler.MaxReplicas} and an update's {surge + 1} may run.";
        }

        // Ready this long before the next one starts, so that the leaving one is gone: without it more replicas would run at once than are counted.
        var (settles, grace) = (manifests.Deployment("dbman").Spec.MinReadySeconds ?? 0, manifests.Deployment("dbman").Spec.Template.Spec.TerminationGracePeriodSeconds ?? 30);
        if (settles < grace || settles > 2 * grace)
        {
            yield return $"dbman: an update goes on after {settles} s, while the replica that leaves may hold its connections for {grace}.";
        }

        // Where PostgreSQL is brought along, dbman itself says at its start whether it allows enough.
        foreach (var server in manifests.StatefulSets.Where(s => s.Name() == "postgres"))
        {
            var argument = server.Spec.Template.Spec.Containers[0].Args?.FirstOrDefault(a => a.StartsWith(MaxConnections, StringComparison.Ordinal));
            var allowed = argument is null ? 100 : int.Parse(argument[MaxConnections.Length..], CultureInfo.InvariantCulture);
            if (ConnectionsNeeded(manifests) > allowed)
            {
                yield return $"postgres: allows {allowed} connections, {ConnectionsNeeded(manifests)} are needed.";
            }
        }
    }

    private static int Number(IReadOnlyDictionary<string, string> settings, string name) => int.Parse(settings[name], CultureInfo.InvariantCulture);
}
