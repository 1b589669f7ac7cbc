using Contracts.Messages;

namespace Realtime.Counting;

/// <summary>
/// Finds the rooms with the most events of a stream in bounded memory (the Space-Saving sketch): a room that is not counted takes the place of the
/// one with the fewest events, and its count. So a count is never too low, and too high by at most the count that it took over, which is no more than
/// one event in <c>capacity</c>. Every room with more than that is in it.
/// </summary>
/// <remarks>Not safe for concurrent use: its owner holds the lock.</remarks>
internal sealed class RoomSketch(int capacity)
{
    private readonly Dictionary<RoomKey, int> _places = new(capacity);
    private readonly RoomKey[] _rooms = new RoomKey[capacity];
    private readonly long[] _counts = new long[capacity];
    private readonly long[] _overcounts = new long[capacity];
    private readonly long[] _messages = new long[capacity];

    // The smallest count never falls while all places are taken, so the search for it continues where the last one ended.
    private long _least;
    private int _cursor;

    /// <summary>Events that were added.</summary>
    public long Total { get; private set; }

    public void Add(in RoomKey room, bool isMessage, int events = 1)
    {
        Total += events;
        if (!_places.TryGetValue(room, out var place))
        {
            place = _places.Count < capacity ? _places.Count : Evict();
            _places.Add(room, place);
            _rooms[place] = room;
        }

        _counts[place] += events;
        _messages[place] += isMessage ? events : 0;
    }

    /// <summary>The rooms with the most events, hottest first.</summary>
    public IReadOnlyList<RoomCount> Top(int count) =>
    [
        .. _places.Values
            .Select(place => new RoomCount(_rooms[place], _counts[place], _overcounts[place], _messages[place]))
            .OrderByDescending(static room => room.Events)
            .ThenBy(static room => room.Overcount)
            .ThenBy(static room => room.Room.ToString(), StringComparer.Ordinal)
            .Take(count),
    ];

    private int Evict()
    {
        var place = FindLeast();
        _places.Remove(_rooms[place]);
        _overcounts[place] = _counts[place];
        _messages[place] = 0;
        return place;
    }

    private int FindLeast()
    {
        for (var seen = 0; seen < capacity; seen++)
        {
            _cursor = _cursor + 1 < capacity ? _cursor + 1 : 0;
            if (_counts[_cursor] == _least)
            {
                return _cursor;
            }
        }

        _least = _counts.Min();
        _cursor = Array.IndexOf(_counts, _least);
        return _cursor;
    }
}

/// <summary>A room and its events.</summary>
/// <param name="Room">The room.</param>
/// <param name="Events">An upper bound.</param>
/// <param name="Overcount">By how much that may be too many.</param>
/// <param name="Messages">Messages among them: a lower bound.</param>
internal readonly record struct RoomCount(RoomKey Room, long Events, long Overcount, long Messages);
