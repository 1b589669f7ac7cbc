using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Npgsql;

namespace Tests.Native;

/// <summary>What outlives a run: data on a volume, and the generated password that belongs to it.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(AppHostProcess.Collection)]
public sealed class VolumeTests : IDisposable
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("apphost-test-").FullName;
    private readonly string _volume = $"test-{Guid.NewGuid():N}";

    public VolumeTests()
    {
        Engines.SkipUnlessNative();
        File.SetUnixFileMode(_temporary, File.GetUnixFileMode(_temporary) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
    }

    private static CancellationToken Token => App.Token;

    private static string State => Path.Combine(App.FolderOfTests(), "Fixtures", "SmallAppHost", ".aspire");

    public void Dispose()
    {
        var folder = new DirectoryInfo(Path.Combine(State, "volumes", _volume));

        // Below root's own folder the engine puts a link in the volume's place.
        if (folder.ResolveLinkTarget(returnFinalTarget: true) is DirectoryInfo actual)
        {
            actual.Delete(recursive: true);
            folder.Delete();
        }
        else if (folder.Exists)
        {
            folder.Delete(recursive: true);
        }

        Directory.Delete(_temporary, recursive: true);
    }

    [Fact]
    public async Task DataAndPasswordAreThereAgain_InTheNextRun()
    {
        await RunAsync(async connection =>
        {
            await using var create = new NpgsqlCommand("CREATE TABLE kept AS SELECT 42 AS answer", connection);
            await create.ExecuteNonQueryAsync(Token);
        });

        await RunAsync(async connection =>
        {
            await using var read = new NpgsqlCommand("SELECT answer FROM kept", connection);
            Assert.Equal(42, await read.ExecuteScalarAsync(Token));
        });

        // Nobody else reads the passwords.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(State, "secrets.json")));
    }

    private async Task RunAsync(Func<NpgsqlConnection, Task> use)
    {
        await using var run = AppHostProcess.Start(_temporary, $"--Volume={_volume}");
        var line = await run.UntilAsync("healthy        tcp://", Token);
        await run.UntilAsync("All resources are well", Token);
        var secrets = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(State, "secrets.json"), Token));
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = "localhost",
            Port = int.Parse(line[(line.LastIndexOf(':') + 1)..]),
            Username = "postgres",
            Password = (string?)secrets!["Parameters:postgres-password"],
            Pooling = false,
        };
        await using (var connection = new NpgsqlConnection(settings.ConnectionString))
        {
            await connection.OpenAsync(Token);
            await use(connection);
        }

        using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-s", "TERM", $"{run.Id}"]);
        await kill.WaitForExitAsync(Token);
        Assert.Equal(0, await run.ExitAsync(Token));
    }
}
