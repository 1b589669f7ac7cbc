using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Drain;

namespace Tests.ServiceDefaults;

public sealed class DrainTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task IsNotReadyButServes_FromSigtermUntilTheDelayIsOver()
    {
        await using var host = await StartAsync();
        var state = host.Get<DrainState>();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/health/ready"));

        // As SIGTERM does; the caller that runs the host then stops it.
        host.App.Lifetime.StopApplication();
        Assert.True(state.IsDraining);
        var stopping = host.App.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(host, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/health/live"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/"));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/"));
        Assert.False(state.IsStopping);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(state.IsStopping);
        await Assert.ThrowsAsync<HttpRequestException>(() => host.Client.GetAsync("/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task FinishesRunningRequests_BeforeTheServerStops()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await StartAsync(map: app => app.MapGet("/slow", async () =>
        {
            entered.SetResult();
            await release.Task;
            return "done";
        }));
        var request = host.Client.GetStringAsync("/slow", TestContext.Current.CancellationToken);
        await entered.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        var stopping = host.App.StopAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Fires(host.Get<DrainState>().Stopping);
        release.SetResult();

        Assert.Equal("done", await request.WaitAsync(Patience, TestContext.Current.CancellationToken));
        await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AsksEveryParticipant_AfterTheDelayAndWhileTheServerStillServes()
    {
        var first = new Participant();
        var second = new Participant { Failure = new InvalidOperationException("cannot say goodbye") };
        await using var host = await StartAsync(builder =>
        {
            builder.Services.AddSingleton<IDrainParticipant>(first);
            builder.Services.AddSingleton<IDrainParticipant>(second);
        });

        var stopping = host.App.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(first.Asked.Task.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        await first.Asked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await second.Asked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/"));

        second.Done.SetResult();
        first.Done.SetResult();
        await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Contains(host.Logs.Errors, error => error.Contains("cannot say goodbye", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DoesNotWait_InDevelopment()
    {
        await using var host = await StartAsync(environment: "Development");

        await host.App.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task GivesTheHostTimeEnough_ForDelayAndTimeoutTogether()
    {
        await using var host = await StartAsync(settings: new() { ["Drain:Delay"] = "00:00:07", ["Drain:Timeout"] = "00:01:00" });

        Assert.True(host.Get<IOptions<HostOptions>>().Value.ShutdownTimeout >= TimeSpan.FromSeconds(67));
        var stopping = host.App.StopAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(7));
        await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static async Task<HttpStatusCode> StatusAsync(ServiceHost host, string path)
    {
        using var response = await host.Client.GetAsync(path, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task Fires(CancellationToken token)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(fired.SetResult);
        await fired.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private Task<ServiceHost> StartAsync(
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        string environment = "Production",
        Dictionary<string, string?>? settings = null) =>
        ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(_time);
                build?.Invoke(builder);
            },
            app =>
            {
                app.MapGet("/", () => "served");
                map?.Invoke(app);
            },
            environment,
            settings ?? (environment == "Development" ? new() { ["Drain:Delay"] = null } : new() { ["Drain:Delay"] = "00:00:05" }));

    private sealed class Participant : IDrainParticipant
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception? Failure { get; init; }

        public async Task DrainAsync(CancellationToken cancellationToken)
        {
            Asked.SetResult();
            await Done.Task;
            if (Failure is not null)
            {
                throw Failure;
            }
        }
    }
}
