using System.Net.Sockets;
using System.Text;

namespace Tests.Native;

/// <summary>Redis where no redis-server is installed: the .NET tool stands in.</summary>
[Collection(AppHostProcess.Collection)]
public sealed class GarnetTests
{
    private static CancellationToken Token => App.Token;

    [Fact]
    public async Task GarnetServesTheSameAddressAndPassword_AndLeavesNothing_WhenRedisIsNotInstalled()
    {
        await using var run = await GarnetRun.StartAsync(Token);
        Assert.Contains("garnet", await InfoAsync(run.Port, run.Password), StringComparison.OrdinalIgnoreCase);

        var everybody = run.AppHost.Everybody;

        using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-s", "TERM", $"{run.AppHost.Id}"]);
        await kill.WaitForExitAsync(Token);
        Assert.Equal(0, await run.AppHost.ExitAsync(Token));
        await run.AppHost.NothingIsLeftAsync(everybody, Token);
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
