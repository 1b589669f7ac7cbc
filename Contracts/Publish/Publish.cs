using System.Text.Json;
using Contracts.Messages;

namespace Contracts.Publish;

/// <summary>Names of system events.</summary>
public static class SystemEvents
{
    /// <summary>A user became a member.</summary>
    public const string MemberJoined = "member.joined";

    /// <summary>A member left by itself.</summary>
    public const string MemberLeft = "member.left";

    /// <summary>A member was removed by another; its sockets lose the subscription.</summary>
    public const string MemberRemoved = "member.removed";

    /// <summary>A member's role changed.</summary>
    public const string MemberRole = "member.role";

    /// <summary>Name or visibility changed.</summary>
    public const string RoomUpdated = "room.updated";

    /// <summary>The room is gone.</summary>
    public const string RoomDeleted = "room.deleted";

    /// <summary>
    /// From the node itself, to each of its subscribers: its way to the broker was interrupted and is whole again. Signals and system events of the
    /// time before may be missing (messages are not). Has no actor.
    /// </summary>
    public const string StreamInterrupted = "stream.interrupted";
}

/// <summary>An event of a room that is not stored.</summary>
/// <param name="Tenant">Tenant of the room.</param>
/// <param name="Room">Room id.</param>
/// <param name="Id">Unique; receivers drop a second copy.</param>
/// <param name="Event">One of <see cref="SystemEvents"/>.</param>
/// <param name="Actor">User who caused it.</param>
/// <param name="At">When.</param>
/// <param name="User">User it is about; null when it is about the room.</param>
/// <param name="Data">Details by event; null when there are none.</param>
public sealed record SystemEventRecord(
    string Tenant,
    string Room,
    string Id,
    string Event,
    string Actor,
    DateTimeOffset At,
    string? User = null,
    JsonElement? Data = null);

/// <summary>Up to <see cref="Limits.PublishBatch"/> messages and system events together. Publishing again is harmless.</summary>
public sealed record PublishRequest(IReadOnlyList<MessageRecord> Messages, IReadOnlyList<SystemEventRecord> System);

/// <summary>All of them were handed to the broker.</summary>
public sealed record PublishResponse(int Published);

/// <summary>A session was revoked: its sockets are closed with <see cref="CloseCodes.SessionRevoked"/>.</summary>
public sealed record SessionRevokedRequest(string Tenant, string UserId, IReadOnlyList<string> SessionIds);
