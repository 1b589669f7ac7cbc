using Contracts.Dbman;
using Contracts.Public;
using Contracts.Rooms;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Requests;

namespace Chat.Rooms;

/// <summary>Membership. Who may do what is decided by Dbman within the transaction that does it; a check here would be out of date by then.</summary>
internal static class MemberEndpoints
{
    public static void MapMembers(this IEndpointRouteBuilder routes)
    {
        var members = routes.MapApi();
        members.MapPost(ChatRoutes.Join, JoinAsync);
        members.MapPost(ChatRoutes.Leave, LeaveAsync);
        members.MapGet(ChatRoutes.Members, ListAsync);
        members.MapPut(ChatRoutes.Member, PutAsync).WithMetadata(new RequestSizeLimitAttribute(Api.MaxBodyBytes));
        members.MapDelete(ChatRoutes.Member, RemoveAsync);
    }

    private static Task<IResult> JoinAsync(
        string room, UserIdentity caller, DbmanClient dbman, RoomEvents events, CancellationToken cancellationToken) =>
        ChangeAsync(room, caller.User, role: null, caller, dbman, events, cancellationToken);

    private static Task<IResult> LeaveAsync(
        string room, UserIdentity caller, DbmanClient dbman, RoomEvents events, CancellationToken cancellationToken) =>
        RemoveAsync(room, caller.User, caller, dbman, events, cancellationToken);

    private static async Task<IResult> ListAsync(
        string room, string? after, int? limit, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (!Paging.TryParse(after, limit, out var paging, out var problem))
        {
            return problem;
        }

        var membership = dbman.Rooms.GetMemberAsync(caller.Tenant, room, caller.User, cancellationToken);
        var members = dbman.Rooms.ListMembersAsync(caller.Tenant, room, paging.After, paging.Limit, cancellationToken);
        await Task.WhenAll(membership, members);
        return (await membership).Problem is { } refused
            ? Problems.From(refused)
            : (await members).ToHttp(static page => Results.Ok(page.ToPage(static member => member.ToView())));
    }

    private static Task<IResult> PutAsync(
        string room, string user, MemberChange change, UserIdentity caller, DbmanClient dbman, RoomEvents events, CancellationToken cancellationToken) =>
        change.Role is null || RoomRoles.IsValid(change.Role)
            ? ChangeAsync(room, user, change.Role, caller, dbman, events, cancellationToken)
            : Task.FromResult<IResult>(Problems.InvalidRequest(
                $"'role' must be '{RoomRoles.Owner}', '{RoomRoles.Moderator}' or '{RoomRoles.Member}'.", "role"));

    private static async Task<IResult> ChangeAsync(
        string room, string user, string? role, UserIdentity caller, DbmanClient dbman, RoomEvents events, CancellationToken cancellationToken)
    {
        var result = await dbman.Rooms.PutMemberAsync(caller.Tenant, room, user, new PutMemberRequest(caller.User, role), cancellationToken);
        if (!result.TryGet(out var put, out var problem))
        {
            return Problems.From(problem);
        }

        var member = put.Member;
        if (put.Added)
        {
            events.Joined(caller, room, user, member.Role);
            return Results.Created($"{ChatRoutes.Rooms}/{room}/members/{user}", member.ToView());
        }

        if (put.PreviousRole is { } before && before != member.Role)
        {
            events.RoleChanged(caller, room, user, member.Role);
        }

        return Results.Ok(member.ToView());
    }

    private static async Task<IResult> RemoveAsync(
        string room, string user, UserIdentity caller, DbmanClient dbman, RoomEvents events, CancellationToken cancellationToken)
    {
        var result = await dbman.Rooms.RemoveMemberAsync(caller.Tenant, room, user, caller.User, cancellationToken);
        return result.ToHttp(_ =>
        {
            events.Left(caller, room, user);
            return Results.NoContent();
        });
    }
}
