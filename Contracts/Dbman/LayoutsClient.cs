using Contracts.Layouts;
using Contracts.Results;
using static Contracts.Dbman.DbmanCalls;
using static Contracts.RouteTemplate;

namespace Contracts.Dbman;

/// <summary>Channel layouts, the nodes that follow them, and who drives their changes.</summary>
public sealed class LayoutsClient
{
    private readonly HttpClient _http;

    internal LayoutsClient(HttpClient http) => _http = http;

    /// <summary>The newest record of each scope whose epoch is beyond <paramref name="known"/>.</summary>
    public Task<ServiceResult<LayoutsResponse>> GetAsync(long known, CancellationToken cancellationToken) =>
        _http.GetAsync($"{DbmanRoutes.Layouts}?known={known}", Wire.LayoutsResponse, cancellationToken);

    /// <summary>
    /// Adds a record; see <see cref="ChangeLayoutRequest"/> for the refusals. Not repeated by itself: whether it took effect is seen in the epoch.
    /// </summary>
    public Task<ServiceResult<LayoutRecord>> ChangeAsync(ChangeLayoutRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, DbmanRoutes.Layouts, request, Wire.ChangeLayoutRequest, Wire.LayoutRecord, idempotent: false, cancellationToken);

    /// <summary>Records of all scopes with an epoch less than <paramref name="before"/> (null: the newest of all), newest first.</summary>
    public Task<ServiceResult<Page<LayoutRecord>>> GetHistoryAsync(long? before, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync($"{DbmanRoutes.LayoutHistory}?before={before ?? long.MaxValue}&limit={limit}", Wire.PageLayoutRecord, cancellationToken);

    /// <summary>A node's sign of life.</summary>
    public Task<ServiceResult<NodeHeartbeatResponse>> BeatAsync(string node, NodeHeartbeat heartbeat, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(
            HttpMethod.Put, Fill(DbmanRoutes.LayoutNode, node), heartbeat, Wire.NodeHeartbeat, Wire.NodeHeartbeatResponse, idempotent: true, cancellationToken);

    /// <summary>A node leaves in order: it no longer publishes or listens, and no barrier waits for it.</summary>
    public Task<ServiceResult<Unit>> LeaveAsync(string node, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Delete, Fill(DbmanRoutes.LayoutNode, node), content: null, Wire.Unit, idempotent: true, cancellationToken);

    /// <summary>All nodes that were seen lately, without their figures.</summary>
    public Task<ServiceResult<NodesResponse>> GetNodesAsync(CancellationToken cancellationToken) => GetNodesAsync(withFigures: false, cancellationToken);

    /// <summary>All nodes that were seen lately; with the figures of those that are live, if so asked.</summary>
    public Task<ServiceResult<NodesResponse>> GetNodesAsync(bool withFigures, CancellationToken cancellationToken) =>
        _http.GetAsync(withFigures ? $"{DbmanRoutes.LayoutNodes}?figures=true" : DbmanRoutes.LayoutNodes, Wire.NodesResponse, cancellationToken);

    /// <summary>Takes the driver's lease when nobody has it, or prolongs one's own; answers who has it.</summary>
    public Task<ServiceResult<DriverLease>> DriveAsync(DriverLeaseRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, DbmanRoutes.LayoutDriver, request, Wire.DriverLeaseRequest, Wire.DriverLease, idempotent: true, cancellationToken);

    /// <summary>Who drives.</summary>
    public Task<ServiceResult<DriverLease>> GetDriverAsync(CancellationToken cancellationToken) =>
        _http.GetAsync(DbmanRoutes.LayoutDriver, Wire.DriverLease, cancellationToken);

    /// <summary>Goals of all scopes.</summary>
    public Task<ServiceResult<LayoutGoalsResponse>> GetGoalsAsync(CancellationToken cancellationToken) =>
        _http.GetAsync(DbmanRoutes.LayoutGoals, Wire.LayoutGoalsResponse, cancellationToken);

    /// <summary>Sets a scope's goal.</summary>
    public Task<ServiceResult<LayoutGoal>> SetGoalAsync(SetLayoutGoalRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, DbmanRoutes.LayoutGoals, request, Wire.SetLayoutGoalRequest, Wire.LayoutGoal, idempotent: true, cancellationToken);

    /// <summary>Removes exactly this goal; one that took its place stays.</summary>
    public Task<ServiceResult<Unit>> ClearGoalAsync(LayoutGoal goal, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, DbmanRoutes.ClearLayoutGoal, goal, Wire.LayoutGoal, Wire.Unit, idempotent: true, cancellationToken);

    /// <summary>Adds to the history of decisions.</summary>
    public Task<ServiceResult<LayoutDecision>> AddDecisionAsync(AddLayoutDecisionRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(
            HttpMethod.Post, DbmanRoutes.LayoutDecisions, request, Wire.AddLayoutDecisionRequest, Wire.LayoutDecision, idempotent: false, cancellationToken);

    /// <summary>Decisions with an id less than <paramref name="before"/> (null: the newest of all), newest first.</summary>
    public Task<ServiceResult<Page<LayoutDecision>>> GetDecisionsAsync(long? before, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync($"{DbmanRoutes.LayoutDecisions}?before={before ?? long.MaxValue}&limit={limit}", Wire.PageLayoutDecision, cancellationToken);
}
