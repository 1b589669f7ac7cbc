using Contracts.Layouts;

namespace Contracts.Replicas;

/// <summary>
/// What a replica of dbman has counted since its process began. Counts only grow, so that the difference of two readings says what happened between
/// them, and those of several replicas can be added. A newer version may add members: they have defaults, and older readers ignore them.
/// </summary>
/// <param name="UptimeMilliseconds">How long it has been counting.</param>
/// <param name="ReportMilliseconds">How often it reports: what is much older than that says nothing about now.</param>
/// <param name="Duration">Requests of other services, from the first byte to the last, whatever the answer.</param>
/// <param name="Failed">How many of them were answered with 5xx.</param>
/// <param name="Refused">
/// Requests and messages that were refused before they were tried, because more came than the replica can handle. Each of these requests is among
/// <paramref name="Failed"/>.
/// </param>
/// <param name="Timeouts">Statements, locks and connections that took too long.</param>
/// <param name="Pool">Its connections to PostgreSQL, at the moment.</param>
/// <param name="Unreported">Reports that were dropped because the replica was busy, or that PostgreSQL did not take.</param>
public sealed record ReplicaFigures(
    long UptimeMilliseconds,
    int ReportMilliseconds,
    LatencyFigures Duration,
    long Failed,
    long Refused,
    long Timeouts,
    PoolFigures Pool,
    long Unreported);

/// <summary>A replica's connections to PostgreSQL, and what waits for one.</summary>
/// <param name="InUse">At work.</param>
/// <param name="Idle">Open, and at nobody's work.</param>
/// <param name="Waiting">Requests that wait for a turn.</param>
/// <param name="Queued">Messages that wait for a commit.</param>
/// <param name="Max">Most connections of the replica.</param>
public sealed record PoolFigures(int InUse, int Idle, int Waiting, int Queued, int Max);
