using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tests.Deploy.Monitoring;

/// <summary>
/// Dashboards that Grafana can import: panels that fit its grid, queries that parse, one data source that the reader chooses.
/// <see cref="QueryTests"/> checks what they query.
/// </summary>
public sealed partial class DashboardTests
{
    /// <summary>Of Grafana's grid.</summary>
    private const int Columns = 24;

    public static TheoryData<string> Names => [.. MonitoringFolder.Dashboards.Select(static path => Path.GetFileNameWithoutExtension(path))];

    [Theory]
    [MemberData(nameof(Names))]
    public void PanelsAreWhole(string name)
    {
        using var dashboard = Read(name);
        var root = dashboard.RootElement;
        Assert.Equal("chat-" + name, root.GetProperty("uid").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("id").ValueKind);
        Assert.Equal(["datasource", "namespace"], root.GetProperty("templating").GetProperty("list").EnumerateArray().Select(static v => v.GetProperty("name").GetString()));

        var panels = root.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(static p => p.GetProperty("id").GetInt32()).Distinct().Count());
        var taken = new HashSet<(int, int)>();
        foreach (var panel in panels)
        {
            var title = panel.GetProperty("title").GetString();
            Assert.False(string.IsNullOrEmpty(title));
            var (x, y, w, h) = (Grid(panel, "x"), Grid(panel, "y"), Grid(panel, "w"), Grid(panel, "h"));
            Assert.True(x + w <= Columns, title);
            Assert.All(from column in Enumerable.Range(x, w) from row in Enumerable.Range(y, h) select (column, row), cell => Assert.True(taken.Add(cell), $"{title} lies on another panel."));
            if (panel.GetProperty("type").GetString() == "row")
            {
                continue;
            }

            Assert.False(string.IsNullOrEmpty(panel.GetProperty("description").GetString()), title);
            Assert.False(string.IsNullOrEmpty(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()), title);
            Assert.NotEmpty(panel.GetProperty("targets").EnumerateArray());
            Assert.Distinct(panel.GetProperty("targets").EnumerateArray().Select(static t => t.GetProperty("refId").GetString()));
        }

        Assert.All(MonitoringFolder.Strings(root, "uid").Where(uid => uid != "chat-" + name), static uid => Assert.Equal("${datasource}", uid));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryQueryIsOfTheNamespaceThatIsChosen(string name)
    {
        using var dashboard = Read(name);
        foreach (var query in MonitoringFolder.Strings(dashboard.RootElement, "expr"))
        {
            Assert.All(PromQl.Parse(query).Selectors, selector => Assert.Contains(("namespace", "=~", "$namespace"), selector.Matchers));
        }
    }

    [Fact]
    public async Task QueriesAreValid()
    {
        var folder = Directory.CreateTempSubdirectory("queries-");
        var rules = Path.Combine(folder.FullName, "queries.yaml");
        var queries = MonitoringFolder.Dashboards.SelectMany(path =>
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(path));
            return MonitoringFolder.Strings(dashboard.RootElement, "expr").ToList();
        }).Concat(MonitoringFolder.AdapterQueries()).Select(static query => Variable().Replace(query, "5m")).ToList();
        Assert.True(queries.Count > 80);
        await File.WriteAllLinesAsync(
            rules,
            [
                "groups:", "  - name: dashboards", "    rules:",
                .. queries.SelectMany(static (query, at) => (string[])[$"      - record: query:{at}", $"        expr: '{query.Replace("'", "''", StringComparison.Ordinal)}'"]),
            ],
            TestContext.Current.CancellationToken);

        var (code, output) = await Promtool.RunAsync(folder.FullName, "check", "rules", rules);
        folder.Delete(recursive: true);
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task KustomizationBringsEveryDashboardAndRule()
    {
        Assert.SkipWhen(RenderedOverlays.Kubectl is null && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), "kubectl is not installed (Debian: kubernetes-client).");
        var rendered = await RenderedOverlays.RunAsync(RenderedOverlays.Kubectl!, "kustomize", MonitoringFolder.Root);
        var wanted = MonitoringFolder.Dashboards.Append(MonitoringFolder.Alerts).Append(MonitoringFolder.Recordings).Select(Path.GetFileName);

        Assert.Equal(3, MonitoringFolder.Dashboards.Count());
        Assert.All(wanted, file => Assert.Contains($"\n  {file}: ", rendered, StringComparison.Ordinal));
        Assert.Contains("kind: PodMonitor", rendered, StringComparison.Ordinal);
    }

    private static JsonDocument Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(MonitoringFolder.Root, "dashboards", name + ".json")));

    private static int Grid(JsonElement panel, string side) => panel.GetProperty("gridPos").GetProperty(side).GetInt32();

    [GeneratedRegex(@"\$__rate_interval", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Variable();
}
