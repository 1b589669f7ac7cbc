using System.Diagnostics.Metrics;
using Contracts.Layouts;
using Contracts.Messages;
using Microsoft.Extensions.Options;
using Realtime.Counting;

namespace Realtime.Channels;

/// <summary>Whether the shards carry what the legacy channel carries: counts of this node, over all rooms that it compares.</summary>
internal sealed class ShadowParity : IDisposable
{
    private readonly ShadowOptions _options;
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Counter<long> _compared;
    private readonly Histogram<double> _delay;
    private readonly long[] _counts = new long[Enum.GetValues<ParityResult>().Length];

    private readonly NodeCounters _counters;

    public ShadowParity(IOptions<ShadowOptions> options, NodeCounters counters, IMeterFactory meters, TimeProvider time)
    {
        _counters = counters;
        _options = options.Value;
        _time = time;
        _meter = meters.Create(RealtimeTelemetry.Name);
        _compared = _meter.CreateCounter<long>("realtime.shadow.compared", "{event}", "Events of sampled rooms, by what became of their two copies.");
        _delay = _meter.CreateHistogram<double>("realtime.shadow.delay", "s", "From an event's first copy to its second.");
        _meter.CreateObservableGauge("realtime.shadow.parity", () => Ratio, "1", "Matching events among those compared since the process began; 1 before the first.");
    }

    /// <summary>Events whose copies match among all that were compared; 1 before the first.</summary>
    public double Ratio => Total is var total and > 0 ? (double)Count(ParityResult.Match) / total : 1;

    /// <summary>Events that were compared.</summary>
    public long Total => Count(ParityResult.Match) + Count(ParityResult.Missing) + Count(ParityResult.Extra) + Count(ParityResult.Payload);

    public long Count(ParityResult result) => Interlocked.Read(ref _counts[(int)result]);

    /// <summary>Whether the room is among the sampled ones.</summary>
    public bool Samples(in RoomKey room) => ShardHash.PerMilleOf(room) < _options.SamplePerMille;

    /// <summary>Begins to compare one room, whose layout is that of <paramref name="scope"/>.</summary>
    public ParityProbe Begin(LayoutScope scope) => new(this, scope, _options, _time);

    public void Dispose() => _meter.Dispose();

    internal void Add(ParityResult result, LayoutScope scope)
    {
        _counters.Of(scope)?.Compared(result);
        Interlocked.Increment(ref _counts[(int)result]);
        _compared.Add(1, new KeyValuePair<string, object?>("result", result.ToString().ToLowerInvariant()));
    }

    internal void Delay(TimeSpan delay) => _delay.Record(delay.TotalSeconds);
}
