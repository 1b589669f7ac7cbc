using System.Net;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServiceDefaults.Limits;
using Tests.Infrastructure;

namespace Tests.ServiceDefaults;

public sealed class ConcurrencyLimitTests
{
    private readonly SemaphoreSlim _entered = new(0);
    private readonly SemaphoreSlim _release = new(0);
    private readonly ObservedTime _time = new();

    [Fact]
    public async Task RunsWaitsThenRefuses_WhenRequestsPourIn()
    {
        await using var host = await StartAsync(permits: 2, queue: 1);
        var running = new[] { GetAsync(host), GetAsync(host) };
        await _entered.WaitAsync(TestContext.Current.CancellationToken);
        await _entered.WaitAsync(TestContext.Current.CancellationToken);
        var waiting = GetAsync(host);
        await _time.WaitBegunAsync(new ConcurrencyLimitOptions().QueueTimeout);

        using (var refused = await GetAsync(host))
        {
            await refused.ProblemAsync(503, ProblemTypes.Overloaded);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        }

        var metrics = await host.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Matches("""concurrency_running\{[^}]*limit="work"[^}]*\} 2""", metrics);
        Assert.Matches("""concurrency_waiting\{[^}]*limit="work"[^}]*\} 1""", metrics);
        Assert.Matches("""concurrency_refused_total\{[^}]*limit="work",reason="queue_full"[^}]*\} 1""", metrics);

        _release.Release(3);
        foreach (var response in await Task.WhenAll([.. running, waiting]))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            response.Dispose();
        }
    }

    [Fact]
    public async Task Refuses_WhenTheWaitIsTooLong()
    {
        await using var host = await StartAsync(permits: 1, queue: 10);
        var running = GetAsync(host);
        await _entered.WaitAsync(TestContext.Current.CancellationToken);
        var waiting = GetAsync(host);
        await _time.WaitBegunAsync(new ConcurrencyLimitOptions().QueueTimeout);

        _time.Advance(TimeSpan.FromSeconds(1));
        using (var refused = await waiting)
        {
            await refused.ProblemAsync(503, ProblemTypes.Overloaded);
        }

        _release.Release();
        (await running).Dispose();
    }

    [Fact]
    public async Task KeepsServingWhatIsNotUnderIt_WhenFull()
    {
        await using var host = await StartAsync(permits: 1, queue: 0);
        var running = GetAsync(host);
        await _entered.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("free", await host.Client.GetStringAsync("/free", TestContext.Current.CancellationToken));
        Assert.Contains("healthy", await host.Client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
        _release.Release();
        (await running).Dispose();
    }

    [Fact]
    public async Task GivesThePlaceBack_WhenARequestFails()
    {
        await using var host = await ServiceHost.StartAsync(
            builder => builder.AddConcurrencyLimit("work"),
            app => app.MapGet("/", string () => throw new InvalidOperationException("bug")).RequireConcurrencyLimit("work"),
            settings: new() { ["Concurrency:work:Permits"] = "1", ["Concurrency:work:Queue"] = "0" });
        for (var i = 0; i < 3; i++)
        {
            using var response = await GetAsync(host);
            await response.ProblemAsync(500, ProblemTypes.InternalError);
        }
    }

    [Fact]
    public async Task EndsTheStart_WhenItsOptionsAreOutOfBounds()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(permits: 0, queue: -1));

        Assert.Contains("Concurrency:work:Permits", exception.Message);
        Assert.Contains("Concurrency:work:Queue", exception.Message);
    }

    private static Task<HttpResponseMessage> GetAsync(ServiceHost host) => host.Client.GetAsync("/", TestContext.Current.CancellationToken);

    private Task<ServiceHost> StartAsync(int permits, int queue) => ServiceHost.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_time);
            builder.AddConcurrencyLimit("work");
        },
        app =>
        {
            app.MapGet("/free", () => "free");
            app.MapGet("/", async (CancellationToken cancellationToken) =>
            {
                _entered.Release();
                await _release.WaitAsync(cancellationToken);
                return "done";
            }).RequireConcurrencyLimit("work");
        },
        settings: new() { ["Concurrency:work:Permits"] = $"{permits}", ["Concurrency:work:Queue"] = $"{queue}" });
}
