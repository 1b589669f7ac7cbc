using Realtime.Wire;

namespace Realtime.Fanout;

/// <summary>
/// The newest frames of a feed under consecutive numbers, bounded by count and bytes. One writer at a time (under the feed's lock), any number of
/// readers without a lock.
/// </summary>
/// <remarks>
/// A reader may meet a slot that is being reused. It sees either frame whole, since a slot is one reference, and each frame knows its own number: a
/// wrong one reads as "no longer here", which is what it is. The slots are replaced as a whole when the ring grows; a reader with the old array sees
/// what was in it.
/// </remarks>
/// <param name="byArrival">Whether frames are numbered by arrival rather than by seq.</param>
/// <param name="maxFrames">Most frames; a power of two.</param>
/// <param name="maxBytes">Most bytes of frames.</param>
internal sealed class FrameRing(bool byArrival, int maxFrames, long maxBytes)
{
    private const int InitialSlots = 16;

    private volatile WireFrame?[] _slots = new WireFrame?[InitialSlots];
    private long _head;
    private long _low = 1;
    private long _bytes;

    /// <summary>Number of the newest frame.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Number of the oldest frame that is still here; <see cref="Head"/> + 1 when there is none. Writer only.</summary>
    public long Low => _low;

    /// <summary>Forgets everything and continues behind <paramref name="head"/>. Only before the first reader.</summary>
    public void Reset(long head)
    {
        Array.Clear(_slots);
        _bytes = 0;
        _low = head + 1;
        Volatile.Write(ref _head, head);
    }

    /// <summary>Appends the frame with the number <see cref="Head"/> + 1.</summary>
    public void Add(WireFrame frame)
    {
        var number = _head + 1;
        var count = number - _low;
        if (count == maxFrames)
        {
            DropOldest();
        }
        else if (count == _slots.Length)
        {
            Grow();
        }

        _bytes += frame.Length;
        while (_bytes > maxBytes && _low < number)
        {
            DropOldest();
        }

        var slots = _slots;
        slots[number & (slots.Length - 1)] = frame;

        // The frame is in its slot before anybody can look for it.
        Volatile.Write(ref _head, number);
    }

    /// <summary>The frame with this number, unless it is not here yet or no longer. Any thread.</summary>
    public WireFrame? TryGet(long number)
    {
        if (number > Head)
        {
            return null;
        }

        var slots = _slots;
        var frame = Volatile.Read(ref slots[number & (slots.Length - 1)]);
        return frame is not null && NumberOf(frame) == number ? frame : null;
    }

    private long NumberOf(WireFrame frame) => byArrival ? frame.Arrival : frame.Seq;

    private void DropOldest()
    {
        ref var slot = ref _slots[_low & (_slots.Length - 1)];
        _bytes -= slot!.Length;
        slot = null;
        _low++;
    }

    private void Grow()
    {
        var old = _slots;
        var slots = new WireFrame?[old.Length * 2];
        for (var number = _low; number <= _head; number++)
        {
            slots[number & (slots.Length - 1)] = old[number & (old.Length - 1)];
        }

        _slots = slots;
    }
}
