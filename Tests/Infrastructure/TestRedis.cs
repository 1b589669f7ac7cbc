using System.Globalization;
using AppHost.Stores;
using StackExchange.Redis;

namespace Tests.Infrastructure;

/// <summary>A Redis, or Garnet, of the tests' own.</summary>
internal sealed class TestRedis : IAsyncDisposable
{
    private const string Password = "of-the-tests";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tests-redis-");
    private readonly RedisPrograms _programs;
    private readonly int _port = LoopbackPorts.Free();
    private ServerProcess? _server;

    private TestRedis(RedisPrograms programs) => _programs = programs;

    /// <summary>In StackExchange.Redis' form.</summary>
    public string ConnectionString => $"localhost:{_port},password={Password}";

    /// <param name="programs">Which server; null: the one that the AppHost would use.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<TestRedis> StartAsync(CancellationToken cancellationToken, RedisPrograms? programs = null)
    {
        var redis = new TestRedis(programs ?? RedisPrograms.Find());
        try
        {
            await redis._programs.PrepareAsync(redis._folder.FullName, Password, Projects.AppHost.ProjectPath, cancellationToken);
            await redis.StartAgainAsync();
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it; completes when it answers.</summary>
    public async Task StartAgainAsync()
    {
        // The tool is found from the repository's folder.
        var command = _programs.Command.Concat(_programs.Arguments(_folder.FullName, _port.ToString(CultureInfo.InvariantCulture)).Cast<string>());
        var server = ServerProcess.Start(
            "TERM",
            [
                "/bin/sh", "-c", "cd \"$0\" && exec env \"$@\"", Projects.AppHost.ProjectPath,
                .. _programs.Variables(_folder.FullName).Select(static variable => $"{variable.Key}={variable.Value}"), .. command,
            ]);
        _server = server;
        await Eventually.ClearAsync(async () =>
        {
            Assert.False(server.HasExited, server.Said);
            try
            {
                await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
                await connection.GetDatabase().PingAsync();
                return null;
            }
            catch (RedisException exception)
            {
                return exception.Message;
            }
        });
    }

    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Delete(recursive: true);
    }
}
