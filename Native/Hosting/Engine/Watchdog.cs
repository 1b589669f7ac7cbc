using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Engine;

/// <summary>
/// A shell that waits at the end of a pipe. When this program dies without a chance to clean up (SIGKILL, a crash), the pipe closes, and the
/// shell ends every process it was told of, then removes the run's folder. An orderly end tells it so first. It ignores the terminal's signals
/// and is in a session of its own.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private const string Script = """
        trap '' INT TERM HUP QUIT
        send() { kill -s "$1" -- "-$2" 2>/dev/null || kill -s "$1" "$2" 2>/dev/null; }
        guarded=
        while read -r verb pid signal; do
          case "$verb" in
            guard) guarded="$pid:$signal $guarded" ;;
            release)
              kept=
              for entry in $guarded; do [ "${entry%%:*}" = "$pid" ] || kept="$kept $entry"; done
              guarded=$kept ;;
            farewell) exit 0 ;;
          esac
        done
        for entry in $guarded; do send "${entry##*:}" "${entry%%:*}"; done
        tries=0
        while [ $tries -lt 50 ]; do
          alive=
          for entry in $guarded; do send 0 "${entry%%:*}" && alive=1; done
          [ -z "$alive" ] && break
          tries=$((tries + 1))
          sleep 0.1
        done
        for entry in $guarded; do send 9 "${entry%%:*}"; done
        for pid in $guarded $3; do rm -f -- "$2/dotnet-diagnostic-${pid%%:*}-"* "$2/clr-debug-pipe-${pid%%:*}-"*; done
        rm -rf -- "$1"
        """;

    private readonly Process _shell;
    private readonly RunRecord _record;
    private readonly Lock _lock = new();
    private bool _farewell;

    public Watchdog(string runFolder, RunRecord record)
    {
        _record = record;
        var start = new ProcessStartInfo { RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = "/" };
        var setsid = Unix.FindOnPath("setsid");
        start.FileName = setsid ?? "/bin/sh";
        foreach (var part in (string[])[.. setsid is null ? Array.Empty<string>() : ["/bin/sh"], "-c", Script, "aspire-watchdog", runFolder, Path.GetTempPath(), $"{Environment.ProcessId}"])
        {
            start.ArgumentList.Add(part);
        }

        _shell = Process.Start(start)!;
    }

    public void Guard(int pid, int signal)
    {
        _record.Add(pid);
        Tell(string.Create(CultureInfo.InvariantCulture, $"guard {pid} {signal}"));
    }

    public void Release(int pid)
    {
        _record.Remove(pid);
        Tell(string.Create(CultureInfo.InvariantCulture, $"release {pid}"));
    }

    public void Dispose()
    {
        Tell("farewell");
        lock (_lock)
        {
            _farewell = true;
        }

        _shell.StandardInput.Close();

        _shell.WaitForExit();
        _shell.Dispose();
    }

    private void Tell(string line)
    {
        lock (_lock)
        {
            if (_farewell)
            {
                return;
            }

            try
            {
                _shell.StandardInput.WriteLine(line);
                _shell.StandardInput.Flush();
            }
            catch (IOException)
            {
                // Somebody killed the shell. The record in the run's folder still lets the next start clean up.
                _farewell = true;
            }
        }
    }
}
