namespace Dashboard.Consoles;

/// <summary>
/// The last lines that a page keeps, bounded in their number and in their length together; the oldest go first. Those that match what is searched are
/// kept track of as they come. Used by one page, on its own thread of work.
/// </summary>
internal sealed class LineRing(int mostLines)
{
    /// <summary>Four million characters are eight megabytes.</summary>
    private const long MostCharacters = 4_000_000;

    private readonly Ring _all = new(mostLines);
    private readonly Ring _matches = new(mostLines);
    private long _characters;

    public string Search { get; private set; } = string.Empty;

    public int Count => _all.Count;

    /// <summary>What is to be shown: the matches of the search, or everything without one.</summary>
    public int ShownCount => Search.Length > 0 ? _matches.Count : _all.Count;

    public ConsoleLevel LastLevel => _all.Count > 0 ? _all[_all.Count - 1].Level : ConsoleLevel.None;

    public void Add(ConsoleLine line)
    {
        _all.Add(line, out var pushed);
        _characters += line.Text.Length - (pushed?.Text.Length ?? 0);
        Forget(pushed);
        while (_characters > MostCharacters && _all.Count > 1)
        {
            var oldest = _all.RemoveFirst();
            _characters -= oldest.Text.Length;
            Forget(oldest);
        }

        if (Matches(line))
        {
            _matches.Add(line, out _);
        }
    }

    public void Find(string search)
    {
        Search = search;
        _matches.Clear();
        for (var i = 0; i < _all.Count; i++)
        {
            if (Matches(_all[i]))
            {
                _matches.Add(_all[i], out _);
            }
        }
    }

    public void Clear()
    {
        _all.Clear();
        _matches.Clear();
        _characters = 0;
    }

    public IReadOnlyList<ConsoleLine> Shown(int start, int count)
    {
        var from = Search.Length > 0 ? _matches : _all;
        return [.. Enumerable.Range(start, Math.Max(0, Math.Min(count, from.Count - start))).Select(i => from[i])];
    }

    private void Forget(ConsoleLine? gone)
    {
        if (gone is not null && _matches.Count > 0 && ReferenceEquals(_matches[0], gone))
        {
            _matches.RemoveFirst();
        }
    }

    private bool Matches(ConsoleLine line) => Search.Length > 0 && line.Plain.Contains(Search, StringComparison.OrdinalIgnoreCase);

    /// <summary>A queue with an index.</summary>
    private sealed class Ring(int most)
    {
        private readonly ConsoleLine?[] _lines = new ConsoleLine?[most];
        private int _first;

        public int Count { get; private set; }

        public ConsoleLine this[int index] => _lines[(_first + index) % most]!;

        public void Add(ConsoleLine line, out ConsoleLine? pushed)
        {
            pushed = Count == most ? RemoveFirst() : null;
            _lines[(_first + Count) % most] = line;
            Count++;
        }

        public ConsoleLine RemoveFirst()
        {
            var line = this[0];
            _lines[_first] = null;
            _first = (_first + 1) % most;
            Count--;
            return line;
        }

        public void Clear()
        {
            Array.Clear(_lines);
            (_first, Count) = (0, 0);
        }
    }
}
