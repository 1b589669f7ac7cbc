using k8s.Models;

namespace Tests.Deploy.Rules;

/// <summary>What happens to replicas when nodes go and versions come.</summary>
internal static class AvailabilityRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("rollout", Rollout),
        new("spread", Spread),
        new("disruption", Disruption),
    ];

    private static IEnumerable<string> Rollout(Manifests manifests) =>
        from deployment in manifests.Deployments
        let strategy = deployment.Spec.Strategy
        where strategy is not { Type: "RollingUpdate", RollingUpdate: { MaxUnavailable.Value: "0", MaxSurge.Value: "1" } }
            // dbman's has a reason: ScalingRules.
            || (deployment.Name() != "dbman" && deployment.Spec.MinReadySeconds > 0)
        select $"{deployment.Name()}: an update must add one replica and take none away before it is ready.";

    private static IEnumerable<string> Spread(Manifests manifests)
    {
        foreach (var deployment in manifests.Deployments)
        {
            var name = deployment.Name();
            var pod = deployment.Spec.Template.Spec;
            var apart = pod.Affinity?.PodAntiAffinity;
            var required = apart?.RequiredDuringSchedulingIgnoredDuringExecution?.Any(t => IsByNode(t, name)) == true;
            var preferred = apart?.PreferredDuringSchedulingIgnoredDuringExecution?.Any(t => IsByNode(t.PodAffinityTerm, name)) == true;
            var least = manifests.Autoscalers.SingleOrDefault(h => h.Spec.ScaleTargetRef.Name == name)?.Spec.MinReplicas ?? deployment.Spec.Replicas ?? 1;
            if (least >= 3 ? !required : !preferred || required)
            {
                yield return $"{name}: with {least} replicas at least, being apart by node must be {(least >= 3 ? "required" : "preferred")}.";
            }

            if (required && apart!.RequiredDuringSchedulingIgnoredDuringExecution.Any(t => t.MatchLabelKeys?.Contains("pod-template-hash") != true))
            {
                yield return $"{name}: an update would need a spare node, as old and new replicas push each other off.";
            }

            if (pod.TopologySpreadConstraints?.Any(c => c.TopologyKey == "topology.kubernetes.io/zone" && Selects(c.LabelSelector, name)) != true)
            {
                yield return $"{name}: is not spread over zones.";
            }
        }

        static bool IsByNode(V1PodAffinityTerm term, string name) => term.TopologyKey == "kubernetes.io/hostname" && Selects(term.LabelSelector, name);

        static bool Selects(V1LabelSelector selector, string name) => selector?.MatchLabels?.TryGetValue("app", out var app) == true && app == name;
    }

    private static IEnumerable<string> Disruption(Manifests manifests)
    {
        foreach (var (name, labels) in (IEnumerable<(string, IDictionary<string, string>)>)
        [
            .. manifests.Deployments.Select(d => (d.Name(), d.Spec.Template.Metadata.Labels)),
            .. manifests.StatefulSets.Select(s => (s.Name(), s.Spec.Template.Metadata.Labels)),
        ])
        {
            var budgets = manifests.Budgets.Where(b => b.Spec.Selector.MatchLabels.All(l => labels.TryGetValue(l.Key, out var value) && value == l.Value)).ToList();
            if (budgets is not [{ Spec: { UnhealthyPodEvictionPolicy: "AlwaysAllow", MaxUnavailable.Value: "1", MinAvailable: null } }])
            {
                yield return $"{name}: needs exactly one disruption budget, of one pod, that lets pods go which are not ready.";
            }
        }
    }
}
