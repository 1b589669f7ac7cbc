using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tests.Deploy.Monitoring;

/// <summary>What deploy/monitoring asks Prometheus for.</summary>
internal static partial class MonitoringFolder
{
    public static string Root => Path.Combine(DeployFolder.Root, "monitoring");

    public static string Alerts => Path.Combine(Root, "alerts.rules.yaml");

    public static string Recordings => Path.Combine(Root, "recording.rules.yaml");

    public static string Cases => Path.Combine(Root, "alerts.test.yaml");

    public static IEnumerable<string> Dashboards =>
        Directory.Exists(Path.Combine(Root, "dashboards")) ? Directory.EnumerateFiles(Path.Combine(Root, "dashboards"), "*.json").Order(StringComparer.Ordinal) : [];

    /// <summary>What prometheus-adapter makes for the autoscalers.</summary>
    public static string AdapterRules => Path.Combine(DeployFolder.Root, "components", "custom-metrics", "rules.yaml");

    /// <summary>Alerts by name, with where the runbook is, and the page of it that each leads to.</summary>
    public static IReadOnlyDictionary<string, (string Runbook, string Page)> RunbookPages() => Alert().Matches(File.ReadAllText(Alerts))
        .ToDictionary(static m => m.Groups["name"].Value, static m => (m.Groups["runbook"].Value, m.Groups["page"].Value), StringComparer.Ordinal);

    /// <summary>Recorded series by name.</summary>
    public static IReadOnlyDictionary<string, string> Records() => Record().Matches(File.ReadAllText(Recordings))
        .ToDictionary(static m => m.Groups["name"].Value, static m => Unquoted(m.Groups["expr"].Value), StringComparer.Ordinal);

    /// <summary>The adapter's queries as it asks them for the pods of a namespace.</summary>
    public static IEnumerable<string> AdapterQueries() => AdapterRule().Matches(File.ReadAllText(AdapterRules)).SelectMany(static rule => (string[])
    [
        rule.Groups["series"].Value,
        rule.Groups["query"].Value
            .Replace("<<.Series>>", SeriesName().Match(rule.Groups["series"].Value).Value, StringComparison.Ordinal)
            .Replace("<<.LabelMatchers>>", @"namespace=""chat"",pod=~""a|b""", StringComparison.Ordinal)
            .Replace("<<.GroupBy>>", "pod", StringComparison.Ordinal),
    ]);

    /// <summary>Every query of rules and dashboards, and where it is.</summary>
    public static IEnumerable<(string Where, string Query)> Queries()
    {
        foreach (var query in AdapterQueries())
        {
            yield return (Path.GetFileName(AdapterRules), query);
        }

        foreach (var file in (string[])[Alerts, Recordings])
        {
            foreach (Match match in Expression().Matches(File.ReadAllText(file)))
            {
                yield return (Path.GetFileName(file), Unquoted(match.Groups["expr"].Value));
            }
        }

        foreach (var file in Dashboards)
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var query in Strings(dashboard.RootElement, "expr"))
            {
                yield return (Path.GetFileName(file), query);
            }
        }
    }

    /// <summary>Values of every property of that name, at any depth.</summary>
    public static IEnumerable<string> Strings(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.Name == name && p.Value.ValueKind == JsonValueKind.String
            ? [p.Value.GetString()!]
            : Strings(p.Value, name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Strings(item, name)),
        _ => [],
    };

    private static string Unquoted(string yaml) => yaml.Replace("''", "'", StringComparison.Ordinal);

    [GeneratedRegex(@"- alert: (?<name>\w+)\n((?!\s+- )[^\n]*\n)*?\s+runbook_url: '(?<runbook>[^'#]*)#(?<page>[^']+)'", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Alert();

    [GeneratedRegex(@"- seriesQuery: '(?<series>[^']+)'\n((?!\s+- )[^\n]*\n)*?\s+metricsQuery: '(?<query>[^']+)'", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex AdapterRule();

    [GeneratedRegex(@"^\w+", RegexOptions.None, 1_000)]
    private static partial Regex SeriesName();

    [GeneratedRegex(@"- record: (?<name>\S+)\n\s+expr: '(?<expr>([^']|'')*)'", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Record();

    [GeneratedRegex(@"^\s+expr: '(?<expr>([^']|'')*)'", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Expression();
}
