using System.Net;
using System.Net.Http.Json;
using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Replicas;
using Contracts.Results;
using Layouts.Console.Overview;
using Layouts.Figures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Realtime.Counting;
using StackExchange.Redis;
using Tests.Infrastructure;
using Tests.Layouts.Autopilot;
using Condition = Layouts.Console.Overview.Condition;

namespace Tests.Layouts.Console.Overview;

/// <summary>One verdict for all pages, from what dbman answers.</summary>
public sealed class OverviewPageCacheTests(DataServers servers) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(Counted.Start);
    private readonly Gateway _gateway = new();
    private HttpClient _http = null!;
    private FigureFeed _feed = null!;
    private IConnectionMultiplexer _redis = null!;
    private OverviewPageCache _cache = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _http = new HttpClient(_gateway) { BaseAddress = new Uri("http://dbman") };
        _redis = await ConnectionMultiplexer.ConnectAsync(await servers.GetRedisConnectionStringAsync(Token));
        var dbman = new DbmanClient(_http);
        _feed = new FigureFeed(dbman, Options.Create(new FiguresOptions()), Options.Create(new CountingOptions()), _time, NullLogger<FigureFeed>.Instance);
        _cache = new OverviewPageCache(_feed, dbman, _redis);
    }

    public async ValueTask DisposeAsync()
    {
        _cache.Dispose();
        _feed.Dispose();
        _http.Dispose();
        _gateway.Dispose();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task DbmanIsAskedOncePerReading_HoweverManyLook()
    {
        await LookAsync(0);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _cache.ReadAsync(Reported.Layouts(), Token)));
        Assert.Equal(1, _gateway.Asked);
        _time.Advance(TimeSpan.FromSeconds(2));
        await LookAsync(2);
        Assert.Equal(1, _gateway.Asked);
        _time.Advance(TimeSpan.FromSeconds(3));
        await LookAsync(5);
        Assert.Equal(2, _gateway.Asked);
    }

    [Fact]
    public async Task JudgementIsOverTheLastMinute_AndStartsOverAfterAPause()
    {
        Assert.Equal(Condition.Reading, (await LookAsync(0)).Verdict);
        for (var second = 5; second <= 90; second += 5)
        {
            _time.Advance(TimeSpan.FromSeconds(5));

            // All that fails does so within the first half minute.
            var view = await LookAsync(second, failed: 1_000 * Math.Min(second, 30));
            Assert.Equal(second < 90 ? Condition.Unwell : Condition.Well, view.Verdict);
            Assert.Equal($"in the last {Math.Min(second, 60)} s", view.Span);
        }

        Assert.NotEqual("", _cache.Current.Dbman.Single(static tile => tile.Name == "failed").Line);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(Condition.Reading, (await LookAsync(390)).Verdict);
    }

    [Fact]
    public async Task OutageIsTheVerdict_AndIsOverWithTheNextLook()
    {
        await LookAsync(0);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Condition.Well, (await LookAsync(5)).Verdict);
        foreach (var path in (string[])[DbmanRoutes.Replicas, DbmanRoutes.LayoutNodes])
        {
            _gateway.Away = path;
            _time.Advance(TimeSpan.FromSeconds(5));
            var away = await LookAsync(10);
            Assert.Equal((Condition.Unwell, true, Counted.Start.AddSeconds(5)), (away.Verdict, away.IsOld, away.At!.Value));
            Assert.Contains("PostgreSQL cannot be used", Assert.Single(away.Reasons).Text, StringComparison.Ordinal);
            Assert.NotEmpty(away.Replicas);
        }

        _gateway.Away = null;
        var back = await LookAsync(15);
        Assert.Equal((Condition.Well, false), (back.Verdict, back.IsOld));
    }

    [Fact]
    public async Task VersionWithoutFiguresIsNoError_AndDoesNotWipeOutWhatAnotherSaid()
    {
        _gateway.IsOld = true;
        await LookAsync(0);
        _time.Advance(TimeSpan.FromSeconds(5));
        var view = await LookAsync(5);
        Assert.Equal(Condition.Well, view.Verdict);
        Assert.NotNull(view.DbmanNote);

        // In the middle of an update old and new ones answer in turn.
        for (var second = 10; second <= 40; second += 5)
        {
            _gateway.IsOld = second % 10 == 5;
            _time.Advance(TimeSpan.FromSeconds(5));
            view = await LookAsync(second);
            Assert.Equal((1, null), (view.Replicas.Count, view.DbmanNote));
        }

        // The update was rolled back.
        _gateway.IsOld = true;
        for (var second = 45; second <= 70; second += 5)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            view = await LookAsync(second);
        }

        Assert.Empty(view.Replicas);
        Assert.NotNull(view.DbmanNote);
    }

    private Task<OverviewView> LookAsync(double second, long failed = 0)
    {
        (_gateway.Second, _gateway.Failed) = (second, failed);
        return _cache.ReadAsync(Reported.Layouts(), Token);
    }

    /// <summary>dbman, with one replica and one node that have been up for long.</summary>
    private sealed class Gateway : HttpMessageHandler
    {
        private int _asked;

        /// <summary>How often for replicas.</summary>
        public int Asked => Volatile.Read(ref _asked);

        public double Second { get; set; }

        public long Failed { get; set; }

        /// <summary>A path for which PostgreSQL is away.</summary>
        public string? Away { get; set; }

        /// <summary>It knows no such route.</summary>
        public bool IsOld { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            if (path == Away)
            {
                return Task.FromResult(Problem(new ServiceProblem(503, ProblemTypes.DatabaseUnavailable, "Away", "The database cannot be reached.")));
            }

            if (path == DbmanRoutes.LayoutNodes)
            {
                var nodes = new NodesResponse(1, [Counted.View(Counted.Node(uptime: 1_000 + Second))]);
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(nodes, ContractsJsonContext.Default.NodesResponse) });
            }

            Assert.Equal(DbmanRoutes.Replicas, path);
            Interlocked.Increment(ref _asked);
            var replicas = new ReplicasResponse([Reported.Replica(uptime: 1_000 + Second, fast: 100_000 + (long)(Second * 1_000), failed: Failed)]);
            return Task.FromResult(IsOld
                ? Problem(new ServiceProblem(404, ProblemTypes.NotFound, "Not found"))
                : new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(replicas, ContractsJsonContext.Default.ReplicasResponse) });
        }

        private static HttpResponseMessage Problem(ServiceProblem problem) => new((HttpStatusCode)problem.Status)
        {
            Content = JsonContent.Create(problem, ContractsJsonContext.Default.ServiceProblem, new("application/problem+json")),
        };
    }
}
