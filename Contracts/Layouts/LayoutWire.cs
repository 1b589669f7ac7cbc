using System.Text.Json.Serialization;

namespace Contracts.Layouts;

/// <summary>
/// Adds a record to a scope's history. Refused with <see cref="ProblemTypes.LayoutConflict"/> when the scope's newest record is another one, with
/// <see cref="ProblemTypes.LayoutBarrier"/> while a node with a valid lease has not applied every earlier record (the detail names the nodes), and
/// with <see cref="ProblemTypes.InvalidRequest"/> when the new state cannot follow.
/// </summary>
/// <param name="Scope">What it is for.</param>
/// <param name="ExpectedEpoch">
/// Epoch of the scope's newest record, also of one that gave the scope up; 0: the scope has never had a layout of its own, or no longer has one.
/// </param>
/// <param name="State">
/// The new state; null gives the scope up. The first record of a scope must mean the same channels as the wider scope's layout, and so must the last
/// before it is given up.
/// </param>
/// <param name="By">Who asks; up to 100 characters.</param>
/// <param name="Reason">Why; up to 500 characters.</param>
public sealed record ChangeLayoutRequest(
    LayoutScope Scope,
    long ExpectedEpoch,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] LayoutState? State,
    string By,
    string? Reason = null);

/// <summary>Layouts as of a revision.</summary>
/// <param name="Revision">Epoch of the newest record of all scopes; 0: there is none.</param>
/// <param name="Records">
/// The newest record of each scope, of those with an epoch beyond what the caller has; without scopes that were given up when the caller has nothing.
/// </param>
public sealed record LayoutsResponse(long Revision, IReadOnlyList<LayoutRecord> Records);

/// <summary>A node's sign of life.</summary>
/// <param name="Applied">
/// Revision that the node has applied: every event that it publishes from now on goes where these layouts say, and it listens to all that they ask
/// for. -1: none yet. Never goes back, and never lies beyond the newest revision.
/// </param>
/// <param name="Known">Revision up to which the node has the records.</param>
/// <param name="LeaseMilliseconds">How long the node may act on what it has applied, counted from before it sent this. 1000 to 120000.</param>
/// <param name="Rooms">Rooms that it listens to.</param>
/// <param name="Connections">Open sockets.</param>
/// <param name="Version">Of the software.</param>
/// <param name="Note">What keeps it from applying, in words; null: nothing.</param>
/// <param name="Figures">What it has counted; null: as reported before. Within <see cref="FigureLimits"/>.</param>
/// <param name="WireVersion">What the node reads on the broker: 1 single events; 2 bundles of messages as well. A node of an older version does not say.</param>
public sealed record NodeHeartbeat(
    long Applied,
    long Known,
    int LeaseMilliseconds,
    int Rooms = 0,
    int Connections = 0,
    string? Version = null,
    string? Note = null,
    NodeFigures? Figures = null,
    int WireVersion = 1);

/// <summary>Answer to a sign of life.</summary>
/// <param name="Granted">
/// Whether the node has the lease. A lease that ran out is granted again only to a node that has applied the newest revision: barriers did not wait
/// for it meanwhile. A node whose wire version is lower than another's waits for its first lease until every other one has heard of it.
/// </param>
/// <param name="Layouts">What is new to the node.</param>
/// <param name="WireVersion">The lowest that a present node reads: nothing else may be published.</param>
public sealed record NodeHeartbeatResponse(bool Granted, LayoutsResponse Layouts, int WireVersion = 1);

/// <summary>A node as the control plane sees it.</summary>
/// <param name="Node">Id, new for each start of a process.</param>
/// <param name="Applied">Revision that it has applied; -1: none.</param>
/// <param name="IsLive">Whether it has a lease: barriers wait for it.</param>
/// <param name="SeenAt">Last sign of life, database time.</param>
/// <param name="SeenMilliseconds">How long ago that was.</param>
/// <param name="Rooms">Rooms that it listens to.</param>
/// <param name="Connections">Open sockets.</param>
/// <param name="Version">Of the software.</param>
/// <param name="Note">What keeps it from applying.</param>
/// <param name="FiguresMilliseconds">How old its figures are; null: it has reported none.</param>
/// <param name="Figures">What it has counted; only where they were asked for.</param>
public sealed record NodeView(
    string Node,
    long Applied,
    bool IsLive,
    DateTimeOffset SeenAt,
    long SeenMilliseconds,
    int Rooms,
    int Connections,
    string? Version = null,
    string? Note = null,
    long? FiguresMilliseconds = null,
    NodeFigures? Figures = null);

/// <summary>All nodes that were seen lately, live ones first; the first thousand of them.</summary>
public sealed record NodesResponse(long Revision, IReadOnlyList<NodeView> Nodes);

/// <summary>Asks to become the driver of changes, or to remain it.</summary>
/// <param name="Holder">Node id.</param>
/// <param name="LeaseMilliseconds">For how long; 1000 to 120000.</param>
public sealed record DriverLeaseRequest(string Holder, int LeaseMilliseconds);

/// <summary>Who drives. Safety does not rest on it: changes are ordered by <see cref="ChangeLayoutRequest"/> alone.</summary>
/// <param name="Holder">Node id; null: nobody.</param>
/// <param name="Term">Grows with each change of the holder.</param>
/// <param name="RemainingMilliseconds">Until the lease ends.</param>
public sealed record DriverLease(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Holder, long Term, long RemainingMilliseconds);

/// <summary>What the driver is to bring about for a scope: survives its death.</summary>
/// <param name="Scope">For what.</param>
/// <param name="Target">State to reach, step by step; null: the scope is to be given up.</param>
/// <param name="Autopilot">Whether stages are left when their gates hold, and left backwards when one breaks.</param>
/// <param name="By">Who asked.</param>
/// <param name="At">Database time.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsDry">With <paramref name="Autopilot"/>: decisions are written, and nothing is done.</param>
public sealed record LayoutGoal(
    LayoutScope Scope,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] LayoutState? Target,
    bool Autopilot,
    string By,
    DateTimeOffset At,
    string? Reason = null,
    bool IsDry = false);

/// <summary>All goals that are not reached yet, or that the autopilot watches over.</summary>
public sealed record LayoutGoalsResponse(IReadOnlyList<LayoutGoal> Goals);

/// <summary>Sets the goal of a scope, in place of the one that it has.</summary>
/// <param name="Scope">For what.</param>
/// <param name="Target">State to reach; null: the scope is to be given up.</param>
/// <param name="Autopilot">Whether the autopilot decides when a stage may be left.</param>
/// <param name="By">Who asks.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsDry">With <paramref name="Autopilot"/>: decisions are written, and nothing is done.</param>
/// <param name="Replaces">
/// Time of the goal that it may take the place of; when the scope's goal is another one by then, or none, it is refused. Null: whatever there is.
/// </param>
public sealed record SetLayoutGoalRequest(
    LayoutScope Scope,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] LayoutState? Target,
    bool Autopilot,
    string By,
    string? Reason = null,
    bool IsDry = false,
    DateTimeOffset? Replaces = null);

/// <summary>One decision of the driver, the autopilot or the planner, with the figures that it rests on.</summary>
/// <param name="Id">Grows.</param>
/// <param name="Scope">For what.</param>
/// <param name="Epoch">Of the record that resulted; 0: none.</param>
/// <param name="Decision">promote, hold, roll-back, reshard, step, wait ...</param>
/// <param name="By">Who decided.</param>
/// <param name="Text">In words.</param>
/// <param name="Figures">Name and value of each figure.</param>
/// <param name="At">Database time.</param>
public sealed record LayoutDecision(
    long Id, LayoutScope Scope, long Epoch, string Decision, string By, string Text, IReadOnlyDictionary<string, double> Figures, DateTimeOffset At);

/// <summary>Adds to the history of decisions.</summary>
public sealed record AddLayoutDecisionRequest(
    LayoutScope Scope, long Epoch, string Decision, string By, string Text, IReadOnlyDictionary<string, double> Figures);
