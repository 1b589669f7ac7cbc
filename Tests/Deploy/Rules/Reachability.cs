using System.Globalization;
using System.Net;
using k8s.Models;

namespace Tests.Deploy.Rules;

/// <summary>A destination: a pod, here or in another namespace, or an address outside.</summary>
internal sealed record Peer(string Name, string? Namespace, IReadOnlyDictionary<string, string> Labels, IPAddress? Address = null)
{
    public static Peer Pod(string name, string @namespace, params (string Key, string Value)[] labels) =>
        new(name, @namespace, labels.ToDictionary(l => l.Key, l => l.Value));

    public static Peer Outside(string name, string address) => new(name, null, new Dictionary<string, string>(), IPAddress.Parse(address));
}

/// <summary>
/// NetworkPolicies as the API defines them: a pod that no policy selects for a direction is open in it; a selected one is open to what any of its policies
/// allows; a connection needs the sender's egress and the receiver's ingress. Pods outside of the namespace are taken to be open.
/// </summary>
internal sealed class Reachability(IEnumerable<V1NetworkPolicy> policies, string @namespace)
{
    private readonly List<V1NetworkPolicy> _policies = [.. policies];

    public bool Allows(Peer from, Peer to, int port) => Direction("Egress", from, to, port) && Direction("Ingress", to, from, port);

    private bool Direction(string direction, Peer self, Peer other, int port)
    {
        if (self.Namespace != @namespace)
        {
            return true;
        }

        var selecting = _policies.Where(p => Types(p).Contains(direction, StringComparer.Ordinal) && Selects(p.Spec.PodSelector, self.Labels)).ToList();
        return selecting.Count == 0 || selecting.Exists(p => direction == "Egress"
            ? p.Spec.Egress?.Any(r => Ports(r.Ports, port) && Peers(r.To, other)) == true
            : p.Spec.Ingress?.Any(r => Ports(r.Ports, port) && Peers(r.FromProperty, other)) == true);
    }

    private static IEnumerable<string> Types(V1NetworkPolicy policy) => policy.Spec.PolicyTypes ?? (policy.Spec.Egress is null ? ["Ingress"] : ["Ingress", "Egress"]);

    /// <summary>Protocols are left out: no port here is open for one and not for the other.</summary>
    private static bool Ports(IList<V1NetworkPolicyPort>? ports, int port) => ports is null or { Count: 0 } || ports.Any(p =>
        p.Port is null || int.Parse(p.Port.Value, CultureInfo.InvariantCulture) is var first && port >= first && port <= (p.EndPort ?? first));

    private bool Peers(IList<V1NetworkPolicyPeer>? peers, Peer other) => peers is null or { Count: 0 } || peers.Any(peer => peer switch
    {
        { IpBlock: { } block } => other.Address is { } address && IPNetwork.Parse(block.Cidr).Contains(address) && block.Except?.Any(e => IPNetwork.Parse(e).Contains(address)) != true,
        _ when other.Namespace is null => false,
        { NamespaceSelector: { } space } => Selects(space, new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = other.Namespace }) && Selects(peer.PodSelector, other.Labels),
        _ => other.Namespace == @namespace && Selects(peer.PodSelector, other.Labels),
    });

    private static bool Selects(V1LabelSelector? selector, IReadOnlyDictionary<string, string> labels)
    {
        if (selector?.MatchExpressions is { Count: > 0 })
        {
            throw new NotSupportedException("Expressions in selectors are not understood here; say it by labels.");
        }

        return selector?.MatchLabels?.All(l => labels.TryGetValue(l.Key, out var value) && value == l.Value) != false;
    }
}
