using System.Net.Sockets;
using Npgsql;

namespace Tests.Infrastructure;

public sealed class DataServersTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DatabaseIsOwnAndGone_WhenDisposed()
    {
        var database = await servers.CreateDatabaseAsync(Token);
        await using (var connection = new NpgsqlConnection(database.ConnectionString))
        {
            await connection.OpenAsync(Token);
            await using var name = new NpgsqlCommand("SELECT current_database()", connection);
            Assert.Equal(database.Name, await name.ExecuteScalarAsync(Token));
        }

        await database.DisposeAsync();

        await using var gone = new NpgsqlConnection(database.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => gone.OpenAsync(Token));
        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, refused.SqlState);
    }

    [Fact]
    public async Task ServersComeBackWithTheirData_WhenStoppedAndStarted()
    {
        await using var own = await DataServers.StartOwnAsync(Token);
        await using var database = await own.CreateDatabaseAsync(Token);
        await using var before = new NpgsqlConnection(database.ConnectionString);
        await before.OpenAsync(Token);

        await own.StopPostgresAsync(Token);
        await using (var during = new NpgsqlConnection(database.ConnectionString))
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => during.OpenAsync(Token));
        }

        await own.StartPostgresAsync(Token);
        await using var after = new NpgsqlConnection(database.ConnectionString);
        await after.OpenAsync(Token);

        await own.StopRedisAsync(Token);
        var redis = (await own.GetRedisConnectionStringAsync(Token)).Split(',')[0].Split(':');
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(redis[0], int.Parse(redis[1]), Token).AsTask());

        await own.StartRedisAsync(Token);
        using var again = new TcpClient();
        await again.ConnectAsync(redis[0], int.Parse(redis[1]), Token);
    }
}
