using Layouts.Figures;
using Layouts.Steps;
using Realtime.Channels;

namespace Layouts.Admin;

/// <summary>The hottest rooms, hottest first.</summary>
/// <param name="At">When the figures were read.</param>
/// <param name="Rooms">Of all nodes.</param>
internal sealed record HotRoomsView(DateTimeOffset At, IReadOnlyList<HotRoomRow> Rooms);

/// <summary>One hot room.</summary>
/// <param name="Room"><c>tenant/room</c>.</param>
/// <param name="EventsPerSecond">Of all kinds: an upper bound.</param>
/// <param name="MessagesPerSecond">Messages among them: a lower bound.</param>
/// <param name="ErrorPerSecond">By how much the events may be too many.</param>
/// <param name="Subscribers">Subscriptions of sockets on all nodes.</param>
/// <param name="Scope">Whose layout it has.</param>
/// <param name="Layout">That layout in words.</param>
/// <param name="Shards">Message shards; 0: it listens to the legacy channel.</param>
/// <param name="MessagesPerShard">Messages a second on each, when they spread evenly.</param>
/// <param name="Channels">What it is listened to on, by name.</param>
internal sealed record HotRoomRow(
    string Room,
    double EventsPerSecond,
    double MessagesPerSecond,
    double ErrorPerSecond,
    long Subscribers,
    string Scope,
    string Layout,
    int Shards,
    double MessagesPerShard,
    IReadOnlyList<string> Channels);

/// <summary>Hot rooms, with the channels that they have.</summary>
internal static class HotRoomViews
{
    public static HotRoomsView Of(FigureReading reading, LayoutSnapshot layouts, int limit) =>
        new(reading.At, [.. HotRoomTable.Of(reading, limit).Select(room => Row(room, layouts.RoutesOf(room.Room)))]);

    private static HotRoomRow Row(RoomRate room, RoomRoutes routes) => new(
        room.Room.ToString(),
        room.EventsPerSecond,
        room.MessagesPerSecond,
        room.ErrorPerSecond,
        room.Subscribers,
        routes.Scope.ToString(),
        StepText.Name(routes.State),
        routes.Listen,
        room.MessagesPerSecond / Math.Max(1, routes.Listen),
        [.. routes.ListenTo.Select(static channel => channel.Name)]);
}
