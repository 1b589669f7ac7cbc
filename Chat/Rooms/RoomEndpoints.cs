using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Rooms;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;
using ServiceDefaults.Names;
using ServiceDefaults.Requests;

namespace Chat.Rooms;

internal static class RoomEndpoints
{
    public static void MapRooms(this IEndpointRouteBuilder routes)
    {
        var rooms = routes.MapApi();
        rooms.MapPost(ChatRoutes.Rooms, CreateAsync).WithMetadata(new RequestSizeLimitAttribute(Api.MaxBodyBytes)).RequireRateLimit(Api.NewRooms);
        rooms.MapGet(ChatRoutes.Rooms, ListMineAsync);
        rooms.MapGet(ChatRoutes.PublicRooms, ListPublicAsync);
        rooms.MapGet(ChatRoutes.Room, GetAsync);
    }

    private static async Task<IResult> CreateAsync(
        NewRoom room, UserIdentity caller, DbmanClient dbman, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = room.Id ?? Ids.New(time);
        if (!Ids.IsValid(id))
        {
            return Problems.InvalidId("id");
        }

        if (id == ChatRoutes.ReservedRoomId)
        {
            return Problems.InvalidRequest($"'{id}' cannot be a room's id.", "id");
        }

        if (DisplayNames.Normalize(room.Name) is not { } name)
        {
            return Problems.InvalidRequest($"'name' must be {DisplayNames.Rule}.", "name");
        }

        var visibility = room.Visibility ?? RoomVisibilities.Private;
        if (visibility is not (RoomVisibilities.Public or RoomVisibilities.Private))
        {
            return Problems.InvalidRequest($"'visibility' must be '{RoomVisibilities.Public}' or '{RoomVisibilities.Private}'.", "visibility");
        }

        var result = await dbman.Rooms.CreateAsync(
            caller.Tenant, new CreateRoomRequest(id, name, visibility, caller.User), cancellationToken);
        return result.ToHttp(created => Results.Created(
            $"{ChatRoutes.Rooms}/{created.Id}",
            created.ToView() with { Role = RoomRoles.Owner, ReadSeq = 0, Unread = 0 }));
    }

    private static async Task<IResult> ListMineAsync(
        string? after, int? limit, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (!Paging.TryParse(after, limit, out var paging, out var problem))
        {
            return problem;
        }

        var result = await dbman.Rooms.ListOfUserAsync(caller.Tenant, caller.User, paging.After, paging.Limit, cancellationToken);
        return result.ToHttp(static page => Results.Ok(page.ToPage(static room => room.ToView())));
    }

    private static async Task<IResult> ListPublicAsync(
        string? after, int? limit, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (!Paging.TryParse(after, limit, out var paging, out var problem))
        {
            return problem;
        }

        var result = await dbman.Rooms.ListPublicAsync(caller.Tenant, paging.After, paging.Limit, cancellationToken);
        return result.ToHttp(static page => Results.Ok(page.ToPage(static room => room.ToView())));
    }

    /// <summary>Members see their room; everybody sees public ones; a private room that one is no member of looks like one that does not exist.</summary>
    private static async Task<IResult> GetAsync(string room, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        var asRoom = dbman.Rooms.GetAsync(caller.Tenant, room, cancellationToken);
        var asMember = dbman.Rooms.GetMemberAsync(caller.Tenant, room, caller.User, cancellationToken);
        await Task.WhenAll(asRoom, asMember);
        var (found, member) = (await asRoom, await asMember);

        if (!member.IsSuccess && !member.Problem.Is(ProblemTypes.NotAMember))
        {
            return Problems.From(member.Problem);
        }

        if (!found.IsSuccess)
        {
            return found.Problem.Is(ProblemTypes.RoomNotFound) ? Access.NotAMember() : Problems.From(found.Problem);
        }

        return member.IsSuccess || found.Value.Visibility == RoomVisibilities.Public
            ? Results.Ok(found.Value.ToView(member.IsSuccess ? member.Value : null))
            : Access.NotAMember();
    }
}
