using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Layouts;

/// <summary>The nodes that follow layouts, and the one that drives their changes.</summary>
internal static class NodeEndpoints
{
    private const int MaxNote = 500;

    public static void MapHeartbeats(this RouteGroupBuilder routes) =>
        routes.MapPut(DbmanRoutes.LayoutNode, BeatAsync).AllowCallers(ServiceNames.Realtime).AddEndpointFilter<HeartbeatFilter>();

    public static void MapNodes(this RouteGroupBuilder routes)
    {
        routes.MapGet(DbmanRoutes.LayoutNodes, ListAsync);
        routes.MapDelete(DbmanRoutes.LayoutNode, LeaveAsync);
        routes.MapGet(DbmanRoutes.LayoutDriver, GetDriverAsync);
        routes.MapPut(DbmanRoutes.LayoutDriver, DriveAsync);
    }

    private static async Task<IResult> BeatAsync(string node, NodeHeartbeat heartbeat, NodeStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Range("applied", heartbeat.Applied, -1, long.MaxValue);
        check.Range("known", heartbeat.Known, -1, long.MaxValue);
        check.Lease(heartbeat.LeaseMilliseconds);
        check.Range("rooms", heartbeat.Rooms, 0, int.MaxValue);
        check.Range("connections", heartbeat.Connections, 0, int.MaxValue);
        check.Range("wireVersion", heartbeat.WireVersion, 1, int.MaxValue);
        check.OptionalText("version", heartbeat.Version, Limits.Name);
        check.OptionalText("note", heartbeat.Note, MaxNote);
        string? figures = null;
        if (check.Problem is null && heartbeat.Figures is { } counted)
        {
            check.Figures(counted, out figures);
        }

        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (revision, response) = await store.BeatAsync(node, heartbeat, figures, cancellationToken);
        return response is null
            ? Problems.InvalidRequest(
                $"'applied' ({heartbeat.Applied}) and 'known' ({heartbeat.Known}) must not be beyond the newest revision, which is {revision}.", "applied")
            : TypedResults.Ok(response);
    }

    private static async Task<IResult> LeaveAsync(string node, NodeStore store, CancellationToken cancellationToken)
    {
        await store.LeaveAsync(node, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ListAsync(NodeStore store, CancellationToken cancellationToken, bool figures = false) =>
        TypedResults.Ok(await store.ListAsync(figures, cancellationToken));

    private static async Task<IResult> DriveAsync(DriverLeaseRequest request, NodeStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Id("holder", request.Holder);
        check.Lease(request.LeaseMilliseconds);
        return check.Problem is { } problem ? problem : TypedResults.Ok(await store.DriveAsync(request, cancellationToken));
    }

    private static async Task<IResult> GetDriverAsync(NodeStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(await store.GetDriverAsync(cancellationToken));

    private static void Lease(ref this Check check, int milliseconds) =>
        check.Range("leaseMilliseconds", milliseconds, NodeStore.MinLeaseMilliseconds, NodeStore.MaxLeaseMilliseconds);
}
