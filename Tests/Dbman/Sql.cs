using Npgsql;
using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>Reads the database without dbman.</summary>
internal static class Sql
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task ExecuteAsync(this TestDatabase database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(database, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<T> ReadAsync<T>(this TestDatabase database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(database, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Holds what the statement locks until it is disposed.</summary>
    public static async Task<HeldLock> HoldAsync(this TestDatabase database, string sql, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(database, cancellationToken);
        await using var command = new NpgsqlCommand($"BEGIN; {sql}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new HeldLock(connection);
    }

    /// <summary>Waits until that many statements of dbman queue up behind a lock.</summary>
    public static Task WaitForBlockedAsync(this TestDatabase database, long count, CancellationToken cancellationToken) =>
        EventuallyAsync(
            async () =>
            {
                var blocked = await database.ReadAsync<long>(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dbman' AND wait_event_type = 'Lock'",
                    cancellationToken);
                return (blocked >= count, $"{blocked} of {count} statements are blocked");
            },
            cancellationToken);

    /// <summary>Asks again until the answer is yes; the last answer is in the failure.</summary>
    public static async Task EventuallyAsync(Func<Task<(bool Holds, string State)>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        var state = "";
        try
        {
            do
            {
                (var holds, state) = await ask();
                if (holds)
                {
                    return;
                }
            }
            while (await tick.WaitForNextTickAsync(either.Token));
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException(state, exception);
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(TestDatabase database, CancellationToken cancellationToken)
    {
        // Not pooled: a pool that outlives a stopped server would hand out dead connections to the next test.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}

internal sealed class HeldLock(NpgsqlConnection connection) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
