using Contracts.Replicas;

namespace Layouts.Console.Overview;

/// <summary>What all replicas of dbman have counted, as of one look. Immutable.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Replicas">As dbman gave them.</param>
/// <param name="IsKnown">False: the dbman that answered is of a version without figures.</param>
internal sealed record ReplicaReading(DateTimeOffset At, IReadOnlyList<ReplicaView> Replicas, bool IsKnown = true)
{
    /// <summary>Reports that may be missing: a busy replica drops three in a row, and two more may be late.</summary>
    private const int MissedReports = 6;

    public static ReplicaReading Unknown(DateTimeOffset at) => new(at, [], IsKnown: false);

    /// <summary>Whether a replica has not reported for too long: it died, cannot reach PostgreSQL, or is far too busy.</summary>
    public static bool IsSilent(ReplicaView replica) => replica.SeenMilliseconds > (long)replica.Figures.ReportMilliseconds * MissedReports;
}
