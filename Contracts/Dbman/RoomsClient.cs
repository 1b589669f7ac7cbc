using Contracts.Results;
using Contracts.Rooms;
using static Contracts.Dbman.DbmanCalls;
using static Contracts.RouteTemplate;

namespace Contracts.Dbman;

/// <summary>Rooms, members and read markers.</summary>
public sealed class RoomsClient
{
    private readonly HttpClient _http;

    internal RoomsClient(HttpClient http) => _http = http;

    /// <summary>409 <see cref="ProblemTypes.RoomExists"/>.</summary>
    public Task<ServiceResult<RoomRecord>> CreateAsync(string tenant, CreateRoomRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.Rooms, tenant), request, Wire.CreateRoomRequest, Wire.RoomRecord, idempotent: false, cancellationToken);

    /// <summary>404 <see cref="ProblemTypes.RoomNotFound"/>.</summary>
    public Task<ServiceResult<RoomRecord>> GetAsync(string tenant, string room, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.Room, tenant, room), Wire.RoomRecord, cancellationToken);

    /// <summary>Public rooms of a tenant in order of id.</summary>
    public Task<ServiceResult<Page<RoomRecord>>> ListPublicAsync(string tenant, string? after, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync(Paged(Fill(DbmanRoutes.Rooms, tenant), after, limit), Wire.PageRoomRecord, cancellationToken);

    /// <summary>A user's rooms in order of id.</summary>
    public Task<ServiceResult<Page<RoomSummary>>> ListOfUserAsync(string tenant, string user, string? after, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync(Paged(Fill(DbmanRoutes.UserRooms, tenant, user), after, limit), Wire.PageRoomSummary, cancellationToken);

    /// <summary>Rooms of a user with unread messages.</summary>
    public Task<ServiceResult<UnreadResponse>> GetUnreadAsync(string tenant, string user, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.Unread, tenant, user), Wire.UnreadResponse, cancellationToken);

    /// <summary>Members in order of user id.</summary>
    public Task<ServiceResult<Page<MemberRecord>>> ListMembersAsync(string tenant, string room, string? after, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync(Paged(Fill(DbmanRoutes.Members, tenant, room), after, limit), Wire.PageMemberRecord, cancellationToken);

    /// <summary>403 <see cref="ProblemTypes.NotAMember"/>, also when the room does not exist.</summary>
    public Task<ServiceResult<MemberRecord>> GetMemberAsync(string tenant, string room, string user, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.Member, tenant, room, user), Wire.MemberRecord, cancellationToken);

    /// <summary>
    /// Adds a member or changes its role. A user adds itself to public rooms only; owners and moderators add others; owners change roles. 403
    /// <see cref="ProblemTypes.Forbidden"/> or <see cref="ProblemTypes.NotAMember"/> (private or missing room), 404
    /// <see cref="ProblemTypes.UserNotFound"/>, 409 <see cref="ProblemTypes.LastOwner"/>.
    /// </summary>
    public Task<ServiceResult<PutMemberResponse>> PutMemberAsync(string tenant, string room, string user, PutMemberRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, Fill(DbmanRoutes.Member, tenant, room, user), request, Wire.PutMemberRequest, Wire.PutMemberResponse, idempotent: true, cancellationToken);

    /// <summary>
    /// Removes a member: itself, or by owner or moderator. 403, 404 <see cref="ProblemTypes.UserNotFound"/>, 409
    /// <see cref="ProblemTypes.LastOwner"/>.
    /// </summary>
    public Task<ServiceResult<Unit>> RemoveMemberAsync(string tenant, string room, string user, string actor, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Delete, Fill(DbmanRoutes.Member, tenant, room, user) + "?actor=" + Uri.EscapeDataString(actor), content: null, Wire.Unit, idempotent: false, cancellationToken);

    /// <summary>Moves a member's read marker forward. 403 <see cref="ProblemTypes.NotAMember"/>.</summary>
    public Task<ServiceResult<ReadMarkerResponse>> PutReadMarkerAsync(string tenant, string room, string user, PutReadMarkerRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, Fill(DbmanRoutes.ReadMarker, tenant, room, user), request, Wire.PutReadMarkerRequest, Wire.ReadMarkerResponse, idempotent: true, cancellationToken);
}
