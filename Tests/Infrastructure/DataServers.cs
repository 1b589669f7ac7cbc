using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(Tests.Infrastructure.DataServers))]

namespace Tests.Infrastructure;

/// <summary>
/// One PostgreSQL and one Redis for all tests of a run, started by the first test that asks. Take it as a constructor parameter. Tests run side by
/// side on it: each owns a database of its own, and a key prefix of its own in Redis. A test that stops a server starts one of its own
/// (<see cref="StartOwnAsync"/>), because everybody else's would be gone with it.
/// </summary>
public sealed class DataServers : IAsyncDisposable
{
    private const string Postgres = "postgres";
    private const string Redis = "redis";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private readonly Lazy<Task<Started>> _started = new(StartAsync);

    private sealed record Started(DistributedApplication Application, string PostgresConnectionString, string RedisConnectionString);

    /// <summary>Servers that nobody else uses; dispose them.</summary>
    public static async Task<DataServers> StartOwnAsync(CancellationToken cancellationToken)
    {
        var own = new DataServers();
        await own._started.Value.WaitAsync(cancellationToken);
        return own;
    }

    /// <summary>An empty database that is dropped when it is disposed.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var started = await _started.Value.WaitAsync(cancellationToken);
        return await TestDatabase.CreateAsync(started.PostgresConnectionString, cancellationToken);
    }

    /// <summary>The connection string of Redis, in StackExchange.Redis' form.</summary>
    public async Task<string> GetRedisConnectionStringAsync(CancellationToken cancellationToken) =>
        (await _started.Value.WaitAsync(cancellationToken)).RedisConnectionString;

    public Task StopPostgresAsync(CancellationToken cancellationToken) => StopAsync(Postgres, cancellationToken);

    public Task StartPostgresAsync(CancellationToken cancellationToken) => StartAsync(Postgres, cancellationToken);

    public Task StopRedisAsync(CancellationToken cancellationToken) => StopAsync(Redis, cancellationToken);

    public Task StartRedisAsync(CancellationToken cancellationToken) => StartAsync(Redis, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated)
        {
            NpgsqlConnection.ClearAllPools();
            await (await _started.Value).Application.DisposeAsync();
        }
    }

    private static async Task<Started> StartAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit, TimeProvider.System);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Fixtures_EmptyAppHost>(limit.Token);

        // Many tests run at once, each with pools of its own. The volume keeps the data over a stop and a start, which makes a new container.
        var postgres = builder.AddPostgres(Postgres)
            .WithDataVolume($"tests-{Guid.CreateVersion7():N}")
            .WithArgs("-c", "max_connections=300");
        var redis = builder.AddRedis(Redis);
        var application = await builder.BuildAsync(limit.Token);
        try
        {
            await application.StartAsync(limit.Token);
            await application.ResourceNotifications.WaitForResourceHealthyAsync(Postgres, limit.Token);
            await application.ResourceNotifications.WaitForResourceHealthyAsync(Redis, limit.Token);
            return new Started(
                application,
                await postgres.Resource.GetConnectionStringAsync(limit.Token) ?? throw new InvalidOperationException("PostgreSQL has no connection string."),
                await redis.Resource.GetConnectionStringAsync(limit.Token) ?? throw new InvalidOperationException("Redis has no connection string."));
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    private async Task StopAsync(string resource, CancellationToken cancellationToken)
    {
        var application = (await _started.Value).Application;
        await ExecuteAsync(application, resource, "resource-stop", cancellationToken);
        await application.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, cancellationToken);
    }

    private async Task StartAsync(string resource, CancellationToken cancellationToken)
    {
        var application = (await _started.Value).Application;
        await ExecuteAsync(application, resource, "resource-start", cancellationToken);
        await application.ResourceNotifications.WaitForResourceHealthyAsync(
            resource, WaitBehavior.WaitOnResourceUnavailable, cancellationToken);
    }

    private static async Task ExecuteAsync(DistributedApplication application, string resource, string command, CancellationToken cancellationToken)
    {
        var result = await application.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken);
        if (!result.Success)
        {
            throw new InvalidOperationException($"{command} of {resource} failed: {result.Message}");
        }
    }
}
