namespace Contracts.Public;

/// <summary>Creates a room; its creator becomes the owner.</summary>
/// <param name="Name">For people, up to <see cref="Limits.Name"/> characters.</param>
/// <param name="Id">Chosen by the caller; absent: made by the server.</param>
/// <param name="Visibility">One of <see cref="Contracts.Rooms.RoomVisibilities"/>; absent: private.</param>
public sealed record NewRoom(string Name, string? Id = null, string? Visibility = null);

/// <summary>A room, as its members and, when it is public, everybody in the tenant may see it.</summary>
/// <param name="Id">Unique within the tenant.</param>
/// <param name="Name">For people.</param>
/// <param name="Visibility">One of <see cref="Contracts.Rooms.RoomVisibilities"/>.</param>
/// <param name="LastSeq">Number of its newest message; 0 when there is none.</param>
/// <param name="Members">Number of members.</param>
/// <param name="CreatedBy">User id.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Role">The caller's role; absent when the caller is no member, and in the list of public rooms.</param>
/// <param name="ReadSeq">The caller's read marker; absent like <paramref name="Role"/>.</param>
/// <param name="Unread">Messages behind the marker; absent like <paramref name="Role"/>.</param>
public sealed record RoomView(
    string Id,
    string Name,
    string Visibility,
    long LastSeq,
    int Members,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    string? Role = null,
    long? ReadSeq = null,
    long? Unread = null);

/// <summary>A member of a room.</summary>
/// <param name="User">User id.</param>
/// <param name="DisplayName">For people.</param>
/// <param name="Role">One of <see cref="Contracts.Rooms.RoomRoles"/>.</param>
/// <param name="ReadSeq">How far the member has read.</param>
/// <param name="JoinedAt">When.</param>
/// <param name="Username">Unique in the tenant, which display names are not; absent while an older version of a service is still running.</param>
public sealed record MemberView(string User, string DisplayName, string Role, long ReadSeq, DateTimeOffset JoinedAt, string? Username = null);

/// <summary>Adds a member or changes its role.</summary>
/// <param name="Role">One of <see cref="Contracts.Rooms.RoomRoles"/>; absent keeps the present one, or makes a new member a plain one.</param>
public sealed record MemberChange(string? Role = null);

/// <summary>The newest seq that the caller has read.</summary>
public sealed record ReadPosition(long Seq);
