using System.Globalization;
using Contracts.Messages;

namespace Realtime.Channels;

/// <summary>
/// Every Redis channel name. Ids cannot contain ':' (<see cref="Contracts.Ids"/>), so no id can name another room's channel. No braces: on Redis
/// Cluster they would tie names to one slot.
/// </summary>
internal static class ChannelNames
{
    /// <summary>
    /// From node to node: what concerns connections rather than rooms. Room channels begin with <c>tenant:</c>, so they cannot collide.
    /// </summary>
    public const string Control = "realtime:control";

    /// <summary>Legacy layout: everything of a room.</summary>
    public static string Legacy(in RoomKey room) => $"tenant:{room.Tenant}:room:{room.Room}";

    /// <summary>Sharded layout: the messages of shard <paramref name="shard"/>. The same name whatever the number of shards is.</summary>
    public static string Message(in RoomKey room, int shard) =>
        string.Create(CultureInfo.InvariantCulture, $"tenant:{room.Tenant}:room:{room.Room}:message:shard:{shard}");

    /// <summary>Sharded layout: signalling.</summary>
    public static string Signal(in RoomKey room) => $"tenant:{room.Tenant}:room:{room.Room}:signal";

    /// <summary>Sharded layout: joins, leaves, moderation.</summary>
    public static string System(in RoomKey room) => $"tenant:{room.Tenant}:room:{room.Room}:system";
}
