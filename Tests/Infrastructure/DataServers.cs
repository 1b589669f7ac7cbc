using Npgsql;
using Tests.Dbman;

[assembly: AssemblyFixture(typeof(Tests.Infrastructure.DataServers))]

namespace Tests.Infrastructure;

/// <summary>
/// One PostgreSQL and one Redis for all tests of a run, started by the first test that asks. Take it as a constructor parameter. Tests run side by
/// side on it: each owns a database of its own, and a key prefix of its own in Redis. A test that stops a server starts one of its own
/// (<see cref="StartOwnAsync"/>), because everybody else's would be gone with it.
/// </summary>
public sealed class DataServers : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private readonly Lazy<Task<TestPostgres>> _postgres = new(static () => StartAsync(TestPostgres.StartAsync));
    private readonly Lazy<Task<TestRedis>> _redis = new(static () => StartAsync(static token => TestRedis.StartAsync(token)));

    private Lazy<Task<string>>? _template;

    public DataServers() => _template = new(() => StartAsync(MakeTemplateAsync));

    /// <summary>Servers that nobody else uses; dispose them.</summary>
    public static async Task<DataServers> StartOwnAsync(CancellationToken cancellationToken)
    {
        // For a database or two a template costs more than it saves.
        var own = new DataServers { _template = null };
        await Task.WhenAll(own._postgres.Value, own._redis.Value).WaitAsync(cancellationToken);
        return own;
    }

    /// <summary>A database with dbman's schema, or without where the servers are a test's own: dbman makes it. It is dropped when it is disposed.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync(CancellationToken cancellationToken) =>
        await CreateAsync(_template is null ? null : await _template.Value.WaitAsync(cancellationToken), cancellationToken);

    /// <summary>An empty database that is dropped when it is disposed.</summary>
    public Task<TestDatabase> CreateEmptyDatabaseAsync(CancellationToken cancellationToken) => CreateAsync(template: null, cancellationToken);

    /// <summary>The connection string of Redis, in StackExchange.Redis' form.</summary>
    public async Task<string> GetRedisConnectionStringAsync(CancellationToken cancellationToken) =>
        (await _redis.Value.WaitAsync(cancellationToken)).ConnectionString;

    public async Task StopPostgresAsync(CancellationToken cancellationToken) => await (await _postgres.Value.WaitAsync(cancellationToken)).StopAsync();

    public async Task StartPostgresAsync(CancellationToken cancellationToken) => await (await _postgres.Value.WaitAsync(cancellationToken)).StartAgainAsync();

    public async Task StopRedisAsync(CancellationToken cancellationToken) => await (await _redis.Value.WaitAsync(cancellationToken)).StopAsync();

    public async Task StartRedisAsync(CancellationToken cancellationToken) => await (await _redis.Value.WaitAsync(cancellationToken)).StartAgainAsync();

    public async ValueTask DisposeAsync()
    {
        if (_redis.IsValueCreated)
        {
            await (await _redis.Value).DisposeAsync();
        }

        if (_postgres.IsValueCreated)
        {
            NpgsqlConnection.ClearAllPools();
            await (await _postgres.Value).DisposeAsync();
        }
    }

    /// <summary>The schema, made by dbman once; running its scripts for every test would cost three times as much as a copy.</summary>
    private async Task<string> MakeTemplateAsync(CancellationToken cancellationToken)
    {
        var template = await CreateEmptyDatabaseAsync(cancellationToken);
        await using (await DbmanApp.StartAsync(template, cancellationToken))
        {
            // It is ready: the schema is there.
        }

        return template.Name;
    }

    private async Task<TestDatabase> CreateAsync(string? template, CancellationToken cancellationToken) =>
        await TestDatabase.CreateAsync((await _postgres.Value.WaitAsync(cancellationToken)).ConnectionString, template, cancellationToken);

    /// <summary>The first caller's cancellation must not cancel the start for the others.</summary>
    private static async Task<T> StartAsync<T>(Func<CancellationToken, Task<T>> start)
    {
        using var limit = new CancellationTokenSource(StartLimit, TimeProvider.System);
        return await start(limit.Token);
    }
}
