using Npgsql;
using Tests.Dbman;
using Tests.Infrastructure;

namespace Tests.Deploy;

/// <summary>The role that a trial makes for dbman is enough for dbman, and no more.</summary>
public sealed class DatabaseRoleTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DbmanMakesItsSchemaAndServes_ByItsOwnRole()
    {
        await using var database = await servers.CreateEmptyDatabaseAsync(Token);
        var role = $"dbman_{Guid.NewGuid():N}";
        var owner = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await ExecuteAsync(owner, await ScriptAsync(role, owner.Database!));
        try
        {
            var own = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "made up" };
            await using (var app = DbmanApp.StartUnready(own.ConnectionString))
            {
                await app.WaitForReadyAsync(Token);
                var tenant = await app.Client.TenantAsync(Token);
                var room = await app.Client.RoomAsync(tenant, Token);
                await app.Client.AppendAsync(tenant, room, "admin", "m", "m", Token);
            }

            Assert.Equal("off", await ScalarAsync(own, "SHOW is_superuser"));
            Assert.Equal(
                PostgresErrorCodes.InsufficientPrivilege,
                (await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(own, "SELECT pg_read_file('/etc/passwd')"))).SqlState);
        }
        finally
        {
            await ExecuteAsync(owner, $"DROP OWNED BY {role} CASCADE; ALTER DATABASE \"{owner.Database}\" OWNER TO CURRENT_USER; DROP ROLE {role}");
        }
    }

    /// <summary>What psql runs in the container, with this database's names in place of the trial's; psql's own command is done here.</summary>
    private static async Task<string> ScriptAsync(string role, string database)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(DeployFolder.Root, "overlays", "trial", "dbman-role.sql"), Token);
        Assert.Equal(@"\getenv password DBMAN_PASSWORD", Assert.Single(lines, static line => line.StartsWith('\\')));
        return string.Join('\n', lines.Where(static line => !line.StartsWith('\\')))
            .Replace(":'password'", "'made up'", StringComparison.Ordinal)
            .Replace("dbman-db", database, StringComparison.Ordinal)
            .Replace("ROLE dbman ", $"ROLE {role} ", StringComparison.Ordinal)
            .Replace("TO dbman;", $"TO {role};", StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(NpgsqlConnectionStringBuilder connection, string sql)
    {
        await using var open = new NpgsqlConnection(connection.ConnectionString);
        await open.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, open);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnectionStringBuilder connection, string sql)
    {
        await using var open = new NpgsqlConnection(connection.ConnectionString);
        await open.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, open);
        return await command.ExecuteScalarAsync(Token);
    }
}
