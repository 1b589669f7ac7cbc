using Realtime.Channels;

namespace Realtime.Sockets;

/// <summary>Frames that go ahead of all messages: answers, signals, system events, pings, the close frame. Bounded by count and bytes.</summary>
internal sealed class OutboundQueue(int maxFrames, int maxBytes)
{
    private readonly Queue<WireFrame> _frames = new();
    private readonly Lock _gate = new();
    private int _bytes;

    // Written under the lock; read without it by the pump, which mostly finds nothing.
    private volatile int _count;
    private bool _sealed;

    public bool IsEmpty => _count == 0;

    /// <summary>Adds a frame; false when there is no room. After the last frame (<see cref="Seal"/>) everything is silently dropped: the connection
    /// is closing.</summary>
    public bool TryAdd(WireFrame frame)
    {
        lock (_gate)
        {
            if (_sealed)
            {
                return true;
            }

            if (_frames.Count >= maxFrames || _bytes + frame.Length > maxBytes)
            {
                return false;
            }

            Add_NeedsLock(frame);
            return true;
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
                _bytes = 0;
            }

            Add_NeedsLock(frame);
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
            while (_frames.TryPeek(out var frame) && frame.Length <= target.Length - taken)
            {
                frame.Bytes.CopyTo(target[taken..]);
                taken += frame.Length;
                _frames.Dequeue();
            }

            _bytes -= taken;
            _count = _frames.Count;
            empty = _count == 0;
            last = empty && _sealed;
        }

        return taken;
    }

    private void Add_NeedsLock(WireFrame frame)
    {
        _frames.Enqueue(frame);
        _bytes += frame.Length;
        _count = _frames.Count;
    }
}
