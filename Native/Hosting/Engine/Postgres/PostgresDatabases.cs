using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace Aspire.Hosting.Engine.Postgres;

/// <summary>Creates a server's databases once it is ready.</summary>
internal static class PostgresDatabases
{
    public static async Task CreateAsync(PostgresServerResource server, IReadOnlyList<PostgresDatabaseResource> databases, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(await server.GetConnectionStringAsync(cancellationToken)) { Pooling = false, Database = "postgres" };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        foreach (var database in databases)
        {
            // One at a time and by this process only, so that nobody creates it in between.
            await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection)
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = database.DatabaseName } },
            };
            if (await exists.ExecuteScalarAsync(cancellationToken) is null)
            {
                var name = database.DatabaseName.Replace("\"", "\"\"", StringComparison.Ordinal);
                await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name}\"", connection);
                await create.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }
}
