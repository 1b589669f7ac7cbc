using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using AppHost.Stores;
using Tests.AppHost;
using Tests.Infrastructure;

namespace Tests.EndToEnd;

/// <summary>However an AppHost ends, it leaves no process and no temporary file, and keeps its data.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class EndTests : IDisposable
{
    /// <summary>Inherited by every process of the run.</summary>
    private const string Mark = "CHAT_TEST_RUN";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tests-end-");
    private readonly string _run = $"{Guid.NewGuid():N}";

    /// <summary>A run that did not end in time must not go on beside other tests.</summary>
    public void Dispose()
    {
        foreach (var folder in OfThisRun())
        {
            using var kill = Process.Start("/bin/kill", ["-s", "KILL", Path.GetFileName(folder)]);
            kill.WaitForExit();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>
    /// Interrupted when everything runs. The others come when the orchestrator and PostgreSQL run, which is as much as anything that it starts later:
    /// the orchestrator ends them all in one way.
    /// </summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("KILL")]
    public async Task NothingIsLeft_WhenASignalEndsIt(string signal)
    {
        using var deadline = new Deadline();
        var temporary = _folder.CreateSubdirectory("tmp").FullName;
        var stores = Path.Combine(_folder.FullName, "stores");
        using var process = Start(temporary, stores);
        var lines = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => lines.Enqueue(line.Data ?? string.Empty);
        process.BeginOutputReadLine();
        await Eventually.ClearByAsync(deadline.Token, () =>
        {
            var isTime = signal is "INT"
                ? lines.Any(static line => line.Contains("All is well", StringComparison.Ordinal))
                : Read(Path.Combine(stores, "postgres"), "postmaster.pid").Contains("\nready", StringComparison.Ordinal);
            Assert.False(process.HasExited, string.Join('\n', lines));
            return Task.FromResult(isTime ? null : string.Join('\n', lines));
        });
        using (var kill = Process.Start("/bin/kill", ["-s", signal, $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(deadline.Token);
        }

        await process.WaitForExitAsync(deadline.Token);
        await Eventually.ClearByAsync(deadline.Token, () => Task.FromResult(Left() is { Length: > 0 } left ? string.Join('\n', left) : null));

        // A .NET process that a signal ends at once leaves its runtime's own sockets behind; the orchestrator ends its `dotnet run` so.
        Assert.DoesNotContain(
            Directory.EnumerateFiles(temporary, "*", SearchOption.AllDirectories),
            static file => !Path.GetFileName(file).StartsWith("clr-debug-pipe-", StringComparison.Ordinal)
                && !Path.GetFileName(file).StartsWith("dotnet-diagnostic-", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(stores, "postgres", "PG_VERSION")));
        Assert.False(File.Exists(Path.Combine(stores, "postgres", "postmaster.pid")), "PostgreSQL was not shut down in order.");
        if (signal is "INT" or "TERM")
        {
            Assert.True(process.ExitCode == 0, string.Join('\n', lines));
        }
    }

    private Process Start(string temporary, string stores)
    {
        // A background job may ignore SIGINT, which is inherited.
        var start = new ProcessStartInfo(
            "/usr/bin/env",
            [
                "--default-signal=INT,TERM,QUIT,HUP", "dotnet", "exec", AppHostProgram.Assembly, $"--{StoreChoice.FolderSetting}={stores}", $"--BlobFolder={_folder.FullName}/blobs",
                "--DcpPublisher:RandomizePorts=true",
            ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = AppHostProgram.Folder,
        };
        start.Environment[Mark] = _run;
        start.Environment["TMPDIR"] = temporary;
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true";
        foreach (var name in (string[])["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"])
        {
            start.Environment[name] = $"http://localhost:{LoopbackPorts.Free()}";
        }

        return Process.Start(start)!;
    }

    /// <summary>Command lines of the run's processes.</summary>
    private string[] Left() => [.. OfThisRun().Select(static folder => Read(folder, "cmdline"))];

    private IEnumerable<string> OfThisRun() => Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && Read(folder, "environ").Contains($"{Mark}={_run}", StringComparison.Ordinal));

    /// <summary>Empty when it has ended meanwhile, or is another user's.</summary>
    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file)).Replace('\0', ' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
