using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Chat.Relay;

/// <summary>Meters of the way from a commit to Realtime.</summary>
internal sealed class RelayTelemetry
{
    public const string MeterName = "Chat";

    /// <summary>Spans of what is done for several requests together.</summary>
    public static readonly ActivitySource Activities = new(MeterName);

    private readonly Meter _meter;
    private readonly Counter<long> _queued;
    private readonly Counter<long> _published;
    private readonly Counter<long> _retried;
    private readonly Counter<long> _overflowed;
    private readonly Counter<long> _givenUp;
    private readonly Histogram<double> _delay;
    private readonly Histogram<int> _batch;
    private readonly Counter<long> _systemPublished;
    private readonly Counter<long> _systemLost;
    private readonly Counter<long> _marksDropped;
    private readonly Counter<long> _repaired;
    private readonly Counter<long> _sweepFailures;

    public RelayTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _queued = _meter.CreateCounter<long>("chat.relay.queued", "{message}", "Messages handed to the relay.");
        _published = _meter.CreateCounter<long>("chat.relay.published", "{message}", "Messages that Realtime accepted.");
        _retried = _meter.CreateCounter<long>("chat.relay.retried", "{message}", "Messages whose publish call was refused and is retried.");
        _overflowed = _meter.CreateCounter<long>("chat.relay.overflowed", "{message}", "Messages left to the sweeper because the queue was full.");
        _givenUp = _meter.CreateCounter<long>("chat.relay.given_up", "{message}", "Messages left to the sweeper because publishing kept failing.");
        _delay = _meter.CreateHistogram("chat.relay.delay", "s", "From a message's commit as seen by Chat until Realtime has accepted it.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
        });
        _batch = _meter.CreateHistogram("chat.relay.batch.size", "{message}", "Messages of one publish call.", advice: new InstrumentAdvice<int>
        {
            HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
        });
        _systemPublished = _meter.CreateCounter<long>("chat.system.published", "{event}", "System events that Realtime accepted.");
        _systemLost = _meter.CreateCounter<long>("chat.system.lost", "{event}", "System events that were not published.");
        _marksDropped = _meter.CreateCounter<long>("chat.relay.marks_dropped", "{range}", "Relayed ranges that could not be reported; the sweeper publishes them again.");
        _repaired = _meter.CreateCounter<long>("chat.sweeper.repaired", "{message}", "Messages published by the sweeper.");
        _sweepFailures = _meter.CreateCounter<long>("chat.sweeper.failures", "{round}", "Rounds of the sweeper that were refused or failed.");
    }

    public void Queued() => _queued.Add(1);

    public void Overflowed() => _overflowed.Add(1);

    public void Published(int messages)
    {
        _published.Add(messages);
        _batch.Record(messages);
    }

    public void Delay(TimeSpan delay) => _delay.Record(delay.TotalSeconds);

    public void Retried(int messages) => _retried.Add(messages);

    public void GivenUp(int messages) => _givenUp.Add(messages);

    public void SystemPublished(int events) => _systemPublished.Add(events);

    public void SystemLost(int events) => _systemLost.Add(events);

    public void MarksDropped(int ranges) => _marksDropped.Add(ranges);

    public void Repaired(int messages) => _repaired.Add(messages);

    public void SweepFailed() => _sweepFailures.Add(1);

    public void ObserveDepth(Func<int> depth) =>
        _meter.CreateObservableGauge("chat.relay.depth", depth, "{message}", "Messages that wait in the relay.");

    public void ObservePendingRooms(Func<int> rooms) =>
        _meter.CreateObservableGauge("chat.relay.pending_rooms", rooms, "{room}", "Rooms with relayed ranges that dbman has not confirmed.");
}
