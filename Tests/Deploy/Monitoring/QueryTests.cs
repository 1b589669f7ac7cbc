using System.Text.RegularExpressions;

namespace Tests.Deploy.Monitoring;

/// <summary>
/// Rules and dashboards ask for series, labels and values that the services really export: an alert on an unknown name never fires.
/// </summary>
public sealed class QueryTests(ScrapedServices scraped) : IClassFixture<ScrapedServices>
{
    /// <summary>What Prometheus itself adds to a scrape, and the service monitor.</summary>
    private static readonly string[] Target = ["namespace", "pod", "app", "job", "instance"];

    [Fact]
    public void EveryMetricLabelAndValueIsExported()
    {
        var queries = MonitoringFolder.Queries().ToList();

        Assert.True(queries.Count > 150);
        Assert.Equal(2 * 5, MonitoringFolder.AdapterQueries().Count());
        var faults = queries.SelectMany(q => Faults(q.Query).Select(fault => $"{q.Where}: {fault} in {q.Query}")).ToList();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("rate(dbman_timeout_total[5m])")]
    [InlineData("sum by (pod) (realtime_socket{namespace=\"chat\"})")]
    [InlineData("sum by (shart) (rate(realtime_publish_duration_seconds_count[5m]))")]
    [InlineData("realtime_publish_duration_seconds_count{outcome=\"failure\"}")]
    [InlineData("realtime_publish_duration_seconds_count{results=\"failed\"}")]
    [InlineData("http_server_request_duration_seconds_bucket{le=\"0.3\"}")]
    [InlineData("http_server_request_duration_seconds_count{app=\"chat\",http_route=\"/v1/rooms/{id}/messages\"}")]
    [InlineData("chat_relay_depth{app=\"dbman\"}")]
    [InlineData("slo:post_errors:ratio2m")]
    [InlineData("slo:post_errors:ratio1h{layout=\"sharded\"}")]
    public void WrongNameIsNoticed(string query) => Assert.NotEmpty(Faults(query));

    private IEnumerable<string> Faults(string text)
    {
        var records = MonitoringFolder.Records();
        var query = PromQl.Parse(text);
        var labels = new HashSet<string>(Target, StringComparer.Ordinal);
        foreach (var selector in query.Selectors)
        {
            if (selector.Metric is "up" or "ALERTS")
            {
                continue;
            }

            if (records.TryGetValue(selector.Metric, out var record))
            {
                // A recorded series has the labels that its rule keeps.
                var kept = PromQl.Parse(record).Labels;
                labels.UnionWith(kept);
                foreach (var (label, _, _) in selector.Matchers.Where(m => !kept.Contains(m.Label, StringComparer.Ordinal)))
                {
                    yield return $"{selector.Metric} has no label {label}";
                }

                continue;
            }

            var series = Candidates(selector).Where(s => s.Metric == selector.Metric).ToList();
            labels.UnionWith(series.SelectMany(static s => s.Labels.Keys));
            if (series.Count == 0)
            {
                yield return $"{selector.Metric} is not exported";
            }

            foreach (var (label, op, value) in selector.Matchers.Where(m => !Target.Contains(m.Label) && !m.Value.StartsWith('$')))
            {
                if (!series.Any(s => s.Labels.TryGetValue(label, out var exported) && (op is "!=" or "!~" || Matches(op, value, exported))))
                {
                    yield return $"{selector.Metric} has no {label}{op}{value}";
                }
            }
        }

        foreach (var label in query.Labels.Where(l => !labels.Contains(l)))
        {
            yield return $"nothing has the label {label}";
        }
    }

    /// <summary>Series of the services that the selector's app means.</summary>
    private IEnumerable<Series> Candidates(Selector selector)
    {
        var app = selector.Matchers.FirstOrDefault(static m => m.Label == "app" && m.Operator is "=" or "=~");
        return scraped.Services.Where(s => app.Value is null || app.Value.StartsWith('$') || Matches(app.Operator, app.Value, s.Key)).SelectMany(static s => s.Value);
    }

    private static bool Matches(string op, string value, string exported) =>
        op == "=" ? value == exported : Regex.IsMatch(exported, $"^(?:{value})$", RegexOptions.None, TimeSpan.FromSeconds(1));
}
