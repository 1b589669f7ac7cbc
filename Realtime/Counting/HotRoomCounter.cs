using Contracts.Messages;
using Microsoft.Extensions.Options;

namespace Realtime.Counting;

/// <summary>Counts published events by room, window by window. Publishers write, the report reads.</summary>
internal sealed class HotRoomCounter(IOptions<CountingOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private RoomSketch _current = new(options.Value.SketchRooms);
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
            _current = new RoomSketch(options.Value.SketchRooms);
            _since = time.GetTimestamp();
        }

        // Sorted outside of the lock: nobody else holds this sketch now.
        return _ended = (length, ended.Top(count));
    }
}
