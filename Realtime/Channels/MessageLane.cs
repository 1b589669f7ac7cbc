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
/// is gathered; it is written when that write is answered, or at once when it fills a bundle. So a broker that answers fast gets each call
/// for itself, and one that is slow gets fewer and larger bundles. There is no timer, and nothing waits longer than for an answer that is due already.
/// </summary>
/// <remarks>
/// One write for a room and not one for each shard: readers deliver in order, so what overtook its predecessors on another shard would wait there.
/// </remarks>
internal sealed class MessageLane(RoomRoutes routes)
{
    private readonly Lock _lock = new();
    private int _underWay;
    private Gathering? _next;

    /// <summary>Completes when these messages were written: null when the broker has taken them, else why not.</summary>
    /// <param name="messages">One or more of this room.</param>
    /// <param name="now">Timestamp.</param>
    /// <param name="write">Called outside of the lock, by this call or one that ends.</param>
    public Task<string?> WriteAsync(IReadOnlyList<MessageRecord> messages, long now, WriteMessages write)
    {
        var bytes = messages.Sum(static message => message.Text.Length);
        Gathering? full = null;
        Gathering mine;
        bool isWritten;
        lock (_lock)
        {
            if (_next is { } waiting && (waiting.Messages.Count + messages.Count > Bundle.MaxMessages || waiting.Bytes + bytes > Bundle.MaxBytes))
            {
                full = waiting;
                _next = null;
                _underWay++;
            }

            mine = _next ?? new Gathering(now);
            mine.Messages.AddRange(messages);
            mine.Bytes += bytes;
            isWritten = _underWay == 0 || mine.Messages.Count >= Bundle.MaxMessages || mine.Bytes >= Bundle.MaxBytes;
            _next = isWritten ? null : mine;
            _underWay += isWritten ? 1 : 0;
        }

        if (full is not null)
        {
            _ = WriteAsync(full, write);
        }

        if (isWritten)
        {
            _ = WriteAsync(mine, write);
        }

        return mine.Written.Task;
    }

    private async Task WriteAsync(Gathering? gathering, WriteMessages write)
    {
        while (gathering is not null)
        {
            try
            {
                gathering.Written.SetResult(await write(routes, gathering.Messages, gathering.Since));
            }
            catch (Exception exception)
            {
                // Everybody who waits for it gets it.
                gathering.Written.SetException(exception);
            }

            lock (_lock)
            {
                gathering = --_underWay == 0 ? _next : null;
                if (gathering is not null)
                {
                    _next = null;
                    _underWay++;
                }
            }
        }
    }

    /// <summary>Messages that are written together.</summary>
    private sealed class Gathering(long since)
    {
        public long Since { get; } = since;

        public List<MessageRecord> Messages { get; } = [];

        /// <summary>Of the texts; what else a frame holds is small.</summary>
        public long Bytes { get; set; }

        /// <summary>Whoever waits must not run inside of the loop that writes what comes next.</summary>
        public TaskCompletionSource<string?> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
