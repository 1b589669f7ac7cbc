namespace Dashboard.Telemetry.Metrics;

internal sealed record InstrumentKey(TelemetryResource Resource, string Meter, string Name, InstrumentKind Kind);

/// <summary>An instrument of one replica, with its series.</summary>
internal sealed class Instrument(InstrumentKey key, string unit, string description, TelemetryOptions options)
{
    private const int MaxExemplars = 200;

    private readonly Lock _gate = new();
    private readonly Dictionary<Tag[], Series> _series = new(DimensionComparer.Instance);
    private readonly Queue<SeriesExemplar> _exemplars = new();
    private readonly int _capacity = (int)Math.Min(100_000, (options.MetricRetention.Ticks / options.MetricResolution.Ticks) + 2);
    private long _newest;
    private bool _retired;

    public InstrumentKey Key { get; } = key;

    public string Unit { get; } = unit;

    public string Description { get; } = description;

    public long Newest => Interlocked.Read(ref _newest);

    /// <summary>Takes in points, whose dimensions are in order. A series that is new now had not counted anything at the time that <paramref name="zeroAt"/> says.</summary>
    /// <returns>How the estimated memory has changed, and how many series had to go.</returns>
    public (long Bytes, int Dropped) Add(IReadOnlyList<DataPoint> points, Func<long, long> zeroAt)
    {
        long bytes = 0;
        var dropped = 0;
        lock (_gate)
        {
            if (_retired)
            {
                return (0, 0);
            }

            foreach (var point in points)
            {
                if (!_series.TryGetValue(point.Dimensions, out var series))
                {
                    if (_series.Count >= options.MaxSeriesPerInstrument)
                    {
                        var (freed, gone) = DropOldest_NeedsLock();
                        bytes -= freed;
                        dropped += gone;
                    }

                    series = new Series(point.Dimensions, Key.Kind, _capacity);
                    _series.Add(point.Dimensions, series);
                    bytes += series.Bytes;
                }

                var before = series.Bytes;
                series.Add(point, zeroAt(point.Start), Instant.Of(options.MetricResolution));
                series.AddExemplars(point.Exemplars, Remember_NeedsLock);
                bytes += series.Bytes - before;
                if (point.Time > _newest)
                {
                    Interlocked.Exchange(ref _newest, point.Time);
                }
            }
        }

        return (bytes, dropped);
    }

    /// <summary>Removes points, and series without newer ones.</summary>
    public (long Bytes, int Points) RemoveBefore(long time)
    {
        long bytes = 0;
        var points = 0;
        lock (_gate)
        {
            foreach (var (dimensions, series) in _series)
            {
                var before = series.Bytes;
                if (series.Newest < time)
                {
                    // Removing while walking is allowed.
                    _series.Remove(dimensions);
                    bytes += before;
                    points += series.Count;
                    continue;
                }

                points += series.RemoveBefore(time);
                bytes += before - series.Bytes;
            }

            while (_exemplars.TryPeek(out var exemplar) && exemplar.Exemplar.Time < time)
            {
                _exemplars.Dequeue();
            }
        }

        return (bytes, points);
    }

    /// <summary>Empties it for good: what is added from now on is not kept.</summary>
    /// <returns>The estimated memory that it took.</returns>
    public long Retire()
    {
        lock (_gate)
        {
            var bytes = _series.Values.Sum(static s => s.Bytes);
            _series.Clear();
            _exemplars.Clear();
            _retired = true;
            return bytes;
        }
    }

    public long Oldest()
    {
        lock (_gate)
        {
            return _series.Count == 0 ? long.MaxValue : _series.Values.Min(static s => s.Oldest);
        }
    }

    public List<SeriesPoints> Read(Func<Tag[], bool> wanted)
    {
        lock (_gate)
        {
            return [.. _series.Values.Where(s => wanted(s.Dimensions)).Select(s => s.Copy(Key.Resource))];
        }
    }

    public List<SeriesExemplar> Exemplars(Func<Tag[], bool> wanted)
    {
        lock (_gate)
        {
            return [.. _exemplars.Where(e => wanted(e.Dimensions))];
        }
    }

    public List<Tag[]> Dimensions()
    {
        lock (_gate)
        {
            return [.. _series.Keys];
        }
    }

    private void Remember_NeedsLock(Series series, Exemplar exemplar)
    {
        if (_exemplars.Count >= MaxExemplars)
        {
            _exemplars.Dequeue();
        }

        _exemplars.Enqueue(new(Key.Resource, series.Dimensions, exemplar));
    }

    /// <summary>A tenth at once, so that a stream of new dimensions does not look for the oldest at each.</summary>
    private (long Bytes, int Series) DropOldest_NeedsLock()
    {
        long bytes = 0;
        var oldest = _series.Values.OrderBy(static s => s.Newest).Take(Math.Max(1, options.MaxSeriesPerInstrument / 10)).ToList();
        foreach (var series in oldest)
        {
            bytes += series.Bytes;
            _series.Remove(series.Dimensions);
        }

        return (bytes, oldest.Count);
    }
}

internal sealed record SeriesExemplar(TelemetryResource Resource, Tag[] Dimensions, Exemplar Exemplar);

/// <summary>Equal when keys and values are, in this order.</summary>
internal sealed class DimensionComparer : IEqualityComparer<Tag[]>
{
    public static DimensionComparer Instance { get; } = new();

    public bool Equals(Tag[]? x, Tag[]? y) => x is null || y is null ? ReferenceEquals(x, y) : x.AsSpan().SequenceEqual(y);

    public int GetHashCode(Tag[] obj)
    {
        var hash = new HashCode();
        foreach (var tag in obj)
        {
            hash.Add(tag.Key, StringComparer.Ordinal);
            hash.Add(tag.Value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
