namespace Dashboard.Telemetry.Metrics;

/// <summary>
/// Points of one set of dimensions. Whatever the sender counts from (its start, its last report, zero again after a restart), the kept points of
/// a counter or a histogram are one sum that never falls, so that what happened between two times is always the difference of two points.
/// Touched under the instrument's lock alone.
/// </summary>
internal sealed class Series(Tag[] dimensions, InstrumentKind kind, int capacity)
{
    private readonly PointRing<double> _numbers = new(kind == InstrumentKind.Histogram ? 1 : capacity);
    private readonly PointRing<Distribution> _distributions =
        new(kind == InstrumentKind.Histogram ? capacity : 1, static distribution => distribution.Bytes);

    private long _start;
    private double _raw;
    private double _before;
    private Distribution? _rawDistribution;
    private Distribution? _distributionBefore;
    private long _newestExemplar;

    public Tag[] Dimensions { get; } = dimensions;

    public int Count => kind == InstrumentKind.Histogram ? _distributions.Count : _numbers.Count;

    public long Oldest => Count == 0 ? long.MaxValue : kind == InstrumentKind.Histogram ? _distributions.TimeAt(0) : _numbers.TimeAt(0);

    public long Newest => Count == 0 ? 0 : kind == InstrumentKind.Histogram ? _distributions.TimeAt(Count - 1) : _numbers.TimeAt(Count - 1);

    public long Bytes => 240 + Weight.Of(Dimensions) + _numbers.Bytes + _distributions.Bytes + (2 * (_distributionBefore?.Bytes ?? 0));

    /// <summary>Takes in a point. At <paramref name="zeroAt"/> the series cannot have counted anything yet; zero, where that is not known.</summary>
    public void Add(in DataPoint point, long zeroAt, long step)
    {
        if (point.Distribution is { } distribution)
        {
            AddDistribution(point, distribution, zeroAt, step);
            return;
        }

        var value = kind == InstrumentKind.Counter || point.IsDelta ? Continue(point, zeroAt, step) : point.Number;
        _numbers.Add(point.Time, value, step);
    }

    /// <summary>Those that are new: senders repeat exemplars until they have better ones.</summary>
    public void AddExemplars(IReadOnlyList<Exemplar> exemplars, Action<Series, Exemplar> add)
    {
        var newest = _newestExemplar;
        foreach (var exemplar in exemplars)
        {
            if (exemplar.Time > _newestExemplar)
            {
                add(this, exemplar);
                newest = Math.Max(newest, exemplar.Time);
            }
        }

        _newestExemplar = newest;
    }

    /// <returns>How many points went.</returns>
    public int RemoveBefore(long time)
    {
        var removed = 0;

        // One from before stays: what happened until the next is counted from it.
        while (_numbers.Count > 1 && _numbers.TimeAt(1) <= time)
        {
            _numbers.RemoveFirst();
            removed++;
        }

        while (_distributions.Count > 1 && _distributions.TimeAt(1) <= time)
        {
            _distributions.RemoveFirst();
            removed++;
        }

        return removed;
    }

    public SeriesPoints Copy(TelemetryResource resource)
    {
        var (times, numbers) = _numbers.Copy();
        var (distributionTimes, distributions) = _distributions.Copy();
        return new(resource, Dimensions, kind == InstrumentKind.Histogram ? distributionTimes : times, numbers, distributions);
    }

    private double Continue(in DataPoint point, long zeroAt, long step)
    {
        if (_numbers.Count == 0)
        {
            if (zeroAt > 0 && zeroAt < point.Time)
            {
                _numbers.Add(zeroAt, 0, step);
            }
        }
        else if (point.IsDelta)
        {
            _before = _numbers[_numbers.Count - 1];
        }
        else if (point.Start > _start || point.Number < _raw)
        {
            _before += _raw;
        }

        _start = point.Start;
        _raw = point.Number;
        return _before + point.Number;
    }

    private void AddDistribution(in DataPoint point, Distribution distribution, long zeroAt, long step)
    {
        if (_distributions.Count == 0)
        {
            if (zeroAt > 0 && zeroAt < point.Time)
            {
                _distributions.Add(zeroAt, distribution.Minus(distribution), step);
            }
        }
        else if (point.IsDelta)
        {
            _distributionBefore = _distributions[_distributions.Count - 1];
        }
        else if (point.Start > _start || distribution.Count < _rawDistribution!.Count)
        {
            _distributionBefore = _distributionBefore is null ? _rawDistribution : _distributionBefore.Plus(_rawDistribution!);
        }
        else if (distribution.Count == _rawDistribution.Count && distribution.Sum.Equals(_rawDistribution.Sum))
        {
            // Nothing happened: the point is the last one's object.
            _distributions.Add(point.Time, _distributions[_distributions.Count - 1], step);
            return;
        }

        _start = point.Start;
        _rawDistribution = distribution;
        _distributions.Add(point.Time, _distributionBefore is null ? distribution : _distributionBefore.Plus(distribution), step);
    }
}

/// <summary>A copy to compute with.</summary>
internal sealed record SeriesPoints(TelemetryResource Resource, Tag[] Dimensions, long[] Times, double[] Numbers, Distribution[] Distributions)
{
    /// <summary>Index of the last point at or before a time; -1 when there is none.</summary>
    public int At(long time)
    {
        var index = Array.BinarySearch(Times, time);
        return index >= 0 ? index : ~index - 1;
    }
}
