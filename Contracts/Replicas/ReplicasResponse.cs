namespace Contracts.Replicas;

/// <summary>
/// Replicas of dbman that have reported lately, the latest first; the first few hundred of them. One that was stopped in order is not among them.
/// </summary>
public sealed record ReplicasResponse(IReadOnlyList<ReplicaView> Replicas);

/// <summary>One replica of dbman.</summary>
/// <param name="Replica">Id, new for each start of a process; begins with the name of its machine, which is the pod in a cluster.</param>
/// <param name="SeenMilliseconds">How old its report is.</param>
/// <param name="Figures">What it has counted.</param>
/// <param name="Version">Of the software.</param>
public sealed record ReplicaView(string Replica, long SeenMilliseconds, ReplicaFigures Figures, string? Version = null);
