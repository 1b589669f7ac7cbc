namespace Realtime.Fanout;

/// <summary>
/// Runs a feed's write rounds: one at a time, the first at once, the next no sooner than the interval after the start of the last. Whatever arrives
/// during a round or a pause goes out with the next one, so a busy room costs fewer, fuller writes.
/// </summary>
/// <remarks>
/// States: idle; queued (a round will start and see everything that has arrived by then); running; running with more to come. A round is cut into
/// chunks of connections, which run in parallel; the last one to finish ends the round. The chunks are kept for the next round: no allocation per
/// delivery.
/// </remarks>
internal sealed class FlushScheduler : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Connections of one chunk: about half a millisecond of writes, so that a pool thread is not taken for longer at a time.</summary>
    private const int ChunkSize = 64;

    private const int Idle = 0;
    private const int Queued = 1;
    private const int Running = 2;
    private const int RunningWithMore = 3;

    private readonly Func<Subscription[]> _subscriptions;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private readonly List<Chunk> _chunks = [];
    private int _state;
    private int _open;
    private long _started;

    public FlushScheduler(Func<Subscription[]> subscriptions, TimeSpan interval, TimeProvider time)
    {
        _subscriptions = subscriptions;
        _interval = interval;
        _time = time;
        _timer = time.CreateTimer(static state => ((FlushScheduler)state!).Round(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _started = time.GetTimestamp() - (long)(interval.TotalSeconds * time.TimestampFrequency) - 1;
    }

    /// <summary>There is something to write. A round of few connections runs on the calling thread, which must hold no lock: it is shorter than the
    /// way to another one.</summary>
    public void Request()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Idle:
                    if (Interlocked.CompareExchange(ref _state, Queued, Idle) == Idle)
                    {
                        StartInTime(mayRunHere: true);
                        return;
                    }

                    break;
                case Running:
                    if (Interlocked.CompareExchange(ref _state, RunningWithMore, Running) == Running)
                    {
                        return;
                    }

                    break;
                default:
                    return;
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    void IThreadPoolWorkItem.Execute() => Round();

    private void Round()
    {
        // Running before the subscriptions are read: what arrives from here on asks for another round.
        Volatile.Write(ref _state, Running);
        _started = _time.GetTimestamp();
        var subscriptions = _subscriptions();
        var chunks = (subscriptions.Length + ChunkSize - 1) / ChunkSize;
        while (_chunks.Count < chunks)
        {
            _chunks.Add(new Chunk(this));
        }

        // One more than the chunks, held by this thread: the round cannot end while chunks are still being handed out.
        _open = chunks + 1;
        for (var i = 1; i < chunks; i++)
        {
            _chunks[i].Start(subscriptions, i * ChunkSize);
            ThreadPool.UnsafeQueueUserWorkItem(_chunks[i], preferLocal: false);
        }

        if (chunks > 0)
        {
            _chunks[0].Start(subscriptions, 0);
            ((IThreadPoolWorkItem)_chunks[0]).Execute();
        }

        Finish();
    }

    private void Finish()
    {
        if (Interlocked.Decrement(ref _open) != 0
            || Interlocked.CompareExchange(ref _state, Idle, Running) == Running)
        {
            return;
        }

        // On another thread: round after round on this one would keep it from its own work.
        Volatile.Write(ref _state, Queued);
        StartInTime(mayRunHere: false);
    }

    private void StartInTime(bool mayRunHere)
    {
        var wait = _interval - _time.GetElapsedTime(_started);
        if (wait > TimeSpan.Zero)
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
        else if (mayRunHere && _subscriptions().Length <= ChunkSize)
        {
            Round();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private sealed class Chunk(FlushScheduler owner) : IThreadPoolWorkItem
    {
        private Subscription[] _subscriptions = [];
        private int _first;

        public void Start(Subscription[] subscriptions, int first)
        {
            _subscriptions = subscriptions;
            _first = first;
        }

        void IThreadPoolWorkItem.Execute()
        {
            var end = Math.Min(_first + ChunkSize, _subscriptions.Length);
            for (var i = _first; i < end; i++)
            {
                _subscriptions[i].Subscriber.Pump();
            }

            // Dropped before the round can end: a chunk at rest keeps no connection alive, and the next round may use it at once.
            _subscriptions = [];
            owner.Finish();
        }
    }
}
