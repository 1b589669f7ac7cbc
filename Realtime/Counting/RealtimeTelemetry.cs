using System.Diagnostics;
using System.Diagnostics.Metrics;
using Contracts.Layouts;
using Realtime.Wire;
using ServiceDefaults.Limits;

namespace Realtime.Counting;

/// <summary>
/// Meters and activities of this service. By kind and layout, never by room or tenant: their number is unbounded. What a delivery counts goes into
/// <see cref="HotCounter"/>s, which are read when metrics are collected.
/// </summary>
internal sealed class RealtimeTelemetry : IDisposable
{
    public const string Name = "Realtime";

    /// <summary>Boxed once: every copy that is published is tagged with one of them.</summary>
    private static readonly object[] Shards = [.. Enumerable.Range(0, LayoutRules.MaxShards).Select(static shard => (object)shard)];

    private readonly Meter _meter;
    private readonly Histogram<double> _publish;
    private readonly Histogram<int> _bundled;
    private readonly Histogram<double> _gathered;
    private readonly Histogram<double> _delay;
    private readonly Histogram<double> _repair;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _slow;
    private readonly Counter<long> _store;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _interrupted;
    private readonly Counter<long> _signalsDropped;
    private readonly Counter<long> _socketsRefused;

    public RealtimeTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _publish = _meter.CreateHistogram<double>("realtime.publish.duration", "s", "From sending one publish to the broker until its acknowledgement, by kind, layout and shard number; a bundle is one.");
        _delay = _meter.CreateHistogram<double>("realtime.delivery.delay", "s", "From publishing to writing, sampled; across nodes it includes the difference of their clocks.");
        _repair = _meter.CreateHistogram<double>("realtime.repair.duration", "s", "From the end of the reorder window until the missing messages were fetched.");
        _dropped = _meter.CreateCounter<long>("realtime.messages.dropped", "{message}", "Messages that arrived but were not kept; fetched from history later.");
        _slow = _meter.CreateCounter<long>("realtime.slow_consumers", "{connection}", "Connections closed because they read too slowly.");
        _store = _meter.CreateCounter<long>("realtime.store.failures", "{call}", "Calls to dbman that failed.");
        _skipped = _meter.CreateCounter<long>("realtime.envelopes.skipped", "{envelope}", "Envelopes that could not be read.");
        _closed = _meter.CreateCounter<long>("realtime.connections.closed", "{connection}", "Connections that ended, by close code.");
        _errors = _meter.CreateCounter<long>("realtime.frames.refused", "{frame}", "Frames answered with an error, by code.");
        _bundled = _meter.CreateHistogram<int>("realtime.publish.events", "{event}", "Events that one publish carries, by kind and layout.", null, new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64] });
        _gathered = _meter.CreateHistogram<double>("realtime.publish.wait", "s", "From handing a room's first message over until it is sent to the broker, with those that came meanwhile.");
        _refused = _meter.CreateCounter<long>("realtime.publish.refused", "{call}", "Publishes refused because the node had no lease on the layouts.");
        _interrupted = _meter.CreateCounter<long>("realtime.rooms.interrupted", "{room}", "Rooms whose subscriptions were interrupted and are restored.");
        _socketsRefused = _meter.CreateCounter<long>("realtime.connections.refused", "{connection}", "WebSockets refused because a limit was reached, by whose limit: user, tenant, address or node.");
        _signalsDropped = _meter.CreateCounter<long>("realtime.signals.dropped", "{signal}", "Signals dropped because a receiver read too slowly.");
        Observe("realtime.messages.delivered", "{message}", "Message frames written to sockets.", Delivered, Kind(ChannelKind.Message));
        Observe("realtime.messages.retransmitted", "{message}", "Messages fetched from history because they did not arrive.", Retransmitted, Kind(ChannelKind.Message));
        Observe("realtime.messages.duplicate", "{message}", "Duplicates that were dropped.", Duplicates, Kind(ChannelKind.Message));
        Observe("realtime.bytes.sent", "By", "Bytes written to sockets.", BytesSent);
        Observe("realtime.writes", "{write}", "Writes to sockets; delivered messages per write show how well they coalesce.", Writes);
    }

    public ActivitySource Activities { get; } = new(Name);

    public void SocketRefused(PartyKind? full) => _socketsRefused.Add(1, new KeyValuePair<string, object?>("by", full?.ToString().ToLowerInvariant() ?? "node"));

    public void SignalsDropped(int count) => _signalsDropped.Add(count);

    public HotCounter Delivered { get; } = new();

    public HotCounter Retransmitted { get; } = new();

    public HotCounter Duplicates { get; } = new();

    public HotCounter BytesSent { get; } = new();

    public HotCounter Writes { get; } = new();

    /// <summary>All of <c>realtime.messages.dropped</c>, whatever the reason.</summary>
    public HotCounter DroppedTotal { get; } = new();

    /// <summary>Holes in rooms' sequences that were filled from history.</summary>
    public HotCounter RepairedTotal { get; } = new();

    /// <summary>All of <c>realtime.slow_consumers</c>, whatever the reason.</summary>
    public HotCounter SlowConsumerTotal { get; } = new();

    /// <summary>Registers what is read when metrics are collected.</summary>
    /// <param name="connections">Open sockets.</param>
    /// <param name="subscriptions">Subscriptions of sockets to rooms, by the layout that the rooms listen by.</param>
    /// <param name="rooms">Rooms listened to.</param>
    /// <param name="channels">Channels listened to, by layout, kind and shard.</param>
    public void ObserveNode(
        Func<long> connections,
        Func<IEnumerable<(string Layout, long Count)>> subscriptions,
        Func<long> rooms,
        Func<IEnumerable<KeyValuePair<(string Layout, ListenedKind Kind, int Shard), long>>> channels)
    {
        _meter.CreateObservableUpDownCounter("realtime.connections", connections, "{connection}", "Open WebSockets.");
        _meter.CreateObservableUpDownCounter("realtime.rooms", rooms, "{room}", "Rooms that this node listens to.");
        _meter.CreateObservableUpDownCounter(
            "realtime.channel.subscribers",
            () => subscriptions().Select(static pair => new Measurement<long>(pair.Count, new KeyValuePair<string, object?>("layout", pair.Layout))),
            "{subscription}",
            "Subscriptions of sockets to rooms, by the layout that their rooms listen by.");
        _meter.CreateObservableUpDownCounter(
            "realtime.channels",
            () => channels().Select(static pair => new Measurement<long>(
                pair.Value,
                new("layout", pair.Key.Layout),
                new("kind", Text(pair.Key.Kind)),
                new KeyValuePair<string, object?>("shard", pair.Key.Shard))),
            "{channel}",
            "Channels that this node listens to, by kind, layout and shard number.");
    }

    /// <param name="kind">What was published.</param>
    /// <param name="layout">One of <see cref="LayoutNames"/>.</param>
    /// <param name="shard">Number among the message shards of a room; else 0.</param>
    /// <param name="events">How many it carried.</param>
    /// <param name="duration">Until the broker had taken this copy.</param>
    /// <param name="isTaken">Whether it had.</param>
    public void Published(ChannelKind kind, string layout, int shard, int events, TimeSpan duration, bool isTaken)
    {
        _publish.Record(
            duration.TotalSeconds, [new("kind", Text(kind)), new("layout", layout), new("shard", Shards[shard]), new("outcome", isTaken ? "ok" : "failed")]);
        _bundled.Record(events, [new("kind", Text(kind)), new("layout", layout)]);
    }

    /// <summary>Messages of a room are written now, which waited so long for earlier ones.</summary>
    public void Gathered(TimeSpan waited) => _gathered.Record(waited.TotalSeconds);

    /// <summary>Without a lease.</summary>
    public void PublishRefused() => _refused.Add(1);

    /// <summary>Their subscriptions are restored.</summary>
    public void RoomsInterrupted(int count) => _interrupted.Add(count);

    public void DeliveryDelay(double seconds) => _delay.Record(Math.Max(0, seconds));

    public void Repaired(TimeSpan duration)
    {
        RepairedTotal.Add();
        _repair.Record(duration.TotalSeconds);
    }

    public void Dropped(string reason)
    {
        DroppedTotal.Add();
        _dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    public void SlowConsumer(string reason)
    {
        SlowConsumerTotal.Add();
        _slow.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    public void StoreFailed(string call) => _store.Add(1, new KeyValuePair<string, object?>("call", call));

    public void EnvelopeSkipped(string reason) => _skipped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void ConnectionClosed(int code) => _closed.Add(1, new KeyValuePair<string, object?>("code", code));

    public void FrameRefused(string code) => _errors.Add(1, new KeyValuePair<string, object?>("code", code));

    public void Dispose()
    {
        Activities.Dispose();
        _meter.Dispose();
    }

    private static KeyValuePair<string, object?> Kind(ChannelKind kind) => new("kind", Text(kind));

    /// <summary>Value of the <c>kind</c> tag of channels that are listened to.</summary>
    public static string Text(ListenedKind kind) => kind switch
    {
        ListenedKind.All => "all",
        ListenedKind.Message => "message",
        ListenedKind.Signal => "signal",
        _ => "system",
    };

    /// <summary>Value of the <c>kind</c> tag of events.</summary>
    public static string Text(ChannelKind kind) => kind switch
    {
        ChannelKind.Message => "message",
        ChannelKind.Signal => "signal",
        ChannelKind.System => "system",
        _ => "control",
    };

    private void Observe(string name, string unit, string description, HotCounter counter, params KeyValuePair<string, object?>[] tags) =>
        _meter.CreateObservableCounter(name, () => new Measurement<long>(counter.Value, tags), unit, description);
}

/// <summary>A count that every delivery may touch: one interlocked addition on a line of its own.</summary>
internal sealed class HotCounter
{
    private Padded _count;

    public long Value => Interlocked.Read(ref _count.Value);

    public void Add(long count = 1) => Interlocked.Add(ref _count.Value, count);

    /// <summary>Keeps neighbours off the cache line, so that two counters do not slow each other down.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 192)]
    private struct Padded
    {
        [System.Runtime.InteropServices.FieldOffset(64)]
        public long Value;
    }
}
