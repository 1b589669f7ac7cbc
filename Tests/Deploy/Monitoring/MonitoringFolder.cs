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

    /// <summary>Alerts by name, with the page that each leads to.</summary>
    public static IReadOnlyDictionary<string, Uri> RunbookPages() => Alert().Matches(File.ReadAllText(Alerts))
        .ToDictionary(static m => m.Groups["name"].Value, static m => new Uri(m.Groups["url"].Value), StringComparer.Ordinal);

    /// <summary>Recorded series by name.</summary>
    public static IReadOnlyDictionary<string, string> Records() => Record().Matches(File.ReadAllText(Recordings))
        .ToDictionary(static m => m.Groups["name"].Value, static m => Unquoted(m.Groups["expr"].Value), StringComparer.Ordinal);

    /// <summary>Every query of rules and dashboards, and where it stands.</summary>
    public static IEnumerable<(string Where, string Query)> Queries()
    {
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

    [GeneratedRegex(@"- alert: (?<name>\w+)\n((?!\s+- )[^\n]*\n)*?\s+runbook_url: (?<url>\S+)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Alert();

    [GeneratedRegex(@"- record: (?<name>\S+)\n\s+expr: '(?<expr>([^']|'')*)'", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Record();

    [GeneratedRegex(@"^\s+expr: '(?<expr>([^']|'')*)'", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Expression();
}
