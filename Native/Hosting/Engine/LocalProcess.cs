using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Engine;

/// <summary>
/// A running process in a session of its own, so that a Ctrl-C in the terminal reaches this program only, which then stops its resources in
/// order; and so that a process and all its children can be ended together. The watchdog knows of it as long as it runs.
/// </summary>
internal sealed class LocalProcess : IDisposable
{
    private readonly Process _process;
    private readonly ProcessSpec _spec;
    private readonly Watchdog _watchdog;

    private LocalProcess(Process process, ProcessSpec spec, Watchdog watchdog)
    {
        _process = process;
        _spec = spec;
        _watchdog = watchdog;
        Id = process.Id;
        Exited = WaitAsync();
    }

    public int Id { get; }

    public TimeSpan StopTimeout => _spec.StopTimeout;

    /// <summary>Completes with the exit code (128 + signal for a killed one) after all output was read.</summary>
    public Task<int> Exited { get; }

    public static LocalProcess Start(ProcessSpec spec, Watchdog watchdog, Action<string, bool> onLine)
    {
        var command = Unix.FindOnPath(spec.Command)
            ?? throw new DistributedApplicationException($"The command '{spec.Command}' was not found. Install it, or add its folder to PATH.");
        var start = new ProcessStartInfo
        {
            UseShellExecute = false,
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var part in Wrappers(spec).Append(command).Concat(spec.Arguments))
        {
            start.ArgumentList.Add(part);
        }

        start.FileName = start.ArgumentList[0];
        start.ArgumentList.RemoveAt(0);
        foreach (var name in ProcessSpec.NotInherited)
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Forward(e.Data, isError: false);
        process.ErrorDataReceived += (_, e) => Forward(e.Data, isError: true);
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new DistributedApplicationException($"'{command}' could not be started in {spec.WorkingDirectory}: {e.Message}", e);
        }

        watchdog.Guard(process.Id, spec.StopSignal);
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new LocalProcess(process, spec, watchdog);

        void Forward(string? line, bool isError)
        {
            if (line is not null)
            {
                onLine(line, isError);
            }
        }
    }

    /// <summary>Asks for an orderly end, and kills what did not follow in time. True when it followed.</summary>
    public async Task<bool> StopAsync(TimeProvider time)
    {
        if (Exited.IsCompleted)
        {
            return true;
        }

        if (_spec.StopGroup)
        {
            Unix.SignalGroup(Id, _spec.StopSignal);
        }
        else
        {
            Unix.Signal(Id, _spec.StopSignal);
        }

        try
        {
            await Exited.WaitAsync(_spec.StopTimeout, time);
            return true;
        }
        catch (TimeoutException)
        {
            Kill();
            await Exited;
            return false;
        }
    }

    public void Kill() => Unix.SignalGroup(Id, Unix.SigKill);

    public void Dispose() => _process.Dispose();

    private static IEnumerable<string> Wrappers(ProcessSpec spec)
    {
        if (Unix.FindOnPath("setsid") is { } setsid)
        {
            yield return setsid;
        }

        if (spec.RunAs is { } ids)
        {
            yield return Unix.FindOnPath("setpriv") ?? throw new DistributedApplicationException(
                "This runs as root and must not start the server as root: install setpriv (package util-linux), or run as an ordinary user.");
            yield return $"--reuid={ids.User}";
            yield return $"--regid={ids.Group}";
            yield return "--clear-groups";
        }
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;
        _watchdog.Release(Id);

        // Children that outlived their parent are nobody's otherwise.
        Unix.Signal(-Id, Unix.SigKill);
        if (code > 128)
        {
            RuntimeFiles.RemoveOf(Id);
        }

        return code;
    }
}
