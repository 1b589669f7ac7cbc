using k8s;
using k8s.Models;

namespace Tests.Deploy;

/// <summary>The documents of one rendered overlay, typed. A field that the type does not have is refused, as a misspelt one would silently do nothing.</summary>
internal sealed class Manifests(IReadOnlyList<object> documents)
{
    public IReadOnlyList<object> Documents { get; } = documents;

    public IEnumerable<V1Deployment> Deployments => Documents.OfType<V1Deployment>();

    public IEnumerable<V1StatefulSet> StatefulSets => Documents.OfType<V1StatefulSet>();

    public IEnumerable<V2HorizontalPodAutoscaler> Autoscalers => Documents.OfType<V2HorizontalPodAutoscaler>();

    public IEnumerable<V1PodDisruptionBudget> Budgets => Documents.OfType<V1PodDisruptionBudget>();

    public IEnumerable<V1NetworkPolicy> Policies => Documents.OfType<V1NetworkPolicy>();

    public IEnumerable<V1ConfigMap> ConfigMaps => Documents.OfType<V1ConfigMap>();

    public IEnumerable<V1Service> Services => Documents.OfType<V1Service>();

    public IEnumerable<V1Ingress> Ingresses => Documents.OfType<V1Ingress>();

    /// <summary>Whatever makes pods, by name.</summary>
    public IEnumerable<(string Name, V1PodTemplateSpec Pod)> Workloads =>
    [
        .. Deployments.Select(d => (d.Name(), d.Spec.Template)),
        .. StatefulSets.Select(s => (s.Name(), s.Spec.Template)),
        .. Documents.OfType<V1Job>().Select(j => (j.Name(), j.Spec.Template)),
        .. Documents.OfType<V1Pod>().Select(p => (p.Name(), new V1PodTemplateSpec { Metadata = p.Metadata, Spec = p.Spec })),
    ];

    public static Manifests Parse(string yaml) => new(KubernetesYaml.LoadAllFromString(yaml, strict: true));

    public V1Deployment Deployment(string name) => Deployments.Single(d => d.Name() == name);

    public V1NetworkPolicy Policy(string name) => Policies.Single(p => p.Name() == name);

    public V2HorizontalPodAutoscaler Autoscaler(string name) => Autoscalers.Single(h => h.Name() == name);

    /// <summary>A service's settings, as its ConfigMaps give them.</summary>
    public IReadOnlyDictionary<string, string> Settings(string service)
    {
        var names = Deployment(service).Spec.Template.Spec.Containers[0].EnvFrom.Where(e => e.ConfigMapRef is not null).Select(e => e.ConfigMapRef.Name).ToHashSet();
        return ConfigMaps.Where(c => names.Contains(c.Name())).SelectMany(c => c.Data).ToDictionary(e => e.Key, e => e.Value);
    }
}
