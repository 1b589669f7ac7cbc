using System.Text.RegularExpressions;
using k8s.Models;
using Tests.Deploy.Rules;

namespace Tests.Deploy;

/// <summary>Rules that every overlay keeps, and that each rule fails when broken.</summary>
public sealed partial class PolicyTests(RenderedOverlays overlays) : IClassFixture<RenderedOverlays>
{
    public static TheoryData<string, string> OverlaysAndRules =>
        [.. from overlay in RenderedOverlays.Names from rule in Rule.All select (overlay, rule.Name)];

    /// <summary>One violation each, and the rule that must report it.</summary>
    private static readonly Dictionary<string, (string Rule, Action<Manifests> Break)> Breaks = new(StringComparer.Ordinal)
    {
        ["no liveness"] = ("probes", m => Container(m, "chat").LivenessProbe = null),
        ["liveness asks dependencies"] = ("probes", m => Container(m, "chat").LivenessProbe.HttpGet.Path = "/health/ready"),
        ["liveness asks the service's port"] = ("probes", m => Container(m, "chat").LivenessProbe.HttpGet.Port = "http"),
        ["no management port"] = ("probes", m => m.ConfigMaps.Single(c => c.Name().StartsWith("chat-env", StringComparison.Ordinal)).Data.Remove("Management__Port")),
        ["Prometheus asks the service's port"] = ("probes", m => m.Deployment("chat").Spec.Template.Metadata.Annotations["prometheus.io/port"] = "8080"),
        ["liveness is hasty"] = ("probes", m => Container(m, "chat").LivenessProbe.FailureThreshold = 1),
        ["startup is hasty"] = ("probes", m => Container(m, "dbman").StartupProbe.FailureThreshold = 3),
        ["prober gives up first"] = ("probes", m => Container(m, "chat").ReadinessProbe.TimeoutSeconds = 1),
        ["readiness is slower than the drain"] = ("probes", m => Container(m, "chat").ReadinessProbe.PeriodSeconds = 10),
        ["database is not probed"] = ("probes", m => m.StatefulSets.First().Spec.Template.Spec.Containers[0].ReadinessProbe = null),
        ["grace period is too short"] = ("drain", m => Pod(m, "realtime").TerminationGracePeriodSeconds = 30),
        ["grace period is the stock template's"] = ("drain", m => Pod(m, "realtime").TerminationGracePeriodSeconds = 180),
        ["no preStop"] = ("drain", m => Container(m, "realtime").Lifecycle = null),
        ["drain is longer than was said"] = ("drain", m => m.ConfigMaps.Single(c => c.Name().StartsWith("chat-env", StringComparison.Ordinal)).Data["Drain__Timeout"] = "00:01:00"),
        ["no limit of memory"] = ("resources", m => Container(m, "session").Resources.Limits.Remove("memory")),
        ["no request"] = ("resources", m => Container(m, "session").Resources.Requests.Clear()),
        ["root"] = ("security", m => Pod(m, "chat").SecurityContext.RunAsNonRoot = false),
        ["writable root"] = ("security", m => Container(m, "chat").SecurityContext.ReadOnlyRootFilesystem = false),
        ["privilege escalation"] = ("security", m => Container(m, "chat").SecurityContext.AllowPrivilegeEscalation = null),
        ["capability added"] = ("security", m => Container(m, "chat").SecurityContext.Capabilities.Add = ["NET_ADMIN"]),
        ["capabilities kept"] = ("security", m => Container(m, "chat").SecurityContext.Capabilities.Drop = []),
        ["no seccomp"] = ("security", m => Pod(m, "chat").SecurityContext.SeccompProfile = null),
        ["token mounted"] = ("security", m => Pod(m, "chat").AutomountServiceAccountToken = null),
        ["node's folder"] = ("security", m => Pod(m, "chat").Volumes.Add(new V1Volume { Name = "host", HostPath = new V1HostPathVolumeSource { Path = "/" } })),
        ["no /tmp"] = ("security", m => Container(m, "chat").VolumeMounts = []),
        ["unbounded /tmp"] = ("security", m => Pod(m, "chat").Volumes[0].EmptyDir.SizeLimit = null),
        ["recreate"] = ("rollout", m => m.Deployment("dbman").Spec.Strategy = new V1DeploymentStrategy { Type = "Recreate" }),
        ["one may be missing"] = ("rollout", m => m.Deployment("dbman").Spec.Strategy.RollingUpdate.MaxUnavailable = "25%"),
        ["minReadySeconds"] = ("rollout", m => m.Deployment("chat").Spec.MinReadySeconds = 60),
        ["dbman is not apart"] = ("spread", m => Pod(m, "dbman").Affinity = null),
        ["chat must be apart"] = ("spread", m => Pod(m, "chat").Affinity = Pod(m, "dbman").Affinity),
        ["update needs a spare node"] = ("spread", m => Pod(m, "dbman").Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution[0].MatchLabelKeys = null),
        ["no zones"] = ("spread", m => Pod(m, "dbman").TopologySpreadConstraints = []),
        ["no disruption budget"] = ("disruption", m => m.Budgets.Single(b => b.Name() == "chat").Spec.Selector.MatchLabels["app"] = "other"),
        ["unready pods hold the node"] = ("disruption", m => m.Budgets.Single(b => b.Name() == "chat").Spec.UnhealthyPodEvictionPolicy = null),
        ["replicas beside an autoscaler"] = ("autoscaling", m => m.Deployment("dbman").Spec.Replicas = 3),
        ["autoscaler of nothing"] = ("autoscaling", m => m.Autoscaler("dbman").Spec.ScaleTargetRef.Name = "dbmen"),
        ["other bounds"] = ("autoscaling", m => m.Autoscaler("realtime").Spec.MaxReplicas = 60),
        ["memory does not count"] = ("autoscaling", m => m.Autoscaler("realtime").Spec.Metrics.RemoveAt(1)),
        ["goes down at once"] = ("autoscaling", m => m.Autoscaler("chat").Spec.Behavior.ScaleDown.StabilizationWindowSeconds = 0),
        ["goes up slowly"] = ("autoscaling", m => m.Autoscaler("chat").Spec.Behavior.ScaleUp.Policies[0].Value = 50),
        ["more replicas than connections"] = ("budget", m => m.Autoscaler("dbman").Spec.MaxReplicas = 30),
        ["the next comes before the last has left"] = ("budget", m => m.Deployment("dbman").Spec.MinReadySeconds = null),
        ["a longer grace period"] = ("budget", m => Pod(m, "dbman").TerminationGracePeriodSeconds = 60),
        ["a larger pool"] = ("budget", m => m.ConfigMaps.Single(c => c.Name().StartsWith("dbman-env", StringComparison.Ordinal)).Data["Dbman__Database__MaxPoolSize"] = "30"),
        ["PostgreSQL's own limit"] = ("budget", m => m.StatefulSets.Single(s => s.Name() == "postgres").Spec.Template.Spec.Containers[0].Args = []),
        ["latest"] = ("images", m => Container(m, "chat").Image = "registry.example.com/chat/chat:latest"),
        ["no tag"] = ("images", m => Container(m, "chat").Image = "registry.example.com:5000/chat/chat"),
        ["connection string in a ConfigMap"] = ("secrets", m => m.ConfigMaps.First().Data["ConnectionStrings__x"] = "y"),
        ["password in a value"] = ("secrets", m => m.ConfigMaps.First().Data["Database"] = "Host=x;Password=y"),
        ["password in a URI"] = ("secrets", m => m.ConfigMaps.First().Data["Database"] = "redis://u:p@x"),
        ["password in an argument"] = ("secrets", m => m.StatefulSets.Single(s => s.Name() == "redis").Spec.Template.Spec.Containers[0].Args.Add("$(REDIS_PASSWORD)")),
        ["password in a variable"] = ("secrets", m => Container(m, "chat").Env.Add(new V1EnvVar { Name = "REDIS_PASSWORD", Value = "x" })),
        ["Secret in the manifests"] = ("secrets", m => ((List<object>)m.Documents).Add(new V1Secret { Metadata = new V1ObjectMeta { Name = "x" } })),
        ["ConfigMap that is not there"] = ("names", m => Container(m, "chat").EnvFrom[0].ConfigMapRef.Name = "chat-env"),
        ["optional Secret"] = ("names", m => Container(m, "chat").EnvFrom[1].SecretRef.Optional = true),
        ["other port"] = ("names", m => m.Services.Single(s => s.Name() == "dbman").Spec.Ports[0].Port = 80),
        ["Service of the management port"] = ("names", m => m.Services.Single(s => s.Name() == "chat").Spec.Ports.Add(new V1ServicePort { Name = "management", Port = 8081, TargetPort = "8081" })),
        ["other namespace"] = ("names", m => m.Policy("default-deny").Metadata.NamespaceProperty = "default"),
        ["Service of nothing"] = ("names", m => m.Services.Single(s => s.Name() == "redis").Spec.Selector["app"] = "rediss"),
        ["no disk"] = ("stores", m => m.StatefulSets.Single(s => s.Name() == "postgres").Spec.VolumeClaimTemplates = []),
        ["disk that is not mounted"] = ("stores", m => m.StatefulSets.Single(s => s.Name() == "postgres").Spec.VolumeClaimTemplates[0].Metadata.Name = "other"),
        ["disk of root"] = ("stores", m => m.StatefulSets.Single(s => s.Name() == "redis").Spec.Template.Spec.SecurityContext.FsGroup = null),
        ["nodes without names"] = ("stores", m => m.Services.Single(s => s.Name() == "redis-nodes").Spec.ClusterIP = null),
        ["nodes without names before they are ready"] = ("stores", m => m.Services.Single(s => s.Name() == "redis-nodes").Spec.PublishNotReadyAddresses = null),
        ["Service that is not there"] = ("stores", m => m.StatefulSets.Single(s => s.Name() == "redis").Spec.ServiceName = "redis-pods"),
        ["optional password"] = ("stores", m => m.StatefulSets.Single(s => s.Name() == "postgres").Spec.Template.Spec.Containers[0].Env
            .Single(e => e.Name == "POSTGRES_PASSWORD").ValueFrom.SecretKeyRef.Optional = true),
        ["store that is killed"] = ("stores", m => m.StatefulSets.Single(s => s.Name() == "postgres").Spec.Template.Spec.TerminationGracePeriodSeconds = 10),
        ["no default"] = ("network", m => m.Policy("default-deny").Spec.PodSelector.MatchLabels = new Dictionary<string, string> { ["app"] = "chat" }),
        ["everybody reaches dbman"] = ("network", m => m.Policy("dbman").Spec.Ingress[0].FromProperty = null),
        ["other namespaces reach dbman"] = ("network", m => m.Policy("dbman").Spec.Ingress[0].FromProperty[0].NamespaceSelector = new V1LabelSelector()),
        ["realtime reaches PostgreSQL"] = ("network", m =>
        {
            m.Policy("postgres").Spec.Ingress[0].FromProperty[0].PodSelector.MatchLabels = new Dictionary<string, string> { ["tier"] = "service" };
            m.Policy("realtime").Spec.Egress[1].Ports.Add(new V1NetworkPolicyPort { Port = 5432, Protocol = "TCP" });
            m.Policy("realtime").Spec.Egress[1].To = null;
        }
        ),
        ["ingress reaches management"] = ("network", m => m.Policy("chat").Spec.Ingress[0].Ports.Add(new V1NetworkPolicyPort { Port = 8081, Protocol = "TCP" })),
        ["other namespaces scrape"] = ("network", m => m.Policy("telemetry").Spec.Ingress[0].FromProperty[0].NamespaceSelector = new V1LabelSelector()),
        ["no names"] = ("network", m => m.Policy("dns").Spec.Egress = []),
        ["no scraping"] = ("network", m => m.Policy("telemetry").Spec.Ingress = []),
    };

    public static TheoryData<string> Mutations => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(OverlaysAndRules))]
    public void OverlayKeepsTheRule(string overlay, string rule) => Assert.Equal([], Rule.Named(rule).Objections(overlays.Parse(overlay)));

    [Theory]
    [MemberData(nameof(Mutations))]
    public void BrokenManifestMeetsAnObjection(string mutation)
    {
        var (rule, @break) = Breaks[mutation];
        var manifests = overlays.Parse("trial");

        @break(manifests);

        Assert.NotEmpty(Rule.Named(rule).Objections(manifests));
    }

    [Fact]
    public void EveryRuleIsBrokenByAMutation() => Assert.Equal(Rule.All.Select(r => r.Name).Order(), Breaks.Values.Select(b => b.Rule).Distinct().Order());

    [Theory]
    [InlineData("maxReplicas: 20", "maxReplica: 20")]
    [InlineData("terminationGracePeriodSeconds: 35", "terminationGracePeriod: 35")]
    [InlineData("policyTypes:", "policyType:")]
    [InlineData("unhealthyPodEvictionPolicy:", "unhealthyPodsEvictionPolicy:")]
    public void MisspeltFieldIsRefused(string right, string wrong)
    {
        var text = overlays.Text("trial");
        var at = text.IndexOf(right, StringComparison.Ordinal);
        Assert.True(at > 0);

        Assert.ThrowsAny<Exception>(() => Manifests.Parse(string.Concat(text.AsSpan(0, at), wrong, text.AsSpan(at + right.Length))));
    }

    [Fact]
    public void EveryDocumentHasATypedModel() =>
        Assert.All(RenderedOverlays.Names, name => Assert.Equal(DocumentStart().Count(overlays.Text(name)), overlays.Parse(name).Documents.Count));

    private static V1PodSpec Pod(Manifests manifests, string name) => manifests.Deployment(name).Spec.Template.Spec;

    private static V1Container Container(Manifests manifests, string name) => Pod(manifests, name).Containers[0];

    [GeneratedRegex("^kind: ", RegexOptions.Multiline, 1_000)]
    private static partial Regex DocumentStart();
}
