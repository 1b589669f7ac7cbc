using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Dashboard.Telemetry.Metrics;

/// <summary>
/// Metrics of the last minutes. Points go by age; past the bound of memory, the span of time that is kept gets shorter for all. Instruments and
/// series that nobody reports any more go with their last point; where there are too many, those that were silent for longest.
/// </summary>
internal sealed class MetricStore(IOptions<TelemetryOptions> options, TimeProvider time)
{
    private static readonly long SweepInterval = 5 * Instant.Second;

    private readonly TelemetryOptions _options = options.Value;
    private readonly ConcurrentDictionary<InstrumentKey, Instrument> _instruments = new();
    private readonly ConcurrentDictionary<TelemetryResource, long> _lastReport = new();
    private readonly Lock _sweeping = new();
    private long _bytes;
    private long _dropped;
    private long _swept;

    public ChangeSignal Changes { get; } = new(time);

    public int InstrumentCount => _instruments.Count;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Points and series that went before their time, because a bound was reached.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    private long Retention => Instant.Of(_options.MetricRetention);

    /// <summary>Takes in what one sender reports at a time.</summary>
    public void Add(TelemetryResource resource, IReadOnlyList<InstrumentReport> reports)
    {
        var now = time.Nanos();
        var earlier = _lastReport.GetValueOrDefault(resource);

        // A series that is new in this report had counted nothing at the last one; a sender that is new had counted nothing at its start.
        long ZeroAt(long start) => earlier > 0 ? Math.Max(start, earlier) : start > now - Retention ? start : 0;
        foreach (var report in reports)
        {
            var key = new InstrumentKey(resource, report.Meter, report.Name, report.Kind);
            if (!_instruments.TryGetValue(key, out var instrument))
            {
                instrument = _instruments.GetOrAdd(key, static (key, with) => new Instrument(key, with.Unit, with.Description, with.Options), (report.Unit, report.Description, Options: _options));
                LimitInstruments();
            }

            var (bytes, dropped) = instrument.Add(report.Points, ZeroAt);
            Interlocked.Add(ref _bytes, bytes);
            Interlocked.Add(ref _dropped, dropped);
        }

        _lastReport[resource] = now;
        Sweep(now);
        Changes.Notify();
    }

    public Instrument[] Instruments() => [.. _instruments.Values];

    public void Clear()
    {
        lock (_sweeping)
        {
            foreach (var key in _instruments.Keys)
            {
                Remove_NeedsLock(key);
            }
        }

        Changes.Notify();
    }

    private void Sweep(long now)
    {
        if (now - Interlocked.Read(ref _swept) < SweepInterval && Bytes <= _options.MaxMetricBytes)
        {
            return;
        }

        lock (_sweeping)
        {
            Interlocked.Exchange(ref _swept, now);
            RemoveBefore_NeedsLock(now - Retention);
            while (Bytes > _options.MaxMetricBytes && !_instruments.IsEmpty)
            {
                // A tenth of the time that is there, until it fits with room to spare.
                var oldest = _instruments.Values.Min(static i => i.Oldest());
                if (oldest == long.MaxValue)
                {
                    break;
                }

                Interlocked.Add(ref _dropped, RemoveBefore_NeedsLock(oldest + Math.Max(Instant.Second, (now - oldest) / 10)));
            }
        }
    }

    private long RemoveBefore_NeedsLock(long moment)
    {
        long points = 0;
        foreach (var (key, instrument) in _instruments)
        {
            var removed = instrument.RemoveBefore(moment);
            Interlocked.Add(ref _bytes, -removed.Bytes);
            points += removed.Points;
            if (instrument.Newest < moment)
            {
                Remove_NeedsLock(key);
            }
        }

        foreach (var (resource, last) in _lastReport)
        {
            if (last < moment)
            {
                _lastReport.TryRemove(resource, out _);
            }
        }

        return points;
    }

    private void LimitInstruments()
    {
        if (_instruments.Count <= _options.MaxInstrumentCount)
        {
            return;
        }

        lock (_sweeping)
        {
            var excess = _instruments.Count - _options.MaxInstrumentCount;
            if (excess <= 0)
            {
                return;
            }

            foreach (var instrument in _instruments.Values.OrderBy(static i => i.Newest == 0 ? long.MaxValue : i.Newest).Take(excess + (_options.MaxInstrumentCount / 10)).ToList())
            {
                Remove_NeedsLock(instrument.Key);
                Interlocked.Increment(ref _dropped);
            }
        }
    }

    /// <summary>A report that is under way may still hold the instrument; what it adds is lost with it.</summary>
    private void Remove_NeedsLock(InstrumentKey key)
    {
        if (_instruments.TryRemove(key, out var instrument))
        {
            Interlocked.Add(ref _bytes, -instrument.Retire());
        }
    }
}

/// <summary>What one sender says about one instrument.</summary>
internal sealed record InstrumentReport(string Meter, string Name, string Unit, string Description, InstrumentKind Kind, IReadOnlyList<DataPoint> Points);
