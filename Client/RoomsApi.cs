using Contracts;
using Contracts.Public;
using Contracts.Results;
using Contracts.Rooms;

namespace Client;

/// <summary>Rooms and members.</summary>
public sealed class RoomsApi
{
    private readonly HttpClient _http;

    internal RoomsApi(HttpClient http) => _http = http;

    private static ContractsJsonContext Wire => ContractsJsonContext.Default;

    /// <summary>Creates a room owned by the user. 409 <see cref="ProblemTypes.RoomExists"/>.</summary>
    public Task<ServiceResult<RoomView>> CreateAsync(NewRoom room, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Post, ChatRoutes.Rooms, ServiceHttp.Json(room, Wire.NewRoom), Wire.RoomView, idempotent: false, cancellationToken);

    /// <summary>The user's rooms, with unread counts, in order of id.</summary>
    public Task<ServiceResult<Page<RoomView>>> ListAsync(string? after = null, int limit = Limits.Page, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, RouteTemplate.Paged(ChatRoutes.Rooms, after, limit), content: null, Wire.PageRoomView, idempotent: true, cancellationToken);

    /// <summary>The tenant's public rooms in order of id.</summary>
    public Task<ServiceResult<Page<RoomView>>> ListPublicAsync(string? after = null, int limit = Limits.Page, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, RouteTemplate.Paged(ChatRoutes.PublicRooms, after, limit), content: null, Wire.PageRoomView, idempotent: true, cancellationToken);

    /// <summary>One room.</summary>
    public Task<ServiceResult<RoomView>> GetAsync(string room, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, RouteTemplate.Fill(ChatRoutes.Room, room), content: null, Wire.RoomView, idempotent: true, cancellationToken);

    /// <summary>Joins a public room.</summary>
    public Task<ServiceResult<MemberView>> JoinAsync(string room, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Post, RouteTemplate.Fill(ChatRoutes.Join, room), content: null, Wire.MemberView, idempotent: true, cancellationToken);

    /// <summary>Leaves a room. 409 <see cref="ProblemTypes.LastOwner"/>.</summary>
    public Task<ServiceResult<Unit>> LeaveAsync(string room, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Post, RouteTemplate.Fill(ChatRoutes.Leave, room), content: null, Wire.Unit, idempotent: true, cancellationToken);

    /// <summary>Members in order of user id.</summary>
    public Task<ServiceResult<Page<MemberView>>> ListMembersAsync(string room, string? after = null, int limit = Limits.Page, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Get,
            RouteTemplate.Paged(RouteTemplate.Fill(ChatRoutes.Members, room), after, limit),
            content: null,
            Wire.PageMemberView,
            idempotent: true,
            cancellationToken);

    /// <summary>Adds a member or changes its role; for owners and moderators.</summary>
    public Task<ServiceResult<MemberView>> PutMemberAsync(string room, string user, MemberChange change, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Put,
            RouteTemplate.Fill(ChatRoutes.Member, room, user),
            ServiceHttp.Json(change, Wire.MemberChange),
            Wire.MemberView,
            idempotent: true,
            cancellationToken);

    /// <summary>Removes a member; for owners and moderators.</summary>
    public Task<ServiceResult<Unit>> RemoveMemberAsync(string room, string user, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Delete, RouteTemplate.Fill(ChatRoutes.Member, room, user), content: null, Wire.Unit, idempotent: true, cancellationToken);

    /// <summary>Moves the user's read marker forward.</summary>
    public Task<ServiceResult<ReadMarkerResponse>> MarkReadAsync(string room, long seq, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Put,
            RouteTemplate.Fill(ChatRoutes.Read, room),
            ServiceHttp.Json(new ReadPosition(seq), Wire.ReadPosition),
            Wire.ReadMarkerResponse,
            idempotent: true,
            cancellationToken);

    /// <summary>The user's rooms with unread messages.</summary>
    public Task<ServiceResult<UnreadResponse>> GetUnreadAsync(CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, ChatRoutes.Unread, content: null, Wire.UnreadResponse, idempotent: true, cancellationToken);
}
