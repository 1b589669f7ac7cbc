using Npgsql;

namespace Tests.Infrastructure;

/// <summary>A database of one test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _server;

    private TestDatabase(string server, string name)
    {
        _server = server;
        Name = name;

        // A small pool: hundreds of tests share the server's connections.
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ConnectionString;
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public async ValueTask DisposeAsync()
    {
        await using (var pooled = new NpgsqlConnection(ConnectionString))
        {
            NpgsqlConnection.ClearPool(pooled);
        }

        // FORCE: a connection that a test's service still holds is ended.
        await ExecuteAsync($"DROP DATABASE IF EXISTS \"{Name}\" WITH (FORCE)", CancellationToken.None);
    }

    /// <param name="server">Where.</param>
    /// <param name="template">What it is a copy of; nobody may be connected to it. Null: it is empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<TestDatabase> CreateAsync(string server, string? template, CancellationToken cancellationToken)
    {
        var database = new TestDatabase(server, $"test_{Guid.NewGuid():N}");
        await database.ExecuteAsync($"CREATE DATABASE \"{database.Name}\"{(template is null ? "" : $" TEMPLATE \"{template}\"")}", cancellationToken, ByFile);
        return database;
    }

    /// <summary>A copy of the files takes half of what a copy by the log takes. PostgreSQL 14 knows nothing else.</summary>
    private static string ByFile(Version version) => version.Major > 14 ? " STRATEGY FILE_COPY" : "";

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken, Func<Version, string>? options = null)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server) { Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql + options?.Invoke(connection.PostgreSqlVersion), connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
