using Dashboard.Engine;
using Dashboard.Overview;
using Dashboard.Resources;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Dashboard.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Native.Dashboards.Telemetry;

public sealed class OverviewJudgeTests
{
    private static readonly double[] Bounds = [0.01, 0.1, 1];

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly MetricStore _store;

    public OverviewJudgeTests() => _store = new MetricStore(Some.Options(), _time);

    [Fact]
    public void AllIsWell_WhenEverythingRunsAndNothingFails()
    {
        Report(fast: 10, slow: 0, failed: 0);

        var view = Judge(Running("dbman-1"), Running("dbman-2"));

        Assert.Equal(Condition.Good, view.Verdict);
        Assert.Empty(view.Reasons);
        Assert.Equal("2 of 2 well", Assert.Single(view.Resources).Text);
        var http = Assert.Single(view.Http);
        Assert.Equal(10, http.Rate, 0.5);
        Assert.InRange(http.P95!.Value, 0, 0.01);
        Assert.Equal(["Requests, 95th percentile", "Failed (5xx)", "Timed out"], view.Database.Select(t => t.Title));
    }

    [Fact]
    public void ReasonIsNamed_WhenAReplicaIsNotWell()
    {
        var unhealthy = Running("dbman-1");
        unhealthy.Health = "Unhealthy";
        unhealthy.Reports.Add(new HealthReport { Name = "ready", Status = "Unhealthy", Description = "PostgreSQL is away" });

        var view = Judge(unhealthy, Running("dbman-2"));

        Assert.Equal(Condition.Bad, view.Verdict);
        Assert.Equal("dbman-1: Unhealthy (PostgreSQL is away)", Assert.Single(view.Reasons).Text);
        Assert.Equal("/resources?instance=dbman-1", view.Reasons[0].Href);
    }

    [Fact]
    public void FewFailuresAreALook_AndManyAreNotWell()
    {
        Report(fast: 1_000, slow: 0, failed: 1);
        Assert.Equal(Condition.Fair, Judge(Running("dbman-1")).Verdict);

        Report(fast: 1_000, slow: 0, failed: 100);
        var view = Judge(Running("dbman-1"));
        Assert.Equal(Condition.Bad, view.Verdict);
        Assert.Contains("failed (5xx)", view.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void SlowGatewayIsNamed()
    {
        Report(fast: 50, slow: 50, failed: 0);

        var view = Judge(Running("dbman-1"));

        Assert.Equal(Condition.Fair, view.Verdict);
        Assert.Contains("one request in twenty", Assert.Single(view.Reasons).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void SlowConsumersAndFailedPublishesAreNamed_WithTheWorstFirst()
    {
        var realtime = Some.Resource("realtime", "realtime-1");
        for (var i = 0; i <= 30; i++)
        {
            _store.Add(realtime,
            [
                Some.Counter("realtime.messages.delivered", _time.Nanos(), 100 * i),
                Some.Counter("realtime.slow_consumers", _time.Nanos(), i),
                Some.Histogram("realtime.publish.duration", _time.Nanos(), Some.Distribution(Bounds, i, 0, 0, 0), dimensions: [new("kind", "message"), new("outcome", "failed")]),
            ]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var view = Judge(Running("realtime-1", "realtime"));

        Assert.Equal(Condition.Bad, view.Verdict);
        Assert.Contains("did not reach the broker", view.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Contains(view.Reasons, r => r.Text.Contains("read too slowly", StringComparison.Ordinal));
        Assert.Equal("100/s", view.Delivery.Single(t => t.Title == "Deliveries").Figure);
        Assert.Equal("message", Assert.Single(view.Publishing).Kind);
    }

    [Fact]
    public void EngineThatDoesNotAnswerIsNotWell()
    {
        var view = new OverviewJudge(new MetricReader(_store), new OverviewOptions()).Judge(EngineView.Empty, _time.Nanos());

        Assert.Equal(Condition.Bad, view.Verdict);
    }

    private static Instance Running(string id, string resource = "dbman") => new() { Id = id, Resource = resource, State = "Running", Health = "Healthy" };

    private OverviewView Judge(params Instance[] instances) =>
        new OverviewJudge(new MetricReader(_store), new OverviewOptions()).Judge(new EngineView("App", IsConnected: true, [.. instances]), _time.Nanos());

    /// <summary>A minute and more of requests, so many a second.</summary>
    private void Report(int fast, int slow, int failed)
    {
        var dbman = Some.Resource("dbman", $"dbman-{fast}-{failed}");
        for (var i = 0; i <= 70; i++)
        {
            _store.Add(dbman,
            [
                Requests("200", i * fast, i * slow),
                .. failed > 0 ? [Requests("503", i * failed, 0)] : Array.Empty<InstrumentReport>(),
                Some.Histogram("http.server.request.duration", _time.Nanos(), Some.Distribution(Bounds, 0, 0, 0, i * 1_000), dimensions: [new("http.response.status_code", "503"), new("http.route", "/health/ready")]),
            ]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        InstrumentReport Requests(string code, long quick, long late) => Some.Histogram(
            "http.server.request.duration", _time.Nanos(), Some.Distribution(Bounds, quick, 0, late, 0), dimensions: [new("http.response.status_code", code), new("http.route", "/internal/v1/x")]);
    }
}
