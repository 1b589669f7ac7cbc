using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Wire = Dashboard.Wire;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>
/// What the processes of each instance take of the machine, every two seconds. Each leads a session of its own, so that a server with a process per
/// connection is summed up: memory that they share is counted once, with the leader's. Elsewhere than on Linux it is the leader alone.
/// </summary>
internal sealed class UsageSampler(EngineContext engine)
{
    private const int PageBytes = 4096;

    /// <summary>What the kernel counts processor time in, for programs: a hundredth of a second.</summary>
    private const double TicksPerSecond = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, Wire.Usage> _latest = new(StringComparer.OrdinalIgnoreCase);

    public Wire.Usage? Of(string id) => _latest.GetValueOrDefault(id);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var before = new Dictionary<int, (double Seconds, long At)>();
        using var tick = new PeriodicTimer(Pause, engine.Time);
        try
        {
            while (await tick.WaitForNextTickAsync(cancellationToken))
            {
                before = Sample(before);
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private static double Rounded(double value) => Math.Round(value, 3);

    private Dictionary<int, (double Seconds, long At)> Sample(Dictionary<int, (double Seconds, long At)> before)
    {
        var running = engine.Notifications.Current
            .Where(e => e.Snapshot.State?.Text == KnownResourceStates.Running)
            .Select(e => (e.ResourceId, Pid: e.Snapshot.Property(KnownProperties.ExecutablePid) as int?))
            .Where(e => e.Pid is not null)
            .ToDictionary(e => e.Pid!.Value, e => e.ResourceId);
        var totals = OperatingSystem.IsLinux() ? OfSessions(running.Keys.ToHashSet()) : OfLeaders(running.Keys);
        var now = new Dictionary<int, (double, long)>();
        foreach (var (pid, (seconds, memory)) in totals)
        {
            var at = engine.Time.GetTimestamp();
            now[pid] = (seconds, at);
            var cores = before.TryGetValue(pid, out var last) && engine.Time.GetElapsedTime(last.At, at) is { Ticks: > 0 } passed
                ? Math.Max(0, (seconds - last.Seconds) / passed.TotalSeconds)
                : 0;
            _latest[running[pid]] = new Wire.Usage { Cores = Rounded(cores), MemoryBytes = memory };
        }

        foreach (var gone in _latest.Keys.Except(running.Values, StringComparer.OrdinalIgnoreCase).ToArray())
        {
            _latest.TryRemove(gone, out _);
        }

        return now;
    }

    private static Dictionary<int, (double Seconds, long Memory)> OfSessions(HashSet<int> leaders)
    {
        var totals = new Dictionary<int, (double Seconds, long Memory)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                continue;
            }

            try
            {
                // After the command's name, which may hold anything: state, parent, group, session, ... (proc(5)).
                var stat = File.ReadAllText($"{folder}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var session = int.Parse(fields[3], CultureInfo.InvariantCulture);
                if (!leaders.Contains(session))
                {
                    continue;
                }

                var memory = File.ReadAllText($"{folder}/statm").Split(' ');
                var pages = long.Parse(memory[1], CultureInfo.InvariantCulture) - (pid == session ? 0 : long.Parse(memory[2], CultureInfo.InvariantCulture));
                var seconds = (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
                var sum = totals.GetValueOrDefault(session);
                totals[session] = (sum.Seconds + seconds, sum.Memory + (pages * PageBytes));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended between the look at the folder and the look into it.
            }
        }

        return totals;
    }

    private static Dictionary<int, (double Seconds, long Memory)> OfLeaders(IEnumerable<int> leaders)
    {
        var totals = new Dictionary<int, (double Seconds, long Memory)>();
        foreach (var pid in leaders)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                totals[pid] = (process.TotalProcessorTime.TotalSeconds, process.WorkingSet64);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It has ended.
            }
        }

        return totals;
    }
}
