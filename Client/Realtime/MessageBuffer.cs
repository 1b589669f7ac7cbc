namespace Client.Realtime;

/// <summary>
/// The messages of one subscription between the socket and the application: drops second copies, holds back what came early, and knows what is missing.
/// </summary>
/// <remarks>
/// <para>
/// Invariant: everything up to <see cref="Taken"/> has been given to the application, once and in order. Slots hold messages with a seq in (<see cref="Taken"/>, <see cref="Taken"/> + capacity].
/// A message past that is discarded but remembered in <see cref="Head"/>: it shows as a gap, and gaps are filled from the history. So memory is bounded, and a reader that is too
/// slow for the room costs calls to the history instead of messages.
/// </para>
/// <para>The socket's loop offers, the subscription's pump takes; both under the lock, which is never held across an await.</para>
/// </remarks>
internal sealed class MessageBuffer(int capacity)
{
    private readonly Lock _lock = new();
    private readonly RoomMessage?[] _slots = new RoomMessage?[capacity];
    private long _taken;
    private long _head;
    private bool _started;

    /// <summary>Seq of the last message given to the application.</summary>
    public long Taken
    {
        get
        {
            lock (_lock)
            {
                return _taken;
            }
        }
    }

    /// <summary>Highest seq known to exist.</summary>
    public long Head
    {
        get
        {
            lock (_lock)
            {
                return _head;
            }
        }
    }

    /// <summary>Sets where the stream starts; later calls (after a reconnect) only raise the head.</summary>
    /// <param name="after">The first message to deliver is the one behind it.</param>
    /// <param name="head">Newest seq of the room.</param>
    public void Start(long after, long head)
    {
        lock (_lock)
        {
            if (!_started)
            {
                _started = true;
                _taken = after;
            }

            _head = Math.Max(_head, Math.Max(head, _taken));
        }
    }

    /// <summary>Position to resume from: the last message before the first missing one. Null before the stream has started.</summary>
    public long? ResumeAfter
    {
        get
        {
            lock (_lock)
            {
                if (!_started)
                {
                    return null;
                }

                var seq = _taken;
                while (seq - _taken < capacity && _slots[(seq + 1) % capacity] is not null)
                {
                    seq++;
                }

                return seq;
            }
        }
    }

    /// <summary>Stores a message. False when it is a second copy, or past the capacity.</summary>
    public bool Offer(RoomMessage message)
    {
        lock (_lock)
        {
            _head = Math.Max(_head, message.Seq);
            if (message.Seq <= _taken || message.Seq - _taken > capacity)
            {
                return false;
            }

            ref var slot = ref _slots[message.Seq % capacity];
            if (slot is not null)
            {
                return false;
            }

            slot = message;
            return true;
        }
    }

    /// <summary>Takes the next message in order; false when it is not there.</summary>
    public bool TryTake(out RoomMessage? message)
    {
        lock (_lock)
        {
            ref var slot = ref _slots[(_taken + 1) % capacity];
            message = slot;
            if (message is null)
            {
                return false;
            }

            slot = null;
            _taken++;
            return true;
        }
    }
}
