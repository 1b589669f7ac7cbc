using System.Diagnostics;
using System.Globalization;

namespace Tests.EndToEnd.Layouts;

/// <summary>A process that is frozen (SIGSTOP), with its children; continues (SIGCONT) when this is disposed.</summary>
internal sealed class FrozenProcess : IDisposable
{
    private readonly List<int> _stopped = [];

    public FrozenProcess(int pid)
    {
        // Parents first: a stopped process starts no more children.
        var left = new Queue<int>([pid]);
        while (left.TryDequeue(out var next))
        {
            Signal("STOP", next);
            _stopped.Add(next);
            foreach (var child in Children(next))
            {
                left.Enqueue(child);
            }
        }
    }

    public void Dispose()
    {
        foreach (var pid in _stopped)
        {
            Signal("CONT", pid);
        }

        _stopped.Clear();
    }

    private static IEnumerable<int> Children(int pid) =>
        from task in Directory.GetDirectories($"/proc/{pid}/task")
        from child in File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select int.Parse(child, CultureInfo.InvariantCulture);

    /// <summary>A process that was killed meanwhile does not continue, and need not.</summary>
    private static void Signal(string signal, int pid)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/kill", ["-s", signal, $"{pid}"]) { RedirectStandardError = true, UseShellExecute = false })!;
        kill.WaitForExit();
        Assert.True(kill.ExitCode == 0 || !Directory.Exists($"/proc/{pid}"), $"kill -s {signal} {pid} ends with {kill.ExitCode}");
    }
}
