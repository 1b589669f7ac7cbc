using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>The processes of a run: spoken to in lines, measured from outside, and ended with it.</summary>
internal sealed class Processes : IDisposable
{
    private readonly List<Process> _started = [];

    /// <summary>This program in another part.</summary>
    public Process Self(string arguments)
    {
        // The runner may be the apphost itself, which takes no assembly.
        var runner = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(runner) == "dotnet" ? Start(runner, $"{typeof(Processes).Assembly.Location} {arguments}") : Start(runner, arguments);
    }

    public Process Start(string file, string arguments)
    {
        var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{file} did not start.");
        _started.Add(process);
        return process;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<string> RunAsync(string file, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{file} did not start.");
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return said;
    }

    /// <summary>Waits for a line; others go to standard error.</summary>
    public static async Task AwaitAsync(Process process, string expected)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == expected)
            {
                return;
            }

            await Console.Error.WriteLineAsync(line);
        }

        throw new InvalidOperationException($"A process ended before it said '{expected}'.");
    }

    public static async Task TellAsync(Process process, string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
    }

    /// <summary>What the readers have counted since they were last asked: frames, reads, p50 and p99 of the delay in milliseconds, own CPU in milliseconds.</summary>
    public static async Task<double[]> AskAsync(Process readers)
    {
        await TellAsync(readers, "");
        var line = await readers.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The readers are gone.");
        return [.. line.Split(' ').Select(static number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    public static TimeSpan Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    public static TimeSpan Cpu(IEnumerable<Process> processes) => processes.Aggregate(TimeSpan.Zero, static (total, process) => total + Cpu(process));

    public static TimeSpan Kernel(IEnumerable<Process> processes) =>
        processes.Aggregate(TimeSpan.Zero, static (total, process) => total + process.PrivilegedProcessorTime);

    /// <summary>Waits until somebody listens, for 5 s at most.</summary>
    public static async Task ConnectableAsync(int port)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }

        throw new InvalidOperationException($"Nothing listens on port {port}.");
    }

    public void Dispose()
    {
        foreach (var process in Enumerable.Reverse(_started))
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            process.Dispose();
        }
    }
}
