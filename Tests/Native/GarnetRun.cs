using System.Text.Json.Nodes;

namespace Tests.Native;

/// <summary>An AppHost that finds no redis-server and runs Garnet in its place.</summary>
internal sealed class GarnetRun : IAsyncDisposable
{
    /// <summary>All that the engine calls; redis-server is not among it.</summary>
    private static readonly string[] Commands = ["setsid", "setpriv", "sleep", "sh", "rm", "env"];

    private readonly DirectoryInfo _commands = Directory.CreateTempSubdirectory("apphost-path-");
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("apphost-test-");

    private GarnetRun()
    {
        foreach (var command in Commands)
        {
            if ((Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Select(f => Path.Combine(f, command)).FirstOrDefault(File.Exists) is { } file)
            {
                File.CreateSymbolicLink(Path.Combine(_commands.FullName, command), file);
            }
        }

        AppHost = AppHostProcess.Start(
            _temporary.FullName, new Dictionary<string, string?>(StringComparer.Ordinal) { ["PATH"] = _commands.FullName }, "--WithoutPostgres=1");
    }

    public AppHostProcess AppHost { get; }

    public int Port { get; private set; }

    public string Password { get; private set; } = "";

    public string ConnectionString => $"127.0.0.1:{Port},password={Password},abortConnect=false";

    public static async Task<GarnetRun> StartAsync(CancellationToken cancellationToken)
    {
        Engines.SkipUnlessNative();
        var run = new GarnetRun();
        try
        {
            var line = await run.AppHost.UntilAsync("healthy        redis://", cancellationToken);
            run.Port = int.Parse(line[(line.LastIndexOf(':') + 1)..]);
            var secrets = await File.ReadAllTextAsync(Path.Combine(App.FolderOfTests(), "Fixtures", "SmallAppHost", ".aspire", "secrets.json"), cancellationToken);
            run.Password = (string)JsonNode.Parse(secrets)!["Parameters:redis-password"]!;
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // In order, so that nobody writes into the folder any more.
        if (!AppHost.HasExited)
        {
            using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-s", "TERM", $"{AppHost.Id}"]);
            await kill.WaitForExitAsync(CancellationToken.None);
        }

        await AppHost.ExitAsync(CancellationToken.None);
        await AppHost.DisposeAsync();
        _commands.Delete(recursive: true);
        _temporary.Delete(recursive: true);
    }
}
