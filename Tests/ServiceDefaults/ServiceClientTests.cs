using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Contracts;
using Contracts.Dbman;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using Polly.Timeout;
using ServiceDefaults.Http;
using Tests.Infrastructure;

namespace Tests.ServiceDefaults;

public sealed class ServiceClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("GET", false, 503, 3)]
    [InlineData("HEAD", false, 503, 3)]
    [InlineData("GET", false, 502, 3)]
    [InlineData("GET", false, 429, 3)]
    [InlineData("GET", false, 500, 1)]
    [InlineData("GET", false, 404, 1)]
    [InlineData("POST", false, 503, 1)]
    [InlineData("PUT", false, 503, 1)]
    [InlineData("DELETE", false, 503, 1)]
    [InlineData("POST", true, 503, 3)]
    [InlineData("POST", true, 500, 1)]
    public async Task RetriesOnlyWhatMayBeRepeated(string method, bool idempotent, int status, int attempts)
    {
        await using var pair = await Pair.StartAsync(_ => Results.Text("no", statusCode: status));
        using var response = await pair.SendAsync(method, idempotent);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(attempts, pair.Calls);
    }

    [Fact]
    public async Task SendsTheSameBodyAgain_WhenAnIdempotentCallIsRetried()
    {
        var bodies = new List<string>();
        await using var pair = await Pair.StartAsync(async context =>
        {
            bodies.Add(await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted));
            return Results.Text("no", statusCode: bodies.Count < 3 ? 503 : 200);
        });
        using var response = await pair.SendAsync("POST", idempotent: true);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["{}", "{}", "{}"], bodies);
    }

    [Fact]
    public async Task GivesUpAtOnce_WhenToldToWaitForLongerThanItMay()
    {
        await using var pair = await Pair.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "60";
            return Results.StatusCode(503);
        });
        using var response = await pair.SendAsync("GET");

        Assert.Equal(TimeSpan.FromSeconds(60), response.Headers.RetryAfter?.Delta);
        Assert.Equal(1, pair.Calls);
    }

    [Fact]
    public async Task WaitsAsLongAsToldTo_WhenThatIsShort()
    {
        var time = new ObservedTime();
        var times = new ConcurrentQueue<DateTimeOffset>();
        await using var pair = await Pair.StartAsync(
            context =>
            {
                times.Enqueue(time.GetUtcNow());
                context.Response.Headers.RetryAfter = "1";
                return Results.StatusCode(times.Count == 1 ? 503 : 200);
            },
            time: time);
        var sending = pair.SendAsync("GET");
        await time.WaitBegunAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(0.999));
        Assert.Single(times);
        time.Advance(TimeSpan.FromSeconds(0.001));

        using var response = await sending;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), times.Last() - times.First());
    }

    [Fact]
    public async Task TimesOutEachAttempt_WhenTheOtherSideHangs()
    {
        var time = new FakeTimeProvider();
        using var arrived = new SemaphoreSlim(0);
        await using var pair = await Pair.StartAsync(
            async context =>
            {
                arrived.Release();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                return Results.Ok();
            },
            new() { ["ServiceClients:AttemptTimeout"] = "00:00:05", ["ServiceClients:other:MaxRetries"] = "1" },
            time);
        var sending = pair.SendAsync("GET");
        Assert.True(await arrived.WaitAsync(Patience, TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(1, pair.Calls);

        // The wait before a retry is random, below some milliseconds: steps too short for the second attempt to end meanwhile.
        await AdvanceUntilAsync(TimeSpan.FromMilliseconds(1), () => arrived.Wait(0, TestContext.Current.CancellationToken), "there is no second attempt");
        Assert.False(sending.IsCompleted);

        await AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => sending.IsCompleted, "the call does not end");
        await Assert.ThrowsAsync<TimeoutRejectedException>(() => sending);
        Assert.Equal(2, pair.Calls);

        Task AdvanceUntilAsync(TimeSpan step, Func<bool> happened, string obstacle) => Eventually.ClearAsync(() =>
        {
            if (happened())
            {
                return null;
            }

            time.Advance(step);
            return obstacle;
        });
    }

    [Fact]
    public async Task TimesOut_WhenTheBodyStallsAfterTheHeaders()
    {
        var time = new FakeTimeProvider();
        using var arrived = new SemaphoreSlim(0);
        await using var pair = await Pair.StartAsync(
            async context =>
            {
                await context.Response.WriteAsync("{", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                arrived.Release();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                return Results.Empty;
            },
            new() { ["ServiceClients:MaxRetries"] = "0" },
            time);
        var sending = pair.SendAsync("GET");

        Assert.True(await arrived.WaitAsync(Patience, TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<TimeoutRejectedException>(() => sending);
    }

    [Fact]
    public async Task RefusesTheBody_WhenItIsLongerThanAllowed()
    {
        await using var pair = await Pair.StartAsync(
            _ => Results.Text(new string('x', 4_000)),
            new() { ["ServiceClients:MaxResponseBytes"] = "1024", ["ServiceClients:MaxRetries"] = "0" });

        await Assert.ThrowsAsync<HttpRequestException>(() => pair.SendAsync("GET"));
    }

    [Fact]
    public async Task SparesTheOtherSide_WhenItKeepsFailing_AndComesBack()
    {
        var broken = true;
        var time = new FakeTimeProvider();
        await using var pair = await Pair.StartAsync(
            _ => Results.StatusCode(broken ? 500 : 200),
            time: time);
        for (var i = 0; i < HttpClientExtensions.BreakerMinimumThroughput; i++)
        {
            (await pair.SendAsync("GET")).Dispose();
        }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => pair.SendAsync("GET"));
        Assert.Equal(HttpClientExtensions.BreakerMinimumThroughput, pair.Calls);

        broken = false;
        time.Advance(HttpClientExtensions.BreakerBreak);
        using var response = await pair.SendAsync("GET");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task KeepsCalling_WhenTheOtherSideShedsLoad()
    {
        await using var pair = await Pair.StartAsync(
            context =>
            {
                context.Response.Headers.RetryAfter = "60";
                return Results.StatusCode(503);
            });
        for (var i = 0; i < HttpClientExtensions.BreakerMinimumThroughput * 2; i++)
        {
            using var response = await pair.SendAsync("GET");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        Assert.Equal(HttpClientExtensions.BreakerMinimumThroughput * 2, pair.Calls);
    }

    [Fact]
    public async Task IsAProblem_WhenNobodyListens()
    {
        await using var host = await ServiceHost.StartAsync(
            builder => builder.AddDbmanClient(),
            settings: new() { ["services:dbman:http:0"] = "http://127.0.0.1:1", ["ServiceClients:RetryDelay"] = "00:00:00.001" });

        var result = await host.Get<DbmanClient>().Directory.GetTenantAsync("acme", TestContext.Current.CancellationToken);

        Assert.Equal(503, result.Problem?.Status);
        Assert.Equal(ProblemTypes.DependencyUnavailable, result.Problem?.Type);
    }

    /// <summary>
    /// A connection that is reset at the moment it is established: the handler then reads its remote end point, and does not wrap that exception.
    /// </summary>
    [Theory]
    [InlineData(2, true)]
    [InlineData(9, false)]
    public async Task TakesAConnectionThatIsResetAsItStands_ForALostDependency(int resets, bool isAnswered)
    {
        var handler = new Resetting(resets);
        await using var host = await ServiceHost.StartAsync(
            builder => builder.AddDbmanClient().ConfigurePrimaryHttpMessageHandler(() => handler),
            settings: new() { ["services:dbman:http:0"] = "http://127.0.0.1:1", ["ServiceClients:RetryDelay"] = "00:00:00.001" });

        var result = await host.Get<DbmanClient>().Directory.GetTenantAsync("acme", TestContext.Current.CancellationToken);

        Assert.Equal(3, handler.Calls);
        Assert.Equal(isAnswered ? ProblemTypes.NotFound : ProblemTypes.DependencyUnavailable, result.Problem?.Type);
    }

    [Fact]
    public async Task ReachesEveryReplica_WhenDiscoveryNamesSeveral()
    {
        await using var first = await ServiceHost.StartAsync(map: app => app.MapGet("/", () => "first"));
        await using var second = await ServiceHost.StartAsync(map: app => app.MapGet("/", () => "second"));
        await using var caller = await ServiceHost.StartAsync(
            builder => builder.AddOtherClient(),
            settings: new() { ["services:other:http:0"] = first.Address.ToString(), ["services:other:http:1"] = second.Address.ToString() });

        var answers = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await caller.Get<OtherClient>().Http.GetStringAsync("/", TestContext.Current.CancellationToken));
        }

        Assert.Equal(["first", "second"], answers.Order());
    }

    [Fact]
    public async Task TurnsToAnotherReplica_WhenOneIsGone()
    {
        await using var alive = await ServiceHost.StartAsync(map: app => app.MapGet("/", () => "alive"));
        await using var caller = await ServiceHost.StartAsync(
            builder => builder.AddOtherClient(),
            settings: new()
            {
                ["services:other:http:0"] = "http://127.0.0.1:1",
                ["services:other:http:1"] = alive.Address.ToString(),
                ["ServiceClients:RetryDelay"] = "00:00:00.001",
            });

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("alive", await caller.Get<OtherClient>().Http.GetStringAsync("/", TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task RenewsConnections_SoThatNewReplicasGetTraffic()
    {
        await using var host = await ServiceHost.StartAsync(
            builder => builder.AddOtherClient(),
            settings: new() { ["ServiceClients:other:ConnectionLifetime"] = "00:00:07", ["ServiceClients:MaxConnectionsPerServer"] = "9" });
        HttpMessageHandler? handler = host.Get<IHttpMessageHandlerFactory>().CreateHandler("other");
        while (handler is DelegatingHandler outer)
        {
            handler = outer.InnerHandler;
        }

        var sockets = Assert.IsType<SocketsHttpHandler>(handler);
        Assert.Equal(TimeSpan.FromSeconds(7), sockets.PooledConnectionLifetime);
        Assert.Equal(9, sockets.MaxConnectionsPerServer);
        Assert.False(sockets.AllowAutoRedirect);
    }

    [Fact]
    public async Task EndsTheStart_WhenOptionsContradictEachOther()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => ServiceHost.StartAsync(
            builder => builder.AddOtherClient(),
            settings: new() { ["ServiceClients:other:TotalTimeout"] = "00:00:01", ["ServiceClients:other:MaxRetries"] = "9" }));

        Assert.Contains("ServiceClients:other:MaxRetries", exception.ToString());
        Assert.Contains("ServiceClients:other:TotalTimeout: must not be below AttemptTimeout.", exception.ToString());
    }

    /// <summary>Connections that are reset so many times, and then lead to somebody who knows nothing.</summary>
    private sealed class Resetting(int resets) : HttpMessageHandler
    {
        public int Calls { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => ++Calls <= resets
            ? throw new SocketException((int)SocketError.NotConnected)
            : Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound)
            {
                Content = new StringContent($$"""{"type":"{{ProblemTypes.NotFound}}","title":"Not found","status":404}""", Encoding.UTF8, "application/problem+json"),
            });
    }

    /// <summary>A service named "other" that answers as the test says, and a client of it.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly ServiceHost _callee;
        private readonly ServiceHost _caller;
        private readonly int[] _calls;

        private Pair(ServiceHost callee, ServiceHost caller, int[] calls) => (_callee, _caller, _calls) = (callee, caller, calls);

        /// <summary>Short waits, and timeouts that a busy machine does not run into.</summary>
        private static Dictionary<string, string?> Defaults => new()
        {
            ["ServiceClients:AttemptTimeout"] = "00:00:10",
            ["ServiceClients:TotalTimeout"] = "00:01:00",
            ["ServiceClients:RetryDelay"] = "00:00:00.001",
        };

        public int Calls => Volatile.Read(ref _calls[0]);

        public static Task<Pair> StartAsync(Func<HttpContext, IResult> answer, Dictionary<string, string?>? settings = null, TimeProvider? time = null) =>
            StartAsync(context => Task.FromResult(answer(context)), settings, time);

        public static async Task<Pair> StartAsync(
            Func<HttpContext, Task<IResult>> answer, Dictionary<string, string?>? settings = null, TimeProvider? time = null)
        {
            var calls = new int[1];
            var callee = await ServiceHost.StartAsync(map: app => app.Map("/", Task<IResult> (HttpContext context, CancellationToken _) =>
            {
                Interlocked.Increment(ref calls[0]);
                return answer(context);
            }));
            var caller = await ServiceHost.StartAsync(
                builder =>
                {
                    builder.Services.AddSingleton(time ?? TimeProvider.System);
                    builder.AddOtherClient();
                },
                settings: new((settings ?? []).Concat(Defaults).DistinctBy(setting => setting.Key))
                {
                    ["services:other:http:0"] = callee.Address.ToString(),
                });
            return new Pair(callee, caller, calls);
        }

        public async Task<HttpResponseMessage> SendAsync(string method, bool idempotent = false)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/");
            if (method is "POST" or "PUT")
            {
                request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            }

            if (idempotent)
            {
                request.Options.Set(RequestOptions.Idempotent, true);
            }

            return await _caller.Get<OtherClient>().Http.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _caller.DisposeAsync();
            await _callee.DisposeAsync();
        }
    }
}
