using Npgsql;

namespace Dbman.Postgres;

/// <summary>
/// Runs SQL files. Every call is one round trip: no transaction of ours ever waits for this process, so a replica that stalls or dies holds no lock.
/// </summary>
internal sealed class Database(NpgsqlDataSource source, DatabaseTelemetry telemetry)
{
    private const string LockOnly = "locked";

    /// <summary>The first row of the answer, or null.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<NpgsqlDataReader, T> read, NpgsqlParameter[] args, CancellationToken cancellationToken)
        where T : class
    {
        var rows = await ListAsync(sql, read, args, cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>All rows of the answer; the SQL bounds their number.</summary>
    public async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> read, NpgsqlParameter[] args, CancellationToken cancellationToken)
    {
        await using var lease = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, lease.Connection);
        command.Parameters.AddRange(args);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        do
        {
            if (reader.FieldCount > 0 && reader.GetName(0) == LockOnly)
            {
                continue;
            }

            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }
        }
        while (await reader.NextResultAsync(cancellationToken));

        return rows;
    }

    /// <summary>Number of rows changed.</summary>
    public async Task<int> ExecuteAsync(string sql, NpgsqlParameter[] args, CancellationToken cancellationToken)
    {
        await using var lease = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, lease.Connection);
        command.Parameters.AddRange(args);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A connection of the pool, counted until it is given back.</summary>
    public async ValueTask<ConnectionLease> OpenAsync(CancellationToken cancellationToken)
    {
        var started = telemetry.Now;
        var connection = source.CreateConnection();
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        return new ConnectionLease(connection, telemetry, started);
    }

    /// <summary>Drops idle connections: after one was found dead, the others most likely are, too.</summary>
    public void DropIdleConnections() => source.Clear();
}
