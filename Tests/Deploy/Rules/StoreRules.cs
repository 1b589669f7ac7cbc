using k8s.Models;

namespace Tests.Deploy.Rules;

/// <summary>What holds data: a disk that outlives the pod and can be written, a name to be found by, a password that is asked for.</summary>
internal static class StoreRules
{
    public static IReadOnlyList<Rule> All { get; } = [new("stores", Stores)];

    private static IEnumerable<string> Stores(Manifests manifests)
    {
        foreach (var set in manifests.StatefulSets)
        {
            var name = set.Name();
            var pod = set.Spec.Template.Spec;
            var container = pod.Containers[0];
            var claims = set.Spec.VolumeClaimTemplates ?? [];
            if (claims.Count == 0 || claims.Any(c => !container.VolumeMounts.Any(m => m.Name == c.Name()) || c.Spec.Resources?.Requests?.ContainsKey("storage") != true))
            {
                yield return $"{name}: keeps its data on no disk of its own.";
            }

            if (pod.SecurityContext?.FsGroup is null or 0)
            {
                yield return $"{name}: without an fsGroup its disk belongs to root.";
            }

            var service = manifests.Services.SingleOrDefault(s => s.Name() == set.Spec.ServiceName);
            if (service is null || !service.Spec.Selector.All(l => set.Spec.Template.Metadata.Labels.Contains(l)))
            {
                yield return $"{name}: its pods have no Service to be named by.";
            }
            else if (set.Spec.Replicas > 1 && service.Spec is not { ClusterIP: "None", PublishNotReadyAddresses: true })
            {
                yield return $"{name}: its pods must find each other by name before they are ready.";
            }

            var passwords = (container.Env ?? []).Where(e => e.Name.EndsWith("PASSWORD", StringComparison.Ordinal)).ToList();
            if (passwords.Count == 0 || passwords.Any(e => e.ValueFrom?.SecretKeyRef is not { Optional: not true }))
            {
                yield return $"{name}: asks for no password, or starts without one.";
            }

            if ((pod.TerminationGracePeriodSeconds ?? 30) < 30)
            {
                yield return $"{name}: is killed before it has written what it must.";
            }
        }
    }
}
