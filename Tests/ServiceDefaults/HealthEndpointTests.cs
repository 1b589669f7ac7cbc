using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using ServiceDefaults.Health;

namespace Tests.ServiceDefaults;

public sealed class HealthEndpointTests
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    [InlineData("Development")]
    public async Task AllThreeProbesAnswer_InEveryEnvironment(string environment)
    {
        await using var host = await ServiceHost.StartAsync(environment: environment);

        foreach (var probe in (string[])["live", "ready", "startup"])
        {
            using var response = await host.Client.GetAsync($"/health/{probe}", TestContext.Current.CancellationToken);
            var body = await response.JsonAsync();

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("healthy", body.GetProperty("status").GetString());
            Assert.True(response.Headers.CacheControl?.NoStore);
        }
    }

    [Fact]
    public async Task LiveStays_WhenADependencyFails()
    {
        await using var host = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => HealthCheckResult.Unhealthy("connection refused"), [HealthTags.Ready]));

        using var live = await host.Client.GetAsync("/health/live", TestContext.Current.CancellationToken);
        using var ready = await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        var check = (await ready.JsonAsync()).GetProperty("checks").GetProperty("database");

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("unhealthy", check.GetProperty("status").GetString());
        Assert.Equal("connection refused", check.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task ChecksWithoutTagCountForReadyOnly_WhenALibraryRegisteredThem()
    {
        await using var host = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("untagged", () => HealthCheckResult.Unhealthy("away"))
            .AddCheck("migrations", () => HealthCheckResult.Unhealthy("2 of 3"), [HealthTags.Startup]));

        Assert.Equal(["self"], await ChecksAsync(host, "live"));
        Assert.Equal(["drain", "untagged"], await ChecksAsync(host, "ready"));
        Assert.Equal(["migrations"], await ChecksAsync(host, "startup"));
    }

    [Fact]
    public async Task FailsWithinItsDeadline_WhenACheckHangsAndIgnoresItsToken()
    {
        // Continues inline: the check has ended when its result has been set.
        var hang = new TaskCompletionSource<HealthCheckResult>();
        var runs = 0;
        await using var host = await ServiceHost.StartAsync(
            builder => builder.Services.AddHealthChecks().AddAsyncCheck(
                "hung",
                () =>
                {
                    Interlocked.Increment(ref runs);
                    return hang.Task;
                },
                [HealthTags.Ready]),
            settings: new() { ["Health:CheckTimeout"] = "00:00:00.050" });

        Assert.Equal("no answer within 50 ms", await ReasonAsync(host, "hung"));
        Assert.Equal("the previous check is still running", await ReasonAsync(host, "hung"));
        Assert.Equal(1, runs);

        hang.SetResult(HealthCheckResult.Healthy());
        Assert.Null(await ReasonAsync(host, "hung"));
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task SaysWhy_WhenACheckThrows()
    {
        await using var host = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("broken", () => throw new InvalidOperationException("no such host"), [HealthTags.Ready]));

        Assert.Equal("no such host", await ReasonAsync(host, "broken"));
    }

    [Fact]
    public async Task LogsTheChangeAndNotEveryProbe_WhenACheckFails()
    {
        var status = HealthStatus.Unhealthy;
        await using var host = await ServiceHost.StartAsync(builder =>
        {
            builder.Services.AddFakeLogging();
            builder.Services.AddHealthChecks().AddCheck("database", () => new HealthCheckResult(status, "refused"));
        });
        for (var i = 0; i < 10; i++)
        {
            await ReasonAsync(host, "database");
        }

        status = HealthStatus.Healthy;
        await ReasonAsync(host, "database");
        await ReasonAsync(host, "database");

        Assert.Equal(
            ["Health check database turned Unhealthy: refused", "Health check database is healthy again."],
            host.Get<FakeLogCollector>().GetSnapshot().Select(record => record.Message).Where(message => message.Contains("database", StringComparison.Ordinal)));
    }

    private static async Task<string[]> ChecksAsync(ServiceHost host, string probe)
    {
        using var response = await host.Client.GetAsync($"/health/{probe}", TestContext.Current.CancellationToken);
        return [.. (await response.JsonAsync()).GetProperty("checks").EnumerateObject().Select(check => check.Name)];
    }

    private static async Task<string?> ReasonAsync(ServiceHost host, string check)
    {
        using var response = await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        var body = (await response.JsonAsync()).GetProperty("checks").GetProperty(check);
        return body.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String ? reason.GetString() : null;
    }
}
