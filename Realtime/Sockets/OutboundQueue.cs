using Contracts.Frames;
using Realtime.Wire;

namespace Realtime.Sockets;

/// <summary>
/// Frames that go ahead of all messages: answers, signals, system events, pings, the close frame. Bounded by count and bytes. What is sent to a room
/// by its members must not end a connection: when there is no room, the oldest signals go, and a frame tells the client how many.
/// </summary>
internal sealed class OutboundQueue(int maxFrames, int maxBytes, Action<int>? onSignalsDropped = null)
{
    // In the order of arrival, each with its number in the order of both.
    private readonly Queue<(long Number, WireFrame Frame)> _frames = new();
    private readonly Queue<(long Number, WireFrame Frame)> _signals = new();
    private readonly Lock _gate = new();
    private long _numbers;
    private int _bytes;

    // Since the client last got the count.
    private long _dropped;

    // Written under the lock; read without it by the pump, which mostly finds nothing.
    private volatile int _count;
    private bool _sealed;

    public bool IsEmpty => _count == 0;

    /// <summary>
    /// Adds a frame, replacing the oldest signals if necessary; false when there is still no room. After the last frame (<see cref="Seal"/>)
    /// everything is silently dropped: the connection is closing.
    /// </summary>
    public bool TryAdd(WireFrame frame)
    {
        lock (_gate)
        {
            if (_sealed)
            {
                return true;
            }

            if (!MakeRoom_NeedsLock(frame))
            {
                return false;
            }

            Add_NeedsLock(_frames, frame);
            return true;
        }
    }

    /// <summary>Adds a signal, replacing older ones if necessary.</summary>
    public void AddSignal(WireFrame frame)
    {
        lock (_gate)
        {
            if (_sealed)
            {
                return;
            }

            if (MakeRoom_NeedsLock(frame))
            {
                Add_NeedsLock(_signals, frame);
            }
            else
            {
                Dropped_NeedsLock(1);
            }
        }
    }

    /// <summary>Adds the last frame, whatever the bounds. <paramref name="alone"/>: what waited before it is thrown away. False when there was a
    /// last frame already.</summary>
    public bool Seal(WireFrame frame, bool alone)
    {
        lock (_gate)
        {
            if (_sealed)
            {
                return false;
            }

            if (alone)
            {
                _frames.Clear();
                _signals.Clear();
                _bytes = 0;
                _dropped = 0;
            }

            Add_NeedsLock(_frames, frame);
            _sealed = true;
            return true;
        }
    }

    /// <summary>Copies frames in order as long as they fit.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="empty">Whether nothing is left.</param>
    /// <param name="last">Whether nothing will follow.</param>
    /// <returns>Bytes copied.</returns>
    public int Take(Span<byte> target, out bool empty, out bool last)
    {
        var taken = 0;
        lock (_gate)
        {
            if (_dropped > 0)
            {
                // Before what is left of them: what is missing came earlier.
                var notice = Wire.Frames.Frame(new ServerFrame(FrameTypes.SignalsDropped, Dropped: _dropped));
                if (notice.Length <= target.Length)
                {
                    notice.Bytes.CopyTo(target);
                    taken = notice.Length;
                    _dropped = 0;
                }
            }

            var notices = taken;
            while (Next_NeedsLock() is { } queue && queue.Peek().Frame is var frame && frame.Length <= target.Length - taken)
            {
                frame.Bytes.CopyTo(target[taken..]);
                taken += frame.Length;
                queue.Dequeue();
            }

            _bytes -= taken - notices;
            Count_NeedsLock();
            empty = _count == 0;
            last = empty && _sealed;
        }

        return taken;
    }

    /// <summary>The queue whose first frame came first; null when both are empty.</summary>
    private Queue<(long Number, WireFrame Frame)>? Next_NeedsLock() =>
        _signals.Count == 0 ? (_frames.Count == 0 ? null : _frames)
        : _frames.Count == 0 || _signals.Peek().Number < _frames.Peek().Number ? _signals
        : _frames;

    private bool MakeRoom_NeedsLock(WireFrame frame)
    {
        var dropped = 0;
        while (!Fits_NeedsLock(frame) && _signals.TryDequeue(out var oldest))
        {
            _bytes -= oldest.Frame.Length;
            dropped++;
        }

        if (dropped > 0)
        {
            Dropped_NeedsLock(dropped);
        }

        return Fits_NeedsLock(frame);
    }

    private bool Fits_NeedsLock(WireFrame frame) => _frames.Count + _signals.Count < maxFrames && _bytes + frame.Length <= maxBytes;

    private void Dropped_NeedsLock(int count)
    {
        _dropped += count;
        Count_NeedsLock();
        onSignalsDropped?.Invoke(count);
    }

    private void Add_NeedsLock(Queue<(long Number, WireFrame Frame)> queue, WireFrame frame)
    {
        queue.Enqueue((_numbers++, frame));
        _bytes += frame.Length;
        Count_NeedsLock();
    }

    private void Count_NeedsLock() => _count = _frames.Count + _signals.Count + (_dropped > 0 ? 1 : 0);
}
