using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Tests.Infrastructure;

namespace Tests.Clients;

public sealed class NpgsqlClientTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task QueriesAndReportsHealth_WhenTheConnectionStringIsThere()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        using var host = await ClientHost.StartAsync(
            builder => builder.AddNpgsqlDataSource("db"), new() { ["ConnectionStrings:db"] = database.ConnectionString });

        await using var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT current_database()");
        Assert.Equal(database.Name, await command.ExecuteScalarAsync(Token));
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync())["PostgreSql"]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task IsUnhealthy_WhenNobodyListens()
    {
        using var host = await ClientHost.StartAsync(
            builder => builder.AddNpgsqlDataSource("db"), new() { ["ConnectionStrings:db"] = "Host=127.0.0.1;Port=1;Username=x;Password=y" });

        Assert.Equal(HealthStatus.Unhealthy, (await host.HealthAsync())["PostgreSql"]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ReadsSettingsFromGeneralToSpecial_AndCodeHasTheLastWord()
    {
        string? seen = null;
        using var host = await ClientHost.StartAsync(
            builder => builder.AddNpgsqlDataSource("db", settings =>
            {
                seen = settings.ConnectionString;
                Assert.True(settings.DisableMetrics);
                Assert.True(settings.DisableTracing);
                Assert.False(settings.DisableHealthChecks);
                settings.DisableHealthChecks = true;
                settings.ConnectionString = "Host=code";
            }),
            new()
            {
                ["Aspire:Npgsql:ConnectionString"] = "Host=general",
                ["Aspire:Npgsql:DisableMetrics"] = "true",
                ["Aspire:Npgsql:DisableTracing"] = "false",
                ["Aspire:Npgsql:db:ConnectionString"] = "Host=special",
                ["Aspire:Npgsql:db:DisableTracing"] = "true",
            });

        Assert.Equal("Host=special", seen);
        Assert.Contains("Host=code", host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
        Assert.Null(host.Services.GetService<HealthCheckService>());
        Assert.Null(host.Services.GetService<TracerProvider>());
        Assert.Null(host.Services.GetService<MeterProvider>());
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task NamesTheKeyToSet_WhenThereIsNoConnectionString()
    {
        using var host = await ClientHost.StartAsync(builder => builder.AddNpgsqlDataSource("db"), []);

        var exception = Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<NpgsqlDataSource>);
        Assert.Contains("ConnectionStrings:db", exception.Message);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task KeepsDatabasesApart_WhenTheyAreKeyed()
    {
        await using var first = await servers.CreateDatabaseAsync(Token);
        await using var second = await servers.CreateDatabaseAsync(Token);
        using var host = await ClientHost.StartAsync(
            builder =>
            {
                builder.AddKeyedNpgsqlDataSource("one");
                builder.AddKeyedNpgsqlDataSource("two", configureDataSourceBuilder: source => source.ConnectionStringBuilder.ApplicationName = "second");
            },
            new() { ["ConnectionStrings:one"] = first.ConnectionString, ["ConnectionStrings:two"] = second.ConnectionString });

        await using var one = host.Services.GetRequiredKeyedService<NpgsqlDataSource>("one").CreateCommand("SELECT current_database()");
        await using var two = host.Services.GetRequiredKeyedService<NpgsqlDataSource>("two")
            .CreateCommand("SELECT current_database() || ' ' || current_setting('application_name')");
        Assert.Equal(first.Name, await one.ExecuteScalarAsync(Token));
        Assert.Equal($"{second.Name} second", await two.ExecuteScalarAsync(Token));
        Assert.Equal(["PostgreSql_one", "PostgreSql_two"], (await host.HealthAsync()).Keys.Order());
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task WritesSpansAndMetrics_WhenNotSwitchedOff()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        using var host = await ClientHost.StartAsync(
            builder => builder.AddNpgsqlDataSource("db"), new() { ["ConnectionStrings:db"] = database.ConnectionString });
        Assert.NotNull(host.Services.GetService<MeterProvider>());
        Assert.NotNull(host.Services.GetService<TracerProvider>());
        using var measured = new MeterListener();
        var instruments = new HashSet<string>(StringComparer.Ordinal);
        measured.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == "Npgsql")
            {
                instruments.Add(instrument.Name);
            }
        };
        measured.Start();

        using var spans = new SpanRecorder("Npgsql");
        await using (var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT 1"))
        {
            await command.ExecuteScalarAsync(Token);
        }

        Assert.NotEmpty(spans.Children);
        Assert.Contains("db.client.operation.duration", instruments);
        await host.StopAsync(Token);
    }
}
