using System.Text.Json.Serialization;

namespace Contracts.Layouts;

/// <summary>
/// What a node has counted since its process began; it only grows, so that the difference of two readings says what happened between them. Reported
/// with some heartbeats. Lists and names are bounded by <see cref="FigureLimits"/>. A newer version may add members: they have defaults, and older
/// readers ignore them.
/// </summary>
/// <param name="Source">
/// The process that counted. A restart is another source, which counts from zero; a node that comes back under another id is the same.
/// </param>
/// <param name="UptimeMilliseconds">How long it has been counting.</param>
/// <param name="Publish">Copies of events handed to the broker, by kind and layout.</param>
/// <param name="Delivery">Their delivery to sockets.</param>
/// <param name="Subscriptions">What the node listens to at the moment.</param>
/// <param name="Scopes">What was counted apart for scopes whose layout was changed lately.</param>
/// <param name="Hot">Rooms with the most events that were published through this node.</param>
/// <param name="Driving">What the node that drives layouts knows; null: it does not drive.</param>
public sealed record NodeFigures(
    string Source,
    long UptimeMilliseconds,
    IReadOnlyList<PublishFigures> Publish,
    DeliveryFigures Delivery,
    IReadOnlyList<SubscriptionFigures> Subscriptions,
    IReadOnlyList<ScopeFigures> Scopes,
    HotRooms Hot,
    DrivingFigures? Driving = null);

/// <summary>Bounds of <see cref="NodeFigures"/>. dbman refuses more; a node never sends more.</summary>
public static class FigureLimits
{
    /// <summary>All of it as JSON, in bytes.</summary>
    public const int Bytes = 96 * 1024;

    /// <summary>Three kinds in two layouts, with room for more.</summary>
    public const int Publish = 16;

    /// <summary>Layouts by kinds of channels.</summary>
    public const int Subscriptions = 16;

    /// <summary>Scopes that are counted apart.</summary>
    public const int Scopes = 16;

    /// <summary>Hot rooms of a node.</summary>
    public const int HotRooms = 32;

    /// <summary>Autopilots that the driver reports.</summary>
    public const int Autopilots = 16;

    /// <summary>Redis masters that the driver reports, the busiest first.</summary>
    public const int Masters = 64;

    /// <summary>Rooms that the driver reports as held by one master.</summary>
    public const int HeldRooms = 8;
}

/// <summary>Durations by <see cref="LatencyBuckets"/>, without the empty buckets at either end.</summary>
/// <param name="First">Index of the bucket that the first count is of.</param>
/// <param name="Counts">One for each bucket from there on.</param>
public sealed record LatencyFigures(int First, IReadOnlyList<long> Counts)
{
    /// <summary>Nothing was counted.</summary>
    public static LatencyFigures None { get; } = new(0, []);
}

/// <summary>Copies of events, each on one channel, of one kind and layout.</summary>
/// <param name="Kind">message, signal or system.</param>
/// <param name="Layout">legacy or sharded.</param>
/// <param name="Failed">Copies that the broker did not take.</param>
/// <param name="Latency">From handing a copy to the broker until it had taken it.</param>
public sealed record PublishFigures(string Kind, string Layout, long Failed, LatencyFigures Latency);

/// <summary>Counts of a node's feeds and sockets, of all rooms.</summary>
/// <param name="Delivered">Message frames written to sockets.</param>
/// <param name="Dropped">Messages that arrived and were not kept.</param>
/// <param name="Retransmitted">Messages fetched from history because they did not arrive.</param>
/// <param name="Duplicates">Second copies that were dropped, as they are while a room listens to two layouts.</param>
/// <param name="Repaired">Holes in the sequence that were filled from history.</param>
/// <param name="SlowConsumers">Sockets closed because they read too slowly.</param>
public sealed record DeliveryFigures(long Delivered, long Dropped, long Retransmitted, long Duplicates, long Repaired, long SlowConsumers);

/// <summary>What a node listens to at the moment.</summary>
/// <param name="Layout">legacy or sharded.</param>
/// <param name="Kind">all, message, signal or system: what the channels carry.</param>
/// <param name="Channels">Channels on the broker.</param>
/// <param name="Subscribers">Subscriptions of sockets to rooms that listen by this layout; they get every kind.</param>
public sealed record SubscriptionFigures(string Layout, string Kind, long Channels, long Subscribers);

/// <summary>
/// Counts of the rooms of one scope whose layout it is, from when the node began to count it apart. Legacy and sharded copies are of the same events
/// while the layout publishes to both.
/// </summary>
/// <param name="Scope">Whose layout.</param>
/// <param name="Parity">Comparisons of sampled rooms.</param>
/// <param name="Legacy">Copies on the legacy channel, of all kinds.</param>
/// <param name="Sharded">Copies on shards, signal and system channels, of all kinds.</param>
/// <param name="Failed">Copies that the broker did not take.</param>
public sealed record ScopeFigures(LayoutScope Scope, ParityFigures Parity, LatencyFigures Legacy, LatencyFigures Sharded, long Failed);

/// <summary>Events of sampled rooms, by what became of their two copies.</summary>
/// <param name="Match">Both came, byte for byte the same.</param>
/// <param name="Missing">Only the legacy channel carried it.</param>
/// <param name="Extra">Only a shard carried it.</param>
/// <param name="Payload">Both came and differ.</param>
/// <param name="Skipped">Too many waited; nothing is known of it.</param>
public sealed record ParityFigures(long Match, long Missing, long Extra, long Payload, long Skipped)
{
    /// <summary>Nothing was compared.</summary>
    public static ParityFigures None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>Events of which something is known.</summary>
    [JsonIgnore]
    public long Compared => Match + Missing + Extra + Payload;
}

/// <summary>The rooms with the most events of the last full window.</summary>
/// <param name="WindowMilliseconds">How long the window was; 0: none has ended yet.</param>
/// <param name="Rooms">The hottest first.</param>
public sealed record HotRooms(long WindowMilliseconds, IReadOnlyList<HotRoom> Rooms)
{
    /// <summary>No window has ended yet.</summary>
    public static HotRooms None { get; } = new(0, []);
}

/// <summary>One room of <see cref="HotRooms"/>.</summary>
/// <param name="Tenant">Tenant id.</param>
/// <param name="Room">Room id.</param>
/// <param name="Events">Events in the window: an upper bound.</param>
/// <param name="Overcount">By how much that may be too many.</param>
/// <param name="Messages">Messages among them: a lower bound.</param>
/// <param name="Subscribers">Subscriptions of this node's sockets to it, at the moment of the report.</param>
public sealed record HotRoom(string Tenant, string Room, long Events, long Overcount, long Messages, int Subscribers);

/// <summary>What only the driver knows, reported so that any node can show it.</summary>
/// <param name="Autopilots">Scopes that are on autopilot.</param>
/// <param name="Brokers">What Redis works; null: not measured yet.</param>
public sealed record DrivingFigures(IReadOnlyList<AutopilotStatus> Autopilots, BrokerFigures? Brokers = null);

/// <summary>What the Redis masters worked in the planner's last window, and what one event costs them.</summary>
/// <param name="Masters">The busiest first; empty: nothing is known.</param>
/// <param name="Held">Rooms that take more of a master than one room should, where more shards would not lower it.</param>
/// <param name="PriceSeconds">CPU of all masters together for one event, the median of the last windows; null: not known.</param>
/// <param name="Note">Why the last window has no price; null: it has one.</param>
public sealed record BrokerFigures(IReadOnlyList<MasterFigures> Masters, IReadOnlyList<HeldRoom> Held, double? PriceSeconds = null, string? Note = null);

/// <summary>One Redis master over a window.</summary>
/// <param name="Name">Host and port.</param>
/// <param name="CpuShare">Of one core.</param>
/// <param name="CommandsPerSecond">Of all clients.</param>
public sealed record MasterFigures(string Name, double CpuShare, double CommandsPerSecond);

/// <summary>A room that takes more of a master than one room should, and that more shards would not help.</summary>
/// <param name="Tenant">Tenant id.</param>
/// <param name="Room">Room id.</param>
/// <param name="MessagesPerSecond">In the last window.</param>
/// <param name="MasterShare">What its busiest master works for it, of one core.</param>
/// <param name="Text">Why more shards would not help.</param>
public sealed record HeldRoom(string Tenant, string Room, double MessagesPerSecond, double MasterShare, string Text);

/// <summary>State of an autopilot.</summary>
/// <param name="Scope">For what.</param>
/// <param name="GoalAt">Time of the goal that it pursues.</param>
/// <param name="Stage">The layout whose gates it looks at, in words.</param>
/// <param name="Next">The layout that it leads to when they hold, in words; null: the goal is reached then.</param>
/// <param name="IsDry">Whether decisions are written and nothing is done.</param>
/// <param name="Verdict">hold, promote or roll-back.</param>
/// <param name="Text">Why.</param>
/// <param name="SoakedMilliseconds">How long the gates have been looked at.</param>
/// <param name="SoakMilliseconds">How long they have to hold; 0: this stage has no gates.</param>
/// <param name="Gates">Each gate with its figure.</param>
public sealed record AutopilotStatus(
    LayoutScope Scope,
    DateTimeOffset GoalAt,
    string Stage,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next,
    bool IsDry,
    string Verdict,
    string Text,
    long SoakedMilliseconds,
    long SoakMilliseconds,
    IReadOnlyList<GateStatus> Gates);

/// <summary>One gate.</summary>
/// <param name="Name">figures, parity, latency, failed, repaired, lost or slow-consumers.</param>
/// <param name="Verdict">One of <see cref="GateVerdicts"/>.</param>
/// <param name="Value">The figure; null when it is not known.</param>
/// <param name="Bound">Its bound: the minimum for parity, the maximum for the others; null when it has no bound.</param>
/// <param name="Unit">1 for a ratio or count, s for a duration.</param>
/// <param name="Text">In words.</param>
public sealed record GateStatus(
    string Name,
    string Verdict,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Bound,
    string Unit,
    string Text);

/// <summary>What a gate says, on the wire.</summary>
public static class GateVerdicts
{
    /// <summary>Its figure is within its bound, or it has nothing to say in this stage.</summary>
    public const string Holds = "holds";

    /// <summary>Nothing can be said yet: the stage is not left before.</summary>
    public const string Open = "open";

    /// <summary>Its figure is beyond its bound: the scope is rolled back.</summary>
    public const string Broken = "broken";
}
