using Contracts;
using Contracts.Dbman;
using Contracts.Rooms;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Rooms;

/// <summary>Rooms and lists of them.</summary>
internal static class RoomEndpoints
{
    public static void MapRooms(this RouteGroupBuilder routes)
    {
        var limited = routes.MapGroup("").AllowCallers(ServiceNames.Chat).AddEndpointFilter<GateFilter>();
        limited.MapPost(DbmanRoutes.Rooms, CreateAsync);
        limited.MapGet(DbmanRoutes.Rooms, ListPublicAsync);
        limited.MapGet(DbmanRoutes.Room, GetAsync);
        limited.MapGet(DbmanRoutes.UserRooms, ListOfUserAsync);
        limited.MapGet(DbmanRoutes.Unread, UnreadAsync);
    }

    private static async Task<IResult> CreateAsync(string tenant, CreateRoomRequest request, RoomStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Id("id", request.Id);
        check.Text("name", request.Name, Limits.Name);
        check.Id("creator", request.Creator);
        check.That(request.Visibility is RoomVisibilities.Public or RoomVisibilities.Private, "visibility", "must be 'public' or 'private'.");
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (outcome, room) = await store.CreateAsync(tenant, request, cancellationToken);
        return outcome switch
        {
            RoomStore.CreateOutcome.Created => TypedResults.Created((string?)null, room),
            RoomStore.CreateOutcome.NoTenant => Problems.NotFound("There is no such tenant.", ProblemTypes.TenantNotFound),
            RoomStore.CreateOutcome.NoCreator => Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound),
            _ => Problems.Conflict("The room id is taken in the tenant.", ProblemTypes.RoomExists),
        };
    }

    private static async Task<IResult> GetAsync(string tenant, string room, RoomStore store, CancellationToken cancellationToken) =>
        await store.GetAsync(tenant, room, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : Problems.NotFound("There is no such room in the tenant.", ProblemTypes.RoomNotFound);

    private static async Task<IResult> ListPublicAsync(
        string tenant, RoomStore store, CancellationToken cancellationToken, string? after = null, int limit = 100)
    {
        var check = default(Check);
        check.Page(after, limit);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.ListPublicAsync(tenant, after, limit, cancellationToken) is { } rows
            ? TypedResults.Ok(rows.ToPage(limit, static room => room.Id))
            : Problems.NotFound("There is no such tenant.", ProblemTypes.TenantNotFound);
    }

    private static async Task<IResult> ListOfUserAsync(
        string tenant, string user, RoomStore store, CancellationToken cancellationToken, string? after = null, int limit = 100)
    {
        var check = default(Check);
        check.Page(after, limit);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.ListOfUserAsync(tenant, user, after, limit, cancellationToken) is { } rows
            ? TypedResults.Ok(rows.ToPage(limit, static summary => summary.Room.Id))
            : Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound);
    }

    private static async Task<IResult> UnreadAsync(string tenant, string user, RoomStore store, CancellationToken cancellationToken) =>
        await store.GetUnreadAsync(tenant, user, cancellationToken) is { } unread
            ? TypedResults.Ok(unread)
            : Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound);
}
