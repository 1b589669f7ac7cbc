using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Tests.Native;

/// <summary>However an AppHost ends: no process and no temporary file stays.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(AppHostProcess.Collection)]
public sealed class EndTests : IDisposable
{
    private const string Well = "All resources are well";
    private readonly string _temporary = Directory.CreateTempSubdirectory("apphost-test-").FullName;

    public EndTests()
    {
        Engines.SkipUnlessNative();

        // A server that does not run as root has to get through.
        File.SetUnixFileMode(_temporary, File.GetUnixFileMode(_temporary) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
    }

    private static CancellationToken Token => App.Token;

    /// <summary>A dashboard is one more process that must not stay.</summary>
    private static IReadOnlyDictionary<string, string?> WithDashboard =>
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["ASPNETCORE_URLS"] = "http://localhost:0" };

    public void Dispose() => Directory.Delete(_temporary, recursive: true);

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task NothingIsLeft_AndDependentsStopFirst_WhenASignalAsks(string signal)
    {
        await using var run = AppHostProcess.Start(_temporary, WithDashboard);
        await run.UntilAsync(Well, Token);
        var everybody = run.Everybody;
        Assert.True(everybody.Count >= 7, string.Join(' ', everybody));
        Assert.All(everybody, pid => Assert.True(AppHostProcess.IsAlive(pid)));

        await SignalAsync(signal, run.Id);

        Assert.Equal(0, await run.ExitAsync(Token));
        await run.NothingIsLeftAsync(everybody, Token);
        var stops = run.Said.Where(l => l.Contains("Stopping", StringComparison.Ordinal)).ToList();
        Assert.True(
            stops.FindIndex(l => l.Contains("worker", StringComparison.Ordinal)) < stops.FindIndex(l => l.Contains("postgres", StringComparison.Ordinal)),
            string.Join('\n', stops));
    }

    [Fact]
    public async Task NothingIsLeft_WhenKilled()
    {
        await using var run = AppHostProcess.Start(_temporary, WithDashboard);
        await run.UntilAsync(Well, Token);
        var everybody = run.Everybody;

        await SignalAsync("KILL", run.Id);

        await run.NothingIsLeftAsync(everybody, Token);
    }

    [Fact]
    public async Task NothingIsLeft_WhenItsParentIsKilled()
    {
        await using var run = AppHostProcess.StartBelowShell(_temporary);
        await run.UntilAsync(Well, Token);
        var everybody = run.Everybody;

        await SignalAsync("KILL", run.Id);

        await run.NothingIsLeftAsync(everybody, Token);
    }

    [Fact]
    public async Task NextStartCleansUp_WhenNobodyWasLeftToDoSo()
    {
        int[] left;
        await using (var run = AppHostProcess.Start(_temporary))
        {
            await run.UntilAsync(Well, Token);
            left = [.. run.Everybody];

            // The one that watches first, or it would do its duty.
            await SignalAsync("KILL", [.. run.Watchdogs, run.Id]);
            await run.ExitAsync(Token);
            Assert.Contains(left, AppHostProcess.IsAlive);
        }

        await using var next = AppHostProcess.Start(_temporary);
        await next.UntilAsync(Well, Token);
        var everybody = next.Everybody;
        Assert.DoesNotContain(left, AppHostProcess.IsAlive);

        await SignalAsync("TERM", next.Id);
        await next.NothingIsLeftAsync([.. left, .. everybody], Token);
    }

    [Fact]
    public async Task DatabaseServerDoesNotRunAsRoot()
    {
        await using var run = AppHostProcess.Start(_temporary);
        await run.UntilAsync(Well, Token);

        var servers = run.Everybody.Where(pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains("/postgres", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(servers);
        Assert.All(servers, pid => Assert.NotEqual(0, AppHostProcess.UserOf(pid)));
        await SignalAsync("TERM", run.Id);
        await run.ExitAsync(Token);
    }

    [Fact]
    public async Task SaysWhatToDo_WhenAPortIsInUse()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var run = AppHostProcess.Start(_temporary, $"--Port={port}");

        Assert.Equal(1, await run.ExitAsync(Token));
        var said = Assert.Single(run.Said, l => l.StartsWith("error:", StringComparison.Ordinal));
        Assert.Contains($"Port {port}", said, StringComparison.Ordinal);
        Assert.Contains("ss -ltnp", said, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Said, l => l.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SaysWhatToDo_WhenPostgresIsMissing()
    {
        await using var run = AppHostProcess.Start(
            _temporary, new Dictionary<string, string?>(StringComparer.Ordinal) { ["POSTGRES_BIN"] = _temporary });

        var said = await run.UntilAsync("initdb", Token);

        Assert.Contains("POSTGRES_BIN", said, StringComparison.Ordinal);
        await SignalAsync("TERM", run.Id);
        await run.ExitAsync(Token);
    }

    [Fact]
    public async Task SaysWhy_WhenAResourceCrashes()
    {
        await using var run = AppHostProcess.Start(_temporary, "--Crash=1");

        await run.UntilAsync("Exited (exit code 3)", Token);
        await run.UntilAsync("crasher is down", Token);
        await run.UntilAsync("the reason why", Token);

        await SignalAsync("TERM", run.Id);
        await run.ExitAsync(Token);
    }

    private static async Task SignalAsync(string signal, params int[] pids)
    {
        using var kill = Process.Start("/bin/kill", ["-s", signal, "--", .. pids.Select(p => p.ToString())]);
        await kill.WaitForExitAsync(Token);
        Assert.Equal(0, kill.ExitCode);
    }
}
