using Microsoft.Extensions.Options;

namespace Dashboard.Telemetry.Logs;

/// <summary>
/// The newest log entries, in order of arrival, bounded by count and by bytes.
///
/// Entries lie in segments of fixed size; the list of segments is an array that is replaced when one is added or dropped, never changed. Writers hold
/// the lock for as long as it takes to put a batch into place. A reader takes the array and the two ends, and walks without a lock: an entry is in
/// its slot before the end passes it, and slots that were emptied meanwhile are skipped.
/// </summary>
internal sealed class LogStore(IOptions<TelemetryOptions> options, TimeProvider time)
{
    internal const int SegmentSize = 256;

    private readonly Lock _gate = new();
    private readonly int _maxCount = options.Value.MaxLogCount;
    private readonly long _maxBytes = options.Value.MaxLogBytes;

    // Written under the lock. The segment at 0 holds the entries from _base on.
    private LogEntry?[][] _segments = [];
    private long _base;
    private long _first;
    private long _end;
    private long _bytes;

    public ChangeSignal Changes { get; } = new(time);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return (int)(_end - _first);
            }
        }
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Entries that went because newer ones needed their place.</summary>
    public long Dropped => Interlocked.Read(ref _first);

    public void Add(IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var entry in entries)
            {
                Append_NeedsLock(entry);
            }
        }

        Changes.Notify();
    }

    /// <summary>What is there. Walking it needs no lock.</summary>
    public LogSnapshot Read()
    {
        lock (_gate)
        {
            return new LogSnapshot(_segments, _base, _first, _end);
        }
    }

    /// <summary>Forgets everything. What is cleared counts as dropped.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _first = _end;
            _base = _end;
            _segments = [];
            _bytes = 0;
        }

        Changes.Notify();
    }

    private void Append_NeedsLock(LogEntry entry)
    {
        var place = _end - _base;
        if (place == (long)_segments.Length * SegmentSize)
        {
            _segments = [.. _segments, new LogEntry?[SegmentSize]];
        }

        entry.Sequence = _end;
        _segments[place / SegmentSize][place % SegmentSize] = entry;
        _end++;
        _bytes += entry.Bytes;
        while (_end - _first > _maxCount || (_bytes > _maxBytes && _end - _first > 1))
        {
            DropFirst_NeedsLock();
        }
    }

    private void DropFirst_NeedsLock()
    {
        var place = _first - _base;
        ref var slot = ref _segments[0][place];
        _bytes -= slot!.Bytes;
        slot = null;
        _first++;
        if (place == SegmentSize - 1)
        {
            _segments = _segments[1..];
            _base += SegmentSize;
        }
    }
}

/// <summary>The entries at one moment. Later ones are not seen; those that were dropped meanwhile are skipped.</summary>
internal readonly struct LogSnapshot(LogEntry?[][] segments, long segmentsFrom, long first, long end)
{
    /// <summary>Sequence of the oldest entry.</summary>
    public long First => first;

    /// <summary>Sequence of the next entry that will arrive.</summary>
    public long End => end;

    public IEnumerable<LogEntry> From(long sequence)
    {
        for (var next = Math.Max(sequence, first); next < end; next++)
        {
            if (At(next) is { } entry)
            {
                yield return entry;
            }
        }
    }

    public IEnumerable<LogEntry> NewestFirst()
    {
        for (var next = end - 1; next >= first; next--)
        {
            if (At(next) is { } entry)
            {
                yield return entry;
            }
        }
    }

    private LogEntry? At(long sequence)
    {
        var place = sequence - segmentsFrom;
        return Volatile.Read(ref segments[place / LogStore.SegmentSize][place % LogStore.SegmentSize]);
    }
}
