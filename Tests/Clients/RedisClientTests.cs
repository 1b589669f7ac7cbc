using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;
using StackExchange.Redis;
using Tests.Infrastructure;

namespace Tests.Clients;

public sealed class RedisClientTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectsAndReportsHealth_WhenTheConnectionStringIsThere()
    {
        using var host = await StartAsync(builder => builder.AddRedisClient("redis"));
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        RedisKey key = $"clients:{Guid.NewGuid():N}";

        await database.StringSetAsync(key, "here", expiry: TimeSpan.FromMinutes(1));
        Assert.Equal("here", await database.StringGetDeleteAsync(key));
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync())["StackExchange.Redis"]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task StartsAndIsUnhealthy_WhenNobodyListens()
    {
        using var host = await ClientHost.StartAsync(
            builder => builder.AddRedisClient("redis"), new() { ["ConnectionStrings:redis"] = "127.0.0.1:1,connectTimeout=200,connectRetry=0" });

        Assert.Equal(HealthStatus.Unhealthy, (await host.HealthAsync())["StackExchange.Redis"]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task IsHealthyAgain_WhenRedisComesBack()
    {
        await using var own = await DataServers.StartOwnAsync(Token);
        var connectionString = await own.GetRedisConnectionStringAsync(Token);
        using var host = await ClientHost.StartAsync(
            builder => builder.AddRedisClient("redis", configureOptions: options =>
            {
                options.AsyncTimeout = 500;
                options.BacklogPolicy = BacklogPolicy.FailFast;
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
                options.ReconnectRetryPolicy = new LinearRetry(100);
            }),
            new() { ["ConnectionStrings:redis"] = connectionString });
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync())["StackExchange.Redis"]);

        await own.StopRedisAsync(Token);
        Assert.Equal(HealthStatus.Unhealthy, (await host.HealthAsync())["StackExchange.Redis"]);

        var restored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IConnectionMultiplexer>().ConnectionRestored += (_, e) =>
        {
            if (e.ConnectionType == ConnectionType.Interactive)
            {
                restored.TrySetResult();
            }
        };
        await own.StartRedisAsync(Token);
        await restored.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync())["StackExchange.Redis"]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ReadsOptionsFromGeneralToSpecial_AndCodeHasTheLastWord()
    {
        using var host = await StartAsync(
            builder => builder.AddRedisClient("redis", configureOptions: options => options.ClientName = "code"),
            new()
            {
                ["Aspire:StackExchange:Redis:ConfigurationOptions:ClientName"] = "general",
                ["Aspire:StackExchange:Redis:ConfigurationOptions:KeepAlive"] = "17",
                ["Aspire:StackExchange:Redis:redis:ConfigurationOptions:ClientName"] = "special",
                ["Aspire:StackExchange:Redis:redis:ConfigurationOptions:AsyncTimeout"] = "1234",
                ["Aspire:StackExchange:Redis:redis:DisableHealthChecks"] = "true",
                ["Aspire:StackExchange:Redis:redis:DisableTracing"] = "true",
            });
        var options = ConfigurationOptions.Parse(host.Services.GetRequiredService<IConnectionMultiplexer>().Configuration);

        Assert.Equal("code", options.ClientName);
        Assert.Equal(17, options.KeepAlive);
        Assert.Equal(1234, options.AsyncTimeout);
        Assert.Null(host.Services.GetService<HealthCheckService>());
        Assert.Null(host.Services.GetService<TracerProvider>());
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task NamesTheKeyToSet_WhenThereIsNoConnectionString()
    {
        using var host = await ClientHost.StartAsync(builder => builder.AddRedisClient("redis"), []);

        var exception = Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IConnectionMultiplexer>);
        Assert.Contains("ConnectionStrings:redis", exception.Message);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task KeepsConnectionsApart_WhenTheyAreKeyed()
    {
        var connectionString = await servers.GetRedisConnectionStringAsync(Token);
        using var host = await ClientHost.StartAsync(
            builder =>
            {
                Assert.Equal("one", builder.AddKeyedRedisClientBuilder("one").ServiceKey);
                builder.AddKeyedRedisClient("two", settings => settings.DisableAutoActivation = false, options => options.ClientName = "second");
            },
            new() { ["ConnectionStrings:one"] = connectionString, ["ConnectionStrings:two"] = connectionString });

        Assert.NotEqual("second", host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("one").ClientName);
        Assert.Equal("second", host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("two").ClientName);
        Assert.Equal(["StackExchange.Redis_one", "StackExchange.Redis_two"], (await host.HealthAsync()).Keys.Order());
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task WritesASpanPerCommand_UnderTheSpanThatSentIt()
    {
        using var host = await StartAsync(builder => builder.AddRedisClient("redis"));
        using var spans = new SpanRecorder("OpenTelemetry.Instrumentation.StackExchangeRedis");
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        RedisKey key = $"clients:{Guid.NewGuid():N}";
        await database.StringSetAsync(key, "1", expiry: TimeSpan.FromMinutes(1));
        await database.KeyDeleteAsync(key);
        spans.Parent.Stop();

        // Spans are written in bulk; leaving writes what is left.
        await host.StopAsync(Token);
        host.Dispose();

        var commands = spans.Children.ToDictionary(span => span.DisplayName, StringComparer.Ordinal);
        Assert.True(commands.ContainsKey("DEL") || commands.ContainsKey("UNLINK"), string.Join(" ", commands.Keys));
        Assert.All(commands.Values, span => Assert.True(span.Duration > TimeSpan.Zero && span.Duration < TimeSpan.FromSeconds(30)));
        Assert.Equal(2, commands.Count);
    }

    private async Task<IHost> StartAsync(Action<HostApplicationBuilder> build, Dictionary<string, string?>? settings = null) =>
        await ClientHost.StartAsync(
            build, new(settings ?? []) { ["ConnectionStrings:redis"] = await servers.GetRedisConnectionStringAsync(Token) });
}
