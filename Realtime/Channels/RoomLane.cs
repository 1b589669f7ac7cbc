using Contracts.Messages;
using Realtime.Wire;

namespace Realtime.Channels;

/// <summary>Writes messages of one room. Null when the broker has taken all of them, else why not.</summary>
/// <param name="routes">The room's channels.</param>
/// <param name="messages">In the order in which they were handed over.</param>
/// <param name="since">Timestamp at which the first of them was handed over.</param>
internal delegate Task<string?> WriteMessages(RoomRoutes routes, IReadOnlyList<MessageRecord> messages, long since);

/// <summary>
/// The messages of one room that are on their way to the broker under one layout. Nagle's rule: while a write is under way, what further calls bring
/// is gathered; it is written when that write is answered, at once when it fills a bundle, and after <see cref="MostWait"/> in any case. So a broker
/// that answers fast gets each call for itself, and one that is slow gets fewer and larger bundles.
/// </summary>
/// <remarks>
/// One write for a room and not one for each shard: readers deliver in order, so what overtook its predecessors on another shard would wait there.
/// </remarks>
internal sealed class RoomLane(RoomRoutes routes)
{
    /// <summary>
    /// How long messages gather at most. A server that does not answer at all must not hold up what goes to others; fifty writes a second from a node are
    /// no load that gathering longer would spare.
    /// </summary>
    public static readonly TimeSpan MostWait = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private int _underWay;
    private Gathering? _next;
    private ITimer? _timer;

    /// <summary>Completes when these messages were written: null when the broker has taken them, else why not.</summary>
    /// <param name="messages">One or more of this room.</param>
    /// <param name="time">Always the same.</param>
    /// <param name="write">Called outside of the lock: by this call, by one that ends, or by the timer.</param>
    public Task<string?> WriteAsync(IReadOnlyList<MessageRecord> messages, TimeProvider time, WriteMessages write)
    {
        var bytes = messages.Sum(static message => message.Text.Length);
        Gathering? full = null;
        Gathering mine;
        bool isWritten;
        lock (_lock)
        {
            if (_next is { } waiting && (waiting.Messages.Count + messages.Count > Bundle.MaxMessages || waiting.Bytes + bytes > Bundle.MaxBytes))
            {
                full = Take_NeedsLock();
            }

            mine = _next ?? new Gathering(time, write);
            mine.Messages.AddRange(messages);
            mine.Bytes += bytes;
            isWritten = _underWay == 0 || mine.Messages.Count >= Bundle.MaxMessages || mine.Bytes >= Bundle.MaxBytes;
            if (isWritten)
            {
                _next = mine;
                Take_NeedsLock();
            }
            else if (_next is null)
            {
                _next = mine;
                WakeIn_NeedsLock(MostWait);
            }
        }

        _ = WriteAsync(full);
        _ = WriteAsync(isWritten ? mine : null);
        return mine.Written.Task;
    }

    private async Task WriteAsync(Gathering? gathering)
    {
        while (gathering is not null)
        {
            try
            {
                gathering.Written.SetResult(await gathering.Write(routes, gathering.Messages, gathering.Since));
            }
            catch (Exception exception)
            {
                // Everybody who waits for it gets it.
                gathering.Written.SetException(exception);
            }

            lock (_lock)
            {
                gathering = --_underWay == 0 ? Take_NeedsLock() : null;
            }
        }
    }

    /// <summary>Takes what was gathered, to write it now.</summary>
    private Gathering? Take_NeedsLock()
    {
        var taken = _next;
        _next = null;
        _underWay += taken is null ? 0 : 1;
        return taken;
    }

    private void WakeIn_NeedsLock(TimeSpan wait)
    {
        if (_timer is null)
        {
            // Whose call it was must not follow the timer around.
            using (ExecutionContext.SuppressFlow())
            {
                _timer = _next!.Time.CreateTimer(static lane => ((RoomLane)lane!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Wake()
    {
        Gathering? late = null;
        lock (_lock)
        {
            if (_next is { } waiting)
            {
                // It may have begun after the one for which the timer was set.
                var left = MostWait - waiting.Time.GetElapsedTime(waiting.Since);
                if (left > TimeSpan.Zero)
                {
                    WakeIn_NeedsLock(left);
                }
                else
                {
                    late = Take_NeedsLock();
                }
            }
        }

        _ = WriteAsync(late);
    }

    /// <summary>Messages that are written together.</summary>
    private sealed class Gathering(TimeProvider time, WriteMessages write)
    {
        public TimeProvider Time { get; } = time;

        public WriteMessages Write { get; } = write;

        public long Since { get; } = time.GetTimestamp();

        public List<MessageRecord> Messages { get; } = [];

        /// <summary>Of the texts; what else a frame holds is small.</summary>
        public long Bytes { get; set; }

        /// <summary>Callers must not run inside of the loop that writes what comes next.</summary>
        public TaskCompletionSource<string?> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
