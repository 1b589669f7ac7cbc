using Contracts.Layouts;
using Layouts.Figures;

namespace Layouts.Console.Overview;

/// <summary>What realtime nodes and replicas of dbman have counted, as of one look. Immutable.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Views">Nodes as dbman knows them.</param>
/// <param name="Nodes">What they have counted.</param>
/// <param name="Replicas">What dbman's replicas have counted.</param>
internal sealed record OverviewReading(DateTimeOffset At, NodesResponse Views, FigureReading Nodes, ReplicaReading Replicas);
