using System.Diagnostics;
using Contracts;

namespace Tests.EndToEnd;

/// <summary>The commands that the AppHost suggests to a newcomer.</summary>
[Collection(SystemCollection.Name)]
public sealed class TryItTests(RunningSystem system)
{
    [Fact]
    public async Task PastedSequenceEndsWithTheReceivedMessage()
    {
        using var deadline = new Deadline();
        var start = new ProcessStartInfo("bash", [Path.Combine(Projects.AppHost.ProjectPath, "try-it.sh")])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SESSION"] = system.Address(ServiceNames.Session).ToString().TrimEnd('/');
        start.Environment["CHAT"] = system.Address(ServiceNames.Chat).ToString().TrimEnd('/');
        using var bash = Process.Start(start)!;
        var errors = bash.StandardError.ReadToEndAsync(deadline.Token);
        var lines = (await bash.StandardOutput.ReadToEndAsync(deadline.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await bash.WaitForExitAsync(deadline.Token);

        Assert.Equal(0, bash.ExitCode);
        Assert.Empty(await errors);
        Assert.Contains("\"text\":\"Hello, Bob\"", lines[^1], StringComparison.Ordinal);
        Assert.Contains("\"lastSeq\":1", lines[^1], StringComparison.Ordinal);
    }
}
