using System.Diagnostics;

namespace Tests.Infrastructure;

/// <summary>
/// A server that tests start, through a shell: it ends the server when its own input ends, which is also what happens when the test run is killed.
/// Nothing is left however the tests end.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>The server's input is empty; a line, or the end of the shell's input, stops it.</summary>
    private const string Watched = """exec 3<&0; signal=$1; shift; "$@" < /dev/null & server=$!; (read -r _ <&3; kill -s "$signal" $server 2> /dev/null) & wait $server; code=$?; kill $! 2> /dev/null; exit $code""";

    private const int KeptLines = 40;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly Queue<string> _lines = new();

    private ServerProcess(string stopSignal, IEnumerable<string> command, IReadOnlyDictionary<string, string> environment)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/sh", ["-c", Watched, "sh", stopSignal, .. command])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach (var (name, value) in environment)
        {
            _process.StartInfo.Environment[name] = value;
        }

        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Its last lines.</summary>
    public string Said
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <param name="stopSignal">What ends it, such as <c>TERM</c>, in order, or <c>KILL</c>.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="environment">Variables in addition to those of the tests.</param>
    public static ServerProcess Start(string stopSignal, IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null) =>
        new(stopSignal, command, environment ?? new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Ends it with its signal; kills it when it does not end.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopLimit, TimeProvider.System);
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"It did not stop within {StopLimit}: {Said}", exception);
        }
        finally
        {
            _process.Dispose();
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
