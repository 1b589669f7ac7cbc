namespace Contracts.Rooms;

/// <summary>Roles of a member in a room, strongest first.</summary>
public static class RoomRoles
{
    /// <summary>May do everything, also hand on ownership. A room always has one.</summary>
    public const string Owner = "owner";

    /// <summary>May add and remove members.</summary>
    public const string Moderator = "moderator";

    /// <summary>May read and post.</summary>
    public const string Member = "member";

    /// <summary>Whether the text is one of the roles.</summary>
    public static bool IsValid(string? role) => role is Owner or Moderator or Member;
}

/// <summary>Who may join a room.</summary>
public static class RoomVisibilities
{
    /// <summary>Listed; every user of the tenant may join.</summary>
    public const string Public = "public";

    /// <summary>Unlisted; members are added by owner or moderator.</summary>
    public const string Private = "private";
}

/// <summary>A room as stored.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Id">Unique within the tenant.</param>
/// <param name="Name">For people.</param>
/// <param name="Visibility">One of <see cref="RoomVisibilities"/>.</param>
/// <param name="LastSeq">Number of its newest message; 0 when there is none.</param>
/// <param name="CreatedBy">User id.</param>
/// <param name="CreatedAt">Database time.</param>
/// <param name="Members">Number of members.</param>
public sealed record RoomRecord(
    string Tenant,
    string Id,
    string Name,
    string Visibility,
    long LastSeq,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    int Members);

/// <summary>Creates a room with its creator as owner.</summary>
public sealed record CreateRoomRequest(string Id, string Name, string Visibility, string Creator);

/// <summary>A room in one user's list.</summary>
/// <param name="Room">The room.</param>
/// <param name="Role">The user's role in it.</param>
/// <param name="ReadSeq">The user's read marker.</param>
/// <param name="Unread">Messages behind the marker.</param>
public sealed record RoomSummary(RoomRecord Room, string Role, long ReadSeq, long Unread);

/// <summary>A member as stored; <c>Username</c> is null from a dbman that does not tell it yet.</summary>
public sealed record MemberRecord(string Room, string UserId, string DisplayName, string Role, long ReadSeq, DateTimeOffset JoinedAt, string? Username = null);

/// <summary>A change of membership, checked against the rules for the acting user in one transaction.</summary>
/// <param name="Actor">Who does it.</param>
/// <param name="Role">The role to have afterwards; null keeps the present one, or member for a new one.</param>
public sealed record PutMemberRequest(string Actor, string? Role = null);

/// <summary>What the change did.</summary>
/// <param name="Member">As stored now.</param>
/// <param name="Added">Whether the user was no member before.</param>
/// <param name="PreviousRole">The role before; null when added.</param>
public sealed record PutMemberResponse(MemberRecord Member, bool Added, string? PreviousRole = null);

/// <summary>A member's read marker after an update: it only moves forward, and never past the last message.</summary>
public sealed record ReadMarkerResponse(long ReadSeq, long LastSeq);

/// <summary>Moves the read marker.</summary>
public sealed record PutReadMarkerRequest(long Seq);

/// <summary>Sum over the user's rooms.</summary>
public sealed record UnreadResponse(long Total, IReadOnlyList<UnreadRoom> Rooms);

/// <summary>A room with unread messages.</summary>
public sealed record UnreadRoom(string Room, long Unread, long ReadSeq, long LastSeq);
