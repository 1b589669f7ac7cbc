using Contracts.Replicas;
using Layouts.Figures;

namespace Layouts.Console.Overview;

/// <summary>One replica's part of what happened between two readings.</summary>
/// <param name="View">As of the second one.</param>
/// <param name="First">What it had counted before; null: it counts from zero.</param>
internal sealed record ReplicaWindow(ReplicaView View, ReplicaFigures? First)
{
    public string Replica => View.Replica;

    public bool IsSilent => ReplicaReading.IsSilent(View);

    /// <summary>By the replica's own clock; 0: there is no newer report.</summary>
    public double Seconds => (Last.UptimeMilliseconds - (First?.UptimeMilliseconds ?? 0)) / 1000.0;

    public long Failed => Last.Failed - (First?.Failed ?? 0);

    public long Refused => Last.Refused - (First?.Refused ?? 0);

    public long Timeouts => Last.Timeouts - (First?.Timeouts ?? 0);

    private ReplicaFigures Last => View.Figures;

    /// <summary>
    /// The change of each replica's counts. A replica that is new counts from zero when it is younger than the window; if it is
    /// older, nothing is known of it yet, and it has no change.
    /// </summary>
    /// <param name="first">Null: there is none, and each counts since it began.</param>
    /// <param name="last">The newest.</param>
    public static IReadOnlyList<ReplicaWindow> Between(ReplicaReading? first, ReplicaReading last)
    {
        var before = first?.Replicas.ToDictionary(static view => view.Replica, static view => view.Figures, StringComparer.Ordinal);
        var length = first is null ? TimeSpan.MaxValue : last.At - first.At;
        return
        [
            .. last.Replicas
                .OrderBy(static view => view.Replica, StringComparer.Ordinal)
                .Select(view => new ReplicaWindow(view, before is null ? null : before.GetValueOrDefault(view.Replica) ?? (IsYounger(view, length) ? null : view.Figures))),
        ];
    }

    public LatencyCounts ReadDurations() => new LatencyCounts().Add(Last.Duration, First?.Duration);

    private static bool IsYounger(ReplicaView view, TimeSpan length) => TimeSpan.FromMilliseconds(view.Figures.UptimeMilliseconds + view.SeenMilliseconds) <= length;
}

/// <summary>Several replicas together: counts of the same buckets are added, so that a percentile is that of all their requests.</summary>
internal sealed record ReplicaSum(LatencyCounts Durations, double PerSecond, long Failed, long Refused, long Timeouts, PoolFigures Pool)
{
    /// <summary>Requests in the window.</summary>
    public long Requests => Durations.Total;

    public static ReplicaSum Of(IReadOnlyList<ReplicaWindow> replicas)
    {
        var durations = new LatencyCounts();
        var rate = 0.0;
        foreach (var replica in replicas)
        {
            var own = replica.ReadDurations();
            durations.Add(own);
            rate += replica.Seconds > 0 ? own.Total / replica.Seconds : 0;
        }

        // What a silent replica had open is no longer known to be.
        var pools = replicas.Where(static replica => !replica.IsSilent).Select(static replica => replica.View.Figures.Pool).ToArray();
        return new ReplicaSum(
            durations,
            rate,
            replicas.Sum(static replica => replica.Failed),
            replicas.Sum(static replica => replica.Refused),
            replicas.Sum(static replica => replica.Timeouts),
            new PoolFigures(
                pools.Sum(static pool => pool.InUse),
                pools.Sum(static pool => pool.Idle),
                pools.Sum(static pool => pool.Waiting),
                pools.Sum(static pool => pool.Queued),
                pools.Sum(static pool => pool.Max)));
    }
}
