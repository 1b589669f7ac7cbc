using System.Diagnostics;
using System.Threading.Channels;

namespace Tests.Native;

/// <summary>An AppHost that runs as a program of its own, with a folder for temporary files of its own, so that what it leaves can be seen.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    /// <summary>Tests of it run one after the other: they share the small AppHost's state folder.</summary>
    public const string Collection = "small AppHost";

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _said = [];

    private AppHostProcess(string command, IEnumerable<string> arguments, string temporary, IReadOnlyDictionary<string, string?> environment)
    {
        Temporary = temporary;

        // Who runs the tests in the background may have had SIGINT ignored, which is inherited: the program under test must not be deaf.
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT,TERM,QUIT,HUP", command, .. arguments])
            : new ProcessStartInfo(command, arguments);
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["TMPDIR"] = temporary;
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Temporary { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything that was printed so far.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_said)
            {
                return [.. _said];
            }
        }
    }

    /// <summary>The AppHost itself, its resources, and the one that watches over them.</summary>
    public IReadOnlyList<int> Everybody =>
        [.. Directory.EnumerateFiles(Temporary, "processes", SearchOption.AllDirectories)
            .SelectMany(File.ReadAllLines).Select(l => int.Parse(l.Split(' ')[0])), .. Watchdogs];

    public IEnumerable<int> Watchdogs => Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(n => int.TryParse(n, out _))
        .Select(n => int.Parse(n!))
        .Where(pid => CommandLineOf(pid) is var line && line.Contains("aspire-watchdog", StringComparison.Ordinal)
            && line.Contains(Temporary, StringComparison.Ordinal));

    public static string Output(string project) => Path.Combine(
        Path.GetDirectoryName(project)!,
        "bin",
        AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug",
        "net10.0",
        $"{Path.GetFileNameWithoutExtension(project)}.dll");

    public static AppHostProcess Start(string temporary, params string[] arguments) =>
        Start(temporary, new Dictionary<string, string?>(StringComparer.Ordinal), arguments);

    public static AppHostProcess Start(string temporary, IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        new(DotNet, ["exec", Small, .. arguments], temporary, environment);

    /// <summary>Below a shell, which is what <see cref="Id"/> is.</summary>
    public static AppHostProcess StartBelowShell(string temporary) =>
        new("/bin/sh", ["-c", $"\"{DotNet}\" exec \"{Small}\"; true"], temporary, new Dictionary<string, string?>(StringComparer.Ordinal));

    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static int UserOf(int pid) => int.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]);

    public async Task<string> UntilAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken))
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"'{text}' was not said, but:\n{string.Join('\n', Said)}", e);
        }

        throw new InvalidOperationException($"It ended without saying '{text}', but:\n{string.Join('\n', Said)}");
    }

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>No process of those runs, and no file of theirs is left. Nothing tells when a stranger's process ends, so it is looked at.</summary>
    public async Task NothingIsLeftAsync(IReadOnlyList<int> everybody, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (everybody.Any(IsAlive) || Directory.EnumerateFileSystemEntries(Temporary).Any())
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException(
                    $"Left: {string.Join(", ", everybody.Where(IsAlive).Select(p => $"{p} {CommandLineOf(p)}"))} "
                    + $"{string.Join(", ", Directory.EnumerateFileSystemEntries(Temporary, "*", SearchOption.AllDirectories).Take(10))}\n{string.Join('\n', Said)}",
                    e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static string Small { get; } = Output(Path.Combine(App.FolderOfTests(), "Fixtures", "SmallAppHost", "Fixtures.SmallAppHost.csproj"));

    private static string DotNet { get; } =
        Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private static string CommandLineOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return string.Empty;
        }
        catch (UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_said)
        {
            _said.Add(line);
        }

        _lines.Writer.TryWrite(line);
    }
}
