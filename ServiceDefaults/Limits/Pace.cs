namespace ServiceDefaults.Limits;

/// <summary>
/// Measures how fast a peer sends its body or takes its answer. Only the time that the server waits for the peer counts: a slow store or a slow
/// downstream service is not counted against the peer. Begin and End are called by the request, the rest by <see cref="FairPlaces"/>.
/// </summary>
internal sealed class Pace(TimeProvider time)
{
    private readonly Lock _gate = new();

    // Apart from the other: it is held while a request is ended, which may take its time.
    private readonly Lock _endGate = new();
    private Action? _evict;
    private long _waitingSince;
    private TimeSpan _waited;
    private long _moved;

    /// <summary>Whether the last time that was measured was below the least rate.</summary>
    public bool IsSlow { get; private set; }

    public double BytesPerSecond { get; private set; }

    public bool IsEvicted { get; private set; }

    /// <summary>Ends the request when it is evicted; null once it has ended, as its context may then belong to another request.</summary>
    public void OnEvicted(Action? evict)
    {
        lock (_endGate)
        {
            _evict = evict;
        }
    }

    /// <summary>The server waits for the peer from now on.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _waitingSince = Math.Max(1, time.GetTimestamp());
        }
    }

    /// <summary>The peer has moved so many bytes.</summary>
    public void End(long bytes)
    {
        lock (_gate)
        {
            _moved += bytes;
            if (_waitingSince != 0)
            {
                _waited += time.GetElapsedTime(_waitingSince);
                _waitingSince = 0;
            }
        }
    }

    /// <summary>Looks at what moved once the peer was waited for as long as <paramref name="grace"/>, and starts again.</summary>
    public void Judge(long minBytesPerSecond, TimeSpan grace)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var waited = _waited + (_waitingSince == 0 ? TimeSpan.Zero : time.GetElapsedTime(_waitingSince, now));
            if (waited < grace)
            {
                return;
            }

            BytesPerSecond = _moved / waited.TotalSeconds;
            IsSlow = BytesPerSecond < minBytesPerSecond;
            _moved = 0;
            _waited = TimeSpan.Zero;
            _waitingSince = _waitingSince == 0 ? 0 : Math.Max(1, now);
        }
    }

    /// <summary>Ends the request. Not on this thread: the caller holds a lock.</summary>
    public void Evict()
    {
        IsEvicted = true;
        ThreadPool.UnsafeQueueUserWorkItem(
            static pace =>
            {
                lock (pace._endGate)
                {
                    pace._evict?.Invoke();
                }
            },
            this,
            preferLocal: false);
    }
}
