namespace Tests.Layouts.Faults;

/// <summary>
/// What one subscriber of a room was given, over all its connections, and where that breaks what it was promised: no seq twice on a connection, none
/// left out, in order where the server orders, no gap over a reconnect; no signal and no system event twice on a connection; none missing from the
/// confirmation of the subscription until it learned that it may miss some (a close, or <c>stream.interrupted</c>).
/// </summary>
internal sealed class ReaderLog(string name, bool isOrdered)
{
    /// <summary>What was taken within so long before a connection's end may have been on its way when it ended.</summary>
    public static readonly TimeSpan OnItsWay = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly List<string> _faults = [];
    private readonly SortedSet<long> _ahead = [];
    private readonly HashSet<long> _connection = [];
    private readonly Stream _signals = new("signal");
    private readonly Stream _events = new("event");
    private long _position;
    private long _last;

    public string Name => name;

    /// <summary>Highest seq below which nothing is missing: where to resume.</summary>
    public long Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>How often it learned on a connection that it may have missed something.</summary>
    public int Interruptions { get; private set; }

    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate)
            {
                return [.. _faults.Select(fault => $"{name}: {fault}")];
            }
        }
    }

    /// <summary>A subscription was confirmed.</summary>
    /// <param name="after">What it was asked for.</param>
    /// <param name="signals">How many signals had been begun when it was confirmed.</param>
    /// <param name="events">Likewise.</param>
    public void Subscribed(long after, long signals, long events)
    {
        lock (_gate)
        {
            Connections++;
            _connection.Clear();
            _last = after;
            _signals.Connected(signals);
            _events.Connected(events);
        }
    }

    public void Message(long seq)
    {
        lock (_gate)
        {
            if (!_connection.Add(seq))
            {
                Fault($"message {seq} twice on a connection");
            }

            if (isOrdered && seq != _last + 1)
            {
                Fault($"message {seq} behind {_last}");
            }

            _last = seq;
            if (seq > _position)
            {
                _ahead.Add(seq);
            }

            while (_ahead.Remove(_position + 1))
            {
                _position++;
            }
        }
    }

    public void Signal(long number)
    {
        lock (_gate)
        {
            _signals.Came(number, Fault);
        }
    }

    public void Event(long number)
    {
        lock (_gate)
        {
            _events.Came(number, Fault);
        }
    }

    /// <summary>It learned that it may have missed signals and events, on a connection that stays open.</summary>
    public void Interrupted(long signals, long events)
    {
        lock (_gate)
        {
            Interruptions++;
            _signals.Notified(signals);
            _events.Notified(events);
        }
    }

    /// <summary>
    /// The connection has ended. What was in flight is lost; before that nothing may be missing, unless its node had trouble with the broker.
    /// </summary>
    public void Closed(Sent signals, Sent events, bool nodeWasWell)
    {
        lock (_gate)
        {
            if (nodeWasWell)
            {
                _signals.Ended(signals, Fault);
                _events.Ended(events, Fault);
            }
        }
    }

    public void Broke(string rule)
    {
        lock (_gate)
        {
            Fault(rule);
        }
    }

    /// <summary>What is still missing; null: nothing.</summary>
    public string? Lacks(long head, Sent signals, Sent events)
    {
        lock (_gate)
        {
            var lost = _signals.Lacks(signals);
            var silent = _events.Lacks(events);
            return _position == head && lost.Count + silent.Count == 0
                ? null
                : $"{name} is at {_position} of {head}, lacks signals [{string.Join(' ', lost.Take(5))}] ({lost.Count}) and events [{string.Join(' ', silent.Take(5))}] ({silent.Count})";
        }
    }

    private void Fault(string text) => _faults.Add(text);

    /// <summary>Signals or system events of one connection.</summary>
    private sealed class Stream(string kind)
    {
        /// <summary>
        /// Two channels are read by two tasks: what was published later may be read a little earlier. After a stall of the broker a whole burst may be on its way on one channel
        /// when the first of the other has come, so the number alone does not tell (<see cref="OnItsWay"/>).
        /// </summary>
        private const int Overtaking = 8;

        private readonly HashSet<long> _seen = [];
        private long _from;
        private long _newest;

        public void Connected(long begun)
        {
            _seen.Clear();
            _newest = 0;
            _from = begun;
        }

        public void Notified(long begun) => _from = begun;

        public void Came(long number, Action<string> fault)
        {
            if (!_seen.Add(number))
            {
                fault($"{kind} {number} twice on a connection");
            }

            _newest = Math.Max(_newest, number);
        }

        public void Ended(Sent sent, Action<string> fault)
        {
            foreach (var number in sent.Taken(_from, _newest - Overtaking, OnItsWay).Where(number => !_seen.Contains(number)))
            {
                fault($"{kind} {number} was left out, {_newest} came");
            }
        }

        public IReadOnlyList<long> Lacks(Sent sent) => [.. sent.Taken(_from, long.MaxValue).Where(number => !_seen.Contains(number))];
    }
}
