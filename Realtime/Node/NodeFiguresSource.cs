using Contracts.Layouts;
using Realtime.Channels;
using Realtime.Counting;
using Realtime.Fanout;
using Realtime.Sockets;

namespace Realtime.Node;

/// <summary>Puts together what this node has counted.</summary>
internal sealed class NodeFiguresSource(
    NodeCounters counters,
    HotRoomCounter hot,
    RealtimeTelemetry telemetry,
    RedisRoomChannels channels,
    ChannelLayouts layouts,
    RoomFeeds feeds,
    DriverReport driverReport,
    ConnectionServices connections,
    TimeProvider time)
{
    private readonly long _since = time.GetTimestamp();

    public NodeFigures Read() => new(
        connections.Node,
        (long)time.GetElapsedTime(_since).TotalMilliseconds,
        counters.ReadPublish(),
        new DeliveryFigures(
            telemetry.Delivered.Value,
            telemetry.DroppedTotal.Value,
            telemetry.Retransmitted.Value,
            telemetry.Duplicates.Value,
            telemetry.RepairedTotal.Value,
            telemetry.SlowConsumerTotal.Value),
        ReadSubscriptions(),
        counters.ReadScopes(),
        ReadHot(),
        driverReport.Current is { } driving ? driving with { Brokers = driverReport.Brokers } : null);

    private SubscriptionFigures[] ReadSubscriptions()
    {
        var subscribers = feeds.CountSubscriptions(room => LayoutNames.OfFamily(layouts.Listening.RoutesOf(room).Listen))
            .ToDictionary(static group => group.Group, static group => group.Count, StringComparer.Ordinal);
        return
        [
            .. channels.Counts
                .GroupBy(static count => (count.Key.Layout, count.Key.Kind))
                .Select(group => new SubscriptionFigures(
                    group.Key.Layout, RealtimeTelemetry.Text(group.Key.Kind), group.Sum(static count => count.Value), subscribers.GetValueOrDefault(group.Key.Layout)))
                .Where(static figures => figures.Channels > 0 || figures.Subscribers > 0)
                .OrderBy(static figures => figures.Layout, StringComparer.Ordinal)
                .ThenBy(static figures => figures.Kind, StringComparer.Ordinal),
        ];
    }

    private HotRooms ReadHot()
    {
        var (length, rooms) = hot.Read(FigureLimits.HotRooms);
        return new HotRooms(
            (long)length.TotalMilliseconds,
            [
                .. rooms.Select(room => new HotRoom(
                    room.Room.Tenant, room.Room.Room, room.Events, room.Overcount, room.Messages, feeds.CountSubscriptions(room.Room))),
            ]);
    }
}
