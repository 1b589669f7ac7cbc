using Contracts.Messages;
using Microsoft.Extensions.Options;

namespace Realtime.Counting;

/// <summary>Counts published events by room, window by window. Publishers write, the report reads.</summary>
internal sealed class HotRoomCounter(IOptions<CountingOptions> options, TimeProvider time)
{
    /// <summary>
    /// Rooms that are counted at a time to find the hottest. With N of them, a room with more than one event in N is always found, and counts are too
    /// high by at most one event in N.
    /// </summary>
    private const int SketchRooms = 256;

    private readonly Lock _gate = new();
    private RoomSketch _current = new(SketchRooms);
    private long _since = time.GetTimestamp();
    private (TimeSpan Length, IReadOnlyList<RoomCount> Rooms) _ended = (TimeSpan.Zero, []);

    public void Add(in RoomKey room, bool isMessage, int events = 1)
    {
        lock (_gate)
        {
            _current.Add(room, isMessage, events);
        }
    }

    /// <summary>The hottest rooms of the last window that has ended; ends the present one when it is long enough.</summary>
    public (TimeSpan Length, IReadOnlyList<RoomCount> Rooms) Read(int count)
    {
        RoomSketch ended;
        TimeSpan length;
        lock (_gate)
        {
            length = time.GetElapsedTime(_since);
            if (length < options.Value.HotWindow)
            {
                return _ended;
            }

            ended = _current;
            _current = new RoomSketch(SketchRooms);
            _since = time.GetTimestamp();
        }

        // Sorted outside of the lock: nobody else holds this sketch now.
        return _ended = (length, ended.Top(count));
    }
}
