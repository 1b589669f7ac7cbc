using Contracts;
using Contracts.Dbman;
using Dbman.Requests;
using ServiceDefaults.Identity;

namespace Dbman.Figures;

/// <summary>How dbman itself is, for operators' pages.</summary>
internal static class ReplicaEndpoints
{
    public static void MapReplicas(this RouteGroupBuilder routes) =>
        routes.MapGroup("").AddEndpointFilter<GateFilter>().MapGet(DbmanRoutes.Replicas, ListAsync).AllowCallers(ServiceNames.Realtime);

    private static async Task<IResult> ListAsync(ReplicaStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(await store.ListAsync(cancellationToken));
}
