using Contracts.Messages;

namespace Layouts.Figures;

/// <summary>A room's traffic, over all nodes that count it among their hottest.</summary>
/// <param name="Room">The room.</param>
/// <param name="EventsPerSecond">Events of all kinds: an upper bound.</param>
/// <param name="MessagesPerSecond">Messages among them: a lower bound.</param>
/// <param name="ErrorPerSecond">By how much the events may be too many.</param>
/// <param name="Subscribers">Subscriptions of sockets.</param>
internal sealed record RoomRate(RoomKey Room, double EventsPerSecond, double MessagesPerSecond, double ErrorPerSecond, long Subscribers);

/// <summary>The hottest rooms of all nodes.</summary>
internal static class HotRoomTable
{
    /// <summary>Hottest first. Each node's last window counts by its own length; a node whose window is not over yet has nothing to say.</summary>
    public static IReadOnlyList<RoomRate> Of(FigureReading reading, int count) =>
    [
        .. reading.Nodes.Values
            .Where(static node => node.Figures.Hot.WindowMilliseconds > 0)
            .SelectMany(static node => node.Figures.Hot.Rooms.Select(room => (room, Seconds: node.Figures.Hot.WindowMilliseconds / 1000.0)))
            .GroupBy(static entry => new RoomKey(entry.room.Tenant, entry.room.Room))
            .Select(static group => new RoomRate(
                group.Key,
                group.Sum(static entry => entry.room.Events / entry.Seconds),
                group.Sum(static entry => entry.room.Messages / entry.Seconds),
                group.Sum(static entry => entry.room.Overcount / entry.Seconds),
                group.Sum(static entry => (long)entry.room.Subscribers)))
            .OrderByDescending(static room => room.EventsPerSecond)
            .ThenBy(static room => room.Room.ToString(), StringComparer.Ordinal)
            .Take(count),
    ];
}
