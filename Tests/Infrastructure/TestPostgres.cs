using AppHost.Stores;
using Npgsql;

namespace Tests.Infrastructure;

/// <summary>A PostgreSQL of the tests' own, by the programs that the AppHost would use. Its data go with it, so it does not sync them to disk.</summary>
internal sealed class TestPostgres : IAsyncDisposable
{
    private const string Password = "of-the-tests";

    /// <summary>Many tests run at once, each with pools of its own.</summary>
    private static readonly string[] Settings = ["-c", "max_connections=300", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_wal_size=256MB"];

    /// <summary>Hundreds of databases come and go, each of three hundred files: in memory where there is room for them.</summary>
    private const string Memory = "/dev/shm";
    private const long MemoryNeeded = 2L << 30;

    private readonly DirectoryInfo _folder;
    private readonly PostgresData _data;
    private readonly int _port = LoopbackPorts.Free();
    private ServerProcess? _server;

    private TestPostgres(DirectoryInfo folder, PostgresData data)
    {
        _folder = folder;
        _data = data;
    }

    public string ConnectionString => $"Host=localhost;Port={_port};Username={PostgresProcess.User};Password={Password}";

    /// <summary>Programs that are installed, else the AppHost's fetched ones.</summary>
    public static async Task<PostgresPrograms> FindProgramsAsync(ServerUser user, CancellationToken cancellationToken) =>
        await PostgresPrograms.FindInstalledAsync(cancellationToken)
        ?? await PostgresPrograms.FetchAsync(
            StoreFolder.Create(Path.Combine(Projects.AppHost.ProjectPath, ".aspire", "stores"), user), Console.Error.WriteLine, cancellationToken);

    public static async Task<TestPostgres> StartAsync(CancellationToken cancellationToken)
    {
        var user = await ServerUser.FindAsync(cancellationToken);
        var programs = await FindProgramsAsync(user, cancellationToken);
        var folder = Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > MemoryNeeded
            ? Directory.CreateDirectory(Path.Combine(Memory, $"tests-postgres-{Guid.NewGuid():N}"))
            : Directory.CreateTempSubdirectory("tests-postgres-");
        var data = new PostgresData(programs, user, Path.Combine(StoreFolder.Create(folder.FullName, user), "data"));
        var postgres = new TestPostgres(folder, data);
        try
        {
            await data.PrepareAsync(Password, cancellationToken);
            await postgres.StartAgainAsync();
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it; completes when it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        var server = ServerProcess.Start("INT", _data.ServerCommand([.. Settings, "-p", $"{_port}"]));
        _server = server;
        await Eventually.ClearAsync(async () =>
        {
            Assert.False(server.HasExited, server.Said);
            await using var connection = new NpgsqlConnection($"{ConnectionString};Database=postgres;Pooling=false;Timeout=5");
            try
            {
                await connection.OpenAsync(TestContext.Current.CancellationToken);
                return null;
            }
            catch (NpgsqlException exception)
            {
                return exception.Message;
            }
        });
    }

    /// <summary>Ends its sessions and stops it; the data stay.</summary>
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
