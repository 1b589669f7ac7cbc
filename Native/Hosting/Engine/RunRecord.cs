namespace Aspire.Hosting.Engine;

/// <summary>
/// Which processes a run has, in a file of its folder: "pid start-stamp" lines, the run's own first. The next start reads it when the run is
/// gone and its watchdog was killed too.
/// </summary>
internal sealed class RunRecord
{
    public const string FileName = "processes";
    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, string> _stamps = [];
    private readonly string _own;

    public RunRecord(string folder)
    {
        _path = Path.Combine(folder, FileName);
        _own = $"{Environment.ProcessId} {Unix.StartStamp(Environment.ProcessId)}";
        Write();
    }

    public void Add(int pid)
    {
        lock (_lock)
        {
            _stamps[pid] = Unix.StartStamp(pid) ?? string.Empty;
            Write();
        }
    }

    public void Remove(int pid)
    {
        lock (_lock)
        {
            if (_stamps.Remove(pid) && Directory.Exists(Path.GetDirectoryName(_path)))
            {
                Write();
            }
        }
    }

    /// <summary>The processes of a record that still run; null when the run itself does.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="all">Every process of the record, running or not.</param>
    public static IReadOnlyList<int>? LeftBehind(string folder, out IReadOnlyList<int> all)
    {
        all = [];
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return [];
        }

        var running = File.ReadAllLines(path)
            .Select(l => l.Split(' '))
            .Where(f => f.Length == 2 && int.TryParse(f[0], out _))
            .Select((f, index) => (Index: index, Pid: int.Parse(f[0]), IsRunning: Unix.StartStamp(int.Parse(f[0])) == f[1]))
            .Where(p => p.IsRunning)
            .ToArray();
        all = [.. File.ReadAllLines(path).Select(l => int.TryParse(l.Split(' ')[0], out var pid) ? pid : 0).Where(p => p > 0)];
        return running.Any(p => p.Index == 0) ? null : [.. running.Select(p => p.Pid)];
    }

    /// <summary>In one step: another start that reads half a record would take a living run for a dead one.</summary>
    private void Write()
    {
        var next = _path + ".next";
        File.WriteAllLines(next, _stamps.Select(s => $"{s.Key} {s.Value}").Prepend(_own));
        File.Move(next, _path, overwrite: true);
    }
}
