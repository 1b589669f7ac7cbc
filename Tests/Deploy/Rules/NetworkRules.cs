using k8s.Models;

namespace Tests.Deploy.Rules;

/// <summary>Who may talk to whom, asked for every pair and port, and compared with the whole list of who should.</summary>
internal static class NetworkRules
{
    /// <summary>Services call each other as the AppHost says; a test compares.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Calls = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["dbman"] = [],
        ["chat"] = ["dbman", "realtime", "session"],
        ["session"] = ["dbman", "realtime"],
        ["fileman"] = ["dbman", "session"],
        ["realtime"] = ["dbman", "session"],
    };

    private static readonly int[] Ports = [22, 53, 443, 4317, 4318, 5432, 6379, 8080, 8081, 16379];

    private static readonly Peer[] Others =
    [
        Peer.Pod("ingress", "ingress-nginx", ("app.kubernetes.io/name", "ingress-nginx")),
        Peer.Pod("monitoring", "monitoring", ("app", "prometheus")),
        Peer.Pod("dns", "kube-system", ("k8s-app", "kube-dns")),
        Peer.Pod("api-server", "kube-system", ("component", "kube-apiserver")),
        // The same label as one of ours, in a namespace that is not ours.
        Peer.Pod("impostor", "default", ("app", "chat"), ("tier", "service")),
        Peer.Pod("postgresql", "data", ("cnpg.io/cluster", "chat")),
        Peer.Pod("other-postgresql", "data", ("cnpg.io/cluster", "other")),
        Peer.Pod("redis-cluster", "data", ("app.kubernetes.io/name", "redis-cluster")),
        Peer.Outside("internet", "203.0.113.9"),
        Peer.Outside("intranet", "10.1.2.3"),
        Peer.Outside("node-metadata", "169.254.169.254"),
        Peer.Outside("node-local-dns", "169.254.20.10"),
    ];

    public static IReadOnlyList<Rule> All { get; } = [new("network", Network)];

    private static IEnumerable<string> Network(Manifests manifests)
    {
        var space = manifests.Documents.OfType<V1Namespace>().Single().Name();
        var own = manifests.Workloads.Select(w => new Peer(w.Name, space, w.Pod.Metadata.Labels.AsReadOnly())).ToList();

        // A pod that no policy names may do nothing.
        own.Add(Peer.Pod("unknown", space, ("app", "unknown")));
        var reachability = new Reachability(manifests.Policies, space);
        var actual = (from source in own.Concat(Others)
                      from target in own.Concat(Others)
                      where own.Contains(source) || own.Contains(target)
                      from port in Ports
                      where reachability.Allows(source, target, port)
                      select $"{source.Name} -> {target.Name}:{port}").ToHashSet(StringComparer.Ordinal);
        var expected = Expected(manifests, own).ToHashSet(StringComparer.Ordinal);
        return [.. actual.Except(expected).Select(pair => $"{pair} is open."), .. expected.Except(actual).Select(pair => $"{pair} is shut.")];
    }

    private static IEnumerable<string> Expected(Manifests manifests, IReadOnlyList<Peer> own)
    {
        foreach (var (service, called) in Calls)
        {
            foreach (var target in called)
            {
                yield return $"{service} -> {target}:8080";
            }

            yield return $"monitoring -> {service}:8081";
            yield return $"{service} -> monitoring:4317";
            yield return $"{service} -> monitoring:4318";
            if (service != "dbman")
            {
                yield return $"ingress -> {service}:8080";
            }
        }

        foreach (var pod in own)
        {
            yield return $"{pod.Name} -> dns:53";
            yield return $"{pod.Name} -> node-local-dns:53";
        }

        var bringsData = manifests.StatefulSets.Any();
        foreach (var pair in bringsData
            ? (string[])["dbman -> postgres:5432", "realtime -> redis:6379", "redis-init -> redis:6379", "redis -> redis:6379", "redis -> redis:16379"]
            : ["dbman -> postgresql:5432", "realtime -> redis-cluster:6379", "fileman -> internet:443"])
        {
            yield return pair;
        }
    }
}
