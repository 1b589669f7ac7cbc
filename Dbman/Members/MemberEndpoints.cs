using Contracts;
using Contracts.Dbman;
using Contracts.Rooms;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Members;

/// <summary>Members and their read markers.</summary>
internal static class MemberEndpoints
{
    public static void MapMembers(this RouteGroupBuilder routes)
    {
        var limited = routes.MapGroup("").AllowCallers(ServiceNames.Chat).AddEndpointFilter<GateFilter>();
        limited.MapGet(DbmanRoutes.Members, ListAsync);
        limited.MapGet(DbmanRoutes.Member, GetAsync).AllowCallers(ServiceNames.Chat, ServiceNames.Realtime);
        limited.MapPut(DbmanRoutes.Member, PutAsync);
        limited.MapDelete(DbmanRoutes.Member, RemoveAsync);
        limited.MapPut(DbmanRoutes.ReadMarker, MoveReadMarkerAsync);
    }

    private static async Task<IResult> ListAsync(
        string tenant, string room, MemberStore store, CancellationToken cancellationToken, string? after = null, int limit = 100)
    {
        var check = default(Check);
        check.Page(after, limit);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.ListAsync(tenant, room, after, limit, cancellationToken) is { } rows
            ? TypedResults.Ok(rows.ToPage(limit, static member => member.UserId))
            : Problems.NotFound("There is no such room in the tenant.", ProblemTypes.RoomNotFound);
    }

    private static async Task<IResult> GetAsync(string tenant, string room, string user, MemberStore store, CancellationToken cancellationToken) =>
        await store.GetAsync(tenant, room, user, cancellationToken) is { } member ? TypedResults.Ok(member) : NotAMember();

    private static async Task<IResult> PutAsync(
        string tenant, string room, string user, PutMemberRequest request, MemberStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Id("actor", request.Actor);
        check.That(request.Role is null || RoomRoles.IsValid(request.Role), "role", "must be 'owner', 'moderator' or 'member'.");
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (verdict, response) = await store.PutAsync(tenant, room, user, request, cancellationToken);
        return verdict == MemberVerdict.Ok ? TypedResults.Ok(response) : Refusal(verdict);
    }

    private static async Task<IResult> RemoveAsync(
        string tenant, string room, string user, string? actor, MemberStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Id("actor", actor);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var verdict = await store.RemoveAsync(tenant, room, user, actor!, cancellationToken);
        return verdict == MemberVerdict.Ok ? TypedResults.NoContent() : Refusal(verdict);
    }

    private static async Task<IResult> MoveReadMarkerAsync(
        string tenant, string room, string user, PutReadMarkerRequest request, MemberStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Range("seq", request.Seq, 0, long.MaxValue);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.MoveReadMarkerAsync(tenant, room, user, request.Seq, cancellationToken) is { } marker ? TypedResults.Ok(marker) : NotAMember();
    }

    private static ProblemResult NotAMember() =>
        Problems.Forbidden("The user is not a member of the room, or there is no such room.", ProblemTypes.NotAMember);

    private static ProblemResult Refusal(MemberVerdict verdict) => verdict switch
    {
        MemberVerdict.NotAMember => NotAMember(),
        MemberVerdict.NoUser => Problems.NotFound("There is no such user.", ProblemTypes.UserNotFound),
        MemberVerdict.LastOwner => Problems.Conflict("The room's last owner cannot leave or step down.", ProblemTypes.LastOwner),
        _ => Problems.Forbidden("The role in this room does not allow it."),
    };
}
