using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Tests.Native;

/// <summary>Redis where no redis-server is installed: the .NET tool stands in.</summary>
[Collection(AppHostProcess.Collection)]
public sealed class GarnetTests : IDisposable
{
    /// <summary>All that the engine calls; redis-server is not among it.</summary>
    private static readonly string[] Commands = ["setsid", "setpriv", "sleep", "sh", "rm", "env"];

    private readonly string _commands = Directory.CreateTempSubdirectory("apphost-path-").FullName;
    private readonly string _temporary = Directory.CreateTempSubdirectory("apphost-test-").FullName;

    private static CancellationToken Token => App.Token;

    public void Dispose()
    {
        Directory.Delete(_commands, recursive: true);
        Directory.Delete(_temporary, recursive: true);
    }

    [Fact]
    public async Task GarnetServesTheSameAddressAndPassword_AndLeavesNothing_WhenRedisIsNotInstalled()
    {
        Engines.SkipUnlessNative();
        foreach (var command in Commands)
        {
            if ((Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Select(f => Path.Combine(f, command)).FirstOrDefault(File.Exists) is { } file)
            {
                File.CreateSymbolicLink(Path.Combine(_commands, command), file);
            }
        }

        await using var run = AppHostProcess.Start(
            _temporary, new Dictionary<string, string?>(StringComparer.Ordinal) { ["PATH"] = _commands }, "--WithoutPostgres=1");
        var line = await run.UntilAsync("healthy        redis://", Token);
        var port = int.Parse(line[(line.LastIndexOf(':') + 1)..]);
        var secrets = await File.ReadAllTextAsync(Path.Combine(App.FolderOfTests(), "Fixtures", "SmallAppHost", ".aspire", "secrets.json"), Token);
        var password = (string)JsonNode.Parse(secrets)!["Parameters:redis-password"]!;

        Assert.Contains("garnet", await InfoAsync(port, password), StringComparison.OrdinalIgnoreCase);

        var everybody = run.Everybody;

        using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-s", "TERM", $"{run.Id}"]);
        await kill.WaitForExitAsync(Token);
        Assert.Equal(0, await run.ExitAsync(Token));
        await run.NothingIsLeftAsync(everybody, Token);
    }

    private static async Task<string> InfoAsync(int port, string password)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Command("AUTH", password) + Command("INFO", "SERVER")), Token);
        var buffer = new byte[4_096];
        var answer = new StringBuilder();
        while (!answer.ToString().Contains("version", StringComparison.OrdinalIgnoreCase) && await stream.ReadAsync(buffer, Token) is var read and > 0)
        {
            answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }

    private static string Command(params string[] parts) => $"*{parts.Length}\r\n{string.Concat(parts.Select(p => $"${p.Length}\r\n{p}\r\n"))}";
}
