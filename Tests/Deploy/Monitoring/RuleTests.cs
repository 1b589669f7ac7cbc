using System.Text.Json;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;

namespace Tests.Deploy.Monitoring;

/// <summary>Alerts fire on their symptom, stay silent without it, and lead to a page that is there.</summary>
public sealed partial class RuleTests(RenderedOverlays overlays) : IClassFixture<RenderedOverlays>
{
    [Fact]
    public async Task RulesAreValid()
    {
        var (code, output) = await Promtool.RunAsync(MonitoringFolder.Root, "check", "rules", MonitoringFolder.Alerts, MonitoringFolder.Recordings);
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task AlertsFireOnTheirSymptom_AndOnlyThen()
    {
        var (code, output) = await Promtool.RunAsync(MonitoringFolder.Root, "test", "rules", MonitoringFolder.Cases);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void EveryAlertIsSeenFiringAndSilent()
    {
        var alerts = MonitoringFolder.RunbookPages().Keys.Order(StringComparer.Ordinal).ToList();
        var cases = File.ReadAllText(MonitoringFolder.Cases);

        Assert.True(alerts.Count > 25);
        Assert.Equal(NamedAlert().Count(File.ReadAllText(MonitoringFolder.Alerts)), alerts.Count);
        Assert.Equal(alerts, Fires().Matches(cases).Select(static m => m.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(alerts, Silent().Matches(cases).Select(static m => m.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryAlertLeadsToAPageOfTheRunbook()
    {
        var runbook = File.ReadAllLines(Path.Combine(DeployFolder.Root, "..", "docs", "runbook.md"));
        var headings = runbook.Where(static line => line.StartsWith("## ", StringComparison.Ordinal)).Select(Anchor).ToHashSet(StringComparer.Ordinal);

        Assert.All(MonitoringFolder.RunbookPages(), alert =>
        {
            // One label of Prometheus says for all of them where the runbook is served; alerts.test.yaml shows both ways.
            Assert.Equal("""{{ or $externalLabels.runbook "docs/runbook.md" }}""", alert.Value.Runbook);
            Assert.Contains(alert.Value.Page, headings);
        });

        // As GitHub makes it of a heading.
        static string Anchor(string heading) => NotInAnchors().Replace(heading[3..].ToLowerInvariant(), "").Replace(' ', '-');
    }

    [Fact]
    public async Task OperatorIsGivenEveryRule()
    {
        var text = await RenderedOverlays.RunAsync("bash", Path.Combine(MonitoringFolder.Root, "prometheusrule.sh"));
        var rule = KubernetesYaml.Deserialize<PrometheusRule>(text);
        var expected = new[] { MonitoringFolder.Recordings, MonitoringFolder.Alerts }
            .SelectMany(static path => KubernetesYaml.Deserialize<RuleFile>(File.ReadAllText(path)).Groups).ToList();

        Assert.Equal(("monitoring.coreos.com/v1", "PrometheusRule", "monitoring"), (rule.ApiVersion, rule.Kind, rule.Metadata.NamespaceProperty));
        Assert.True(expected.Count > 5);
        Assert.Distinct(expected.Select(static g => g.Name));
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(rule.Spec.Groups));
    }

    [Fact]
    public void PodMonitorFindsEveryServiceAndNoStore()
    {
        var monitor = File.ReadAllText(Path.Combine(MonitoringFolder.Root, "podmonitor.yaml"));
        var wanted = Label().Matches(monitor[..monitor.IndexOf("podTargetLabels:", StringComparison.Ordinal)]).ToDictionary(static m => m.Groups["name"].Value, static m => m.Groups["value"].Value, StringComparer.Ordinal);
        var found = overlays.Parse("trial").Workloads.Where(s => wanted.All(w => s.Pod.Metadata.Labels.TryGetValue(w.Key, out var value) && value == w.Value)).ToList();

        Assert.Equal(2, wanted.Count);
        Assert.Equal(["chat", "dbman", "fileman", "realtime", "session"], found.Select(static s => s.Name).Order(StringComparer.Ordinal));
        Assert.All(found, s =>
        {
            Assert.Contains(s.Pod.Spec.Containers[0].Ports, static p => p.Name == "management");
            Assert.Equal(s.Name, s.Pod.Metadata.Labels["app"]);
        });
        Assert.Contains("port: management", monitor, StringComparison.Ordinal);
    }

    private sealed class PrometheusRule
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public V1ObjectMeta Metadata { get; set; } = new();

        public RuleFile Spec { get; set; } = new();
    }

    private sealed class RuleFile
    {
        public List<RuleGroup> Groups { get; set; } = [];
    }

    private sealed class RuleGroup
    {
        public string Name { get; set; } = "";

        public List<Dictionary<string, object>> Rules { get; set; } = [];
    }

    [GeneratedRegex(@"count\(ALERTS\{alertname=""(?<name>\w+)"",alertstate=""firing""\}\)\n[^\n]*\n\s+exp_samples: \[\{", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Fires();

    [GeneratedRegex(@"expr: ALERTS\{alertname=""(?<name>\w+)""\}\n[^\n]*\n\s+exp_samples: \[\]", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Silent();

    [GeneratedRegex(@"- alert: ", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex NamedAlert();

    [GeneratedRegex(@"[^a-z0-9 _-]", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"^      (?<name>[\w./-]+): (?<value>\w+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Label();
}
