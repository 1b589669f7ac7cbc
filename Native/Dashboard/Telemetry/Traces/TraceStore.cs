using Microsoft.Extensions.Options;

namespace Dashboard.Telemetry.Traces;

/// <summary>
/// The newest traces, bounded by traces, spans and bytes. The trace that appeared first goes first, with all its spans. Spans come in any order and
/// from several services; a span that is sent twice is kept once.
/// </summary>
internal sealed class TraceStore(IOptions<TelemetryOptions> options, TimeProvider time)
{
    /// <summary>Batches that one trace is shown with.</summary>
    private const int MaxRelated = 8;

    private readonly Lock _gate = new();
    private readonly TelemetryOptions _options = options.Value;
    private readonly Dictionary<TraceKey, Kept> _traces = [];
    private readonly LinkedList<Kept> _byAge = [];

    // By the trace that a batch worked for, the traces in which the batches stand.
    private readonly Dictionary<TraceKey, List<TraceKey>> _batches = [];
    private readonly Queue<TraceKey> _batchesByAge = new();
    private long _spans;
    private long _bytes;
    private long _dropped;

    public ChangeSignal Changes { get; } = new(time);

    public int TraceCount
    {
        get
        {
            lock (_gate)
            {
                return _traces.Count;
            }
        }
    }

    public long SpanCount => Interlocked.Read(ref _spans);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Traces that went because newer ones needed their place.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How many were refused, because their trace is full.</summary>
    public int Add(IReadOnlyList<Span> spans)
    {
        if (spans.Count == 0)
        {
            return 0;
        }

        var refused = 0;
        lock (_gate)
        {
            foreach (var span in spans)
            {
                refused += Add_NeedsLock(span) ? 0 : 1;
            }
        }

        Changes.Notify();
        return refused;
    }

    /// <summary>Newest first. Summaries are made anew only for traces that have changed.</summary>
    public TraceSummary[] List()
    {
        lock (_gate)
        {
            var list = new TraceSummary[_byAge.Count];
            var next = list.Length;
            foreach (var kept in _byAge)
            {
                list[--next] = kept.Summary ??= TraceSummary.Of(kept.Id, kept.Spans.Values);
            }

            return list;
        }
    }

    public Span[] Find(TraceKey id)
    {
        lock (_gate)
        {
            return _traces.TryGetValue(id, out var kept) ? [.. kept.Spans.Values] : [];
        }
    }

    /// <summary>Traces with a batch that says it worked for this one too.</summary>
    public TraceKey[] Related(TraceKey id)
    {
        lock (_gate)
        {
            return _batches.TryGetValue(id, out var batches) ? [.. batches.Where(_traces.ContainsKey)] : [];
        }
    }

    public bool Contains(TraceKey id)
    {
        lock (_gate)
        {
            return _traces.ContainsKey(id);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _dropped += _traces.Count;
            _traces.Clear();
            _byAge.Clear();
            _batches.Clear();
            _batchesByAge.Clear();
            _spans = 0;
            _bytes = 0;
        }

        Changes.Notify();
    }

    private bool Add_NeedsLock(Span span)
    {
        if (!_traces.TryGetValue(span.TraceId, out var kept))
        {
            kept = new Kept(span.TraceId);
            kept.Place = _byAge.AddLast(kept);
            _traces.Add(span.TraceId, kept);
            _bytes += kept.Bytes;
        }

        if (kept.Spans.TryGetValue(span.Id, out var before))
        {
            _bytes += span.Bytes - before.Bytes;
            kept.Bytes += span.Bytes - before.Bytes;
        }
        else if (kept.Spans.Count >= _options.MaxSpansPerTrace || kept.Bytes > _options.MaxTraceBytes / 4)
        {
            return false;
        }
        else
        {
            _spans++;
            _bytes += span.Bytes;
            kept.Bytes += span.Bytes;
        }

        Relate_NeedsLock(span);
        kept.Spans[span.Id] = span;
        kept.Summary = null;
        while (_byAge.First is { } oldest
            && _byAge.Count > 1
            && (_traces.Count > _options.MaxTraceCount || _spans > _options.MaxSpanCount || _bytes > _options.MaxTraceBytes))
        {
            Drop_NeedsLock(oldest.Value);
        }

        return true;
    }

    /// <summary>Remembered apart from the trace: the batch often arrives first. As many as traces, the oldest out first.</summary>
    private void Relate_NeedsLock(Span span)
    {
        foreach (var link in span.Links)
        {
            if (link.TraceId == span.TraceId || link.TraceId.IsNone)
            {
                continue;
            }

            if (!_batches.TryGetValue(link.TraceId, out var batches))
            {
                _batches.Add(link.TraceId, batches = []);
                _batchesByAge.Enqueue(link.TraceId);
                if (_batchesByAge.Count > _options.MaxTraceCount)
                {
                    _batches.Remove(_batchesByAge.Dequeue());
                }
            }

            if (batches.Count < MaxRelated && !batches.Contains(span.TraceId))
            {
                batches.Add(span.TraceId);
            }
        }
    }

    private void Drop_NeedsLock(Kept kept)
    {
        _byAge.Remove(kept.Place!);
        _traces.Remove(kept.Id);
        _spans -= kept.Spans.Count;
        _bytes -= kept.Bytes;
        _dropped++;
    }

    /// <summary>Touched under the lock alone.</summary>
    private sealed class Kept(TraceKey id)
    {
        public TraceKey Id { get; } = id;

        public Dictionary<SpanKey, Span> Spans { get; } = [];

        public LinkedListNode<Kept>? Place { get; set; }

        public long Bytes { get; set; } = 400;

        public TraceSummary? Summary { get; set; }
    }
}
