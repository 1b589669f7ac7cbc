namespace Dashboard.Telemetry.Logs;

/// <summary>
/// What one page shows: the entries that a filter admits. Each refresh looks only at what has arrived since the last, so that following a full store
/// live costs what arrives and not what is there. For one reader at a time.
/// </summary>
internal sealed class LogView(LogStore store)
{
    private readonly List<LogEntry> _entries = [];
    private int _head;
    private long _next;

    public LogFilter Filter { get; private set; } = new();

    public int Count => _entries.Count - _head;

    /// <summary>Oldest first.</summary>
    public LogEntry this[int index] => _entries[_head + index];

    public void Show(LogFilter filter)
    {
        Filter = filter;
        _entries.Clear();
        _head = 0;
        _next = 0;
        Refresh();
    }

    /// <summary>Takes in what is new and lets go what the store has dropped. True when something changed.</summary>
    public bool Refresh()
    {
        var snapshot = store.Read();
        var before = (_head, _entries.Count);
        foreach (var entry in snapshot.From(_next))
        {
            if (Filter.Admits(entry))
            {
                _entries.Add(entry);
            }
        }

        _next = snapshot.End;
        while (_head < _entries.Count && _entries[_head].Sequence < snapshot.First)
        {
            _head++;
        }

        var changed = before != (_head, _entries.Count);
        if (_head > _entries.Count / 2)
        {
            _entries.RemoveRange(0, _head);
            _head = 0;
        }

        return changed;
    }
}
