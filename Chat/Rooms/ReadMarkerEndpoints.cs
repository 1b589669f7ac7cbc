using Contracts.Dbman;
using Contracts.Public;
using Contracts.Rooms;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Chat.Rooms;

internal static class ReadMarkerEndpoints
{
    public static void MapReadMarkers(this IEndpointRouteBuilder routes)
    {
        var markers = routes.MapApi();
        markers.MapPut(ChatRoutes.Read, PutAsync).WithMetadata(new RequestSizeLimitAttribute(Api.MaxBodyBytes));
        markers.MapGet(ChatRoutes.Unread, UnreadAsync);
    }

    private static async Task<IResult> PutAsync(
        string room, ReadPosition position, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (position.Seq < 0)
        {
            return Problems.InvalidRequest("'seq' must not be negative.", "seq");
        }

        var result = await dbman.Rooms.PutReadMarkerAsync(
            caller.Tenant, room, caller.User, new PutReadMarkerRequest(position.Seq), cancellationToken);
        return result.ToHttp(static marker => Results.Ok(marker));
    }

    private static async Task<IResult> UnreadAsync(UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        var result = await dbman.Rooms.GetUnreadAsync(caller.Tenant, caller.User, cancellationToken);
        return result.ToHttp(static unread => Results.Ok(unread));
    }
}
