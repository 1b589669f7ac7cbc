namespace Realtime.Fanout;

/// <summary>Values of <c>reason</c> in unsubscribed frames.</summary>
internal static class UnsubscribeReasons
{
    /// <summary>The client asked.</summary>
    public const string Requested = "requested";

    /// <summary>The user is no longer a member.</summary>
    public const string Removed = "removed";

    /// <summary>The room is gone.</summary>
    public const string RoomDeleted = "room-deleted";
}
