using Contracts.Messages;
using Realtime.Counting;
using Realtime.Wire;
using ServiceDefaults.Waiting;

namespace Realtime.Fanout;

/// <summary>A stretch of history as frames.</summary>
/// <param name="First">Seq of the first frame.</param>
/// <param name="Frames">Consecutive seqs from <paramref name="First"/> on; may be shorter than a page at the end of the room, or empty.</param>
internal sealed record FramePage(long First, WireFrame[] Frames)
{
    public WireFrame? TryGet(long seq) => seq >= First && seq < First + Frames.Length ? Frames[seq - First] : null;
}

/// <summary>
/// History of one room for subscribers behind the ring. Pages begin at multiples of the page size, so that a crowd which resumes from nearby
/// positions shares them: one call to dbman and one encoding for all. Only the newest few full pages are kept.
/// </summary>
internal sealed class HistoryPages(
    RoomKey room,
    IRoomStore store,
    SemaphoreSlim gate,
    FanoutOptions options,
    TimeProvider time,
    RealtimeTelemetry telemetry,
    ILogger logger,
    CancellationToken closed)
{
    /// <summary>A crowd that resumes together spans few pages; beyond that the memory is worth more than the calls.</summary>
    private const int MaxPages = 4;

    private readonly Lock _gate = new();
    private readonly List<(long Index, Task<FramePage> Page)> _pages = [];

    /// <summary>The page that has <paramref name="seq"/>, which is known to be stored. Tries until it has an answer or the feed closes.</summary>
    public async Task<FramePage> GetAsync(long seq)
    {
        var (page, isShared) = Enter(seq);
        var found = await page;

        // A page that was being read already may lack what was stored in the meantime. The next one cannot.
        return isShared && found.TryGet(seq) is null ? await Enter(seq).Page : found;
    }

    private (Task<FramePage> Page, bool IsShared) Enter(long seq)
    {
        var index = (seq - 1) / options.HistoryPage;
        lock (_gate)
        {
            for (var i = 0; i < _pages.Count; i++)
            {
                var (known, page) = _pages[i];
                if (known != index)
                {
                    continue;
                }

                // Running: share it. Done: good if it reaches the seq; a page that was read before the room grew is read again.
                if (!page.IsCompleted || (page.IsCompletedSuccessfully && page.Result.TryGet(seq) is not null))
                {
                    return (page, true);
                }

                _pages.RemoveAt(i);
                break;
            }

            var fetch = FetchAsync(index);
            _pages.Add((index, fetch));
            if (_pages.Count > MaxPages)
            {
                _pages.RemoveAt(0);
            }

            return (fetch, false);
        }
    }

    private async Task<FramePage> FetchAsync(long index)
    {
        var first = (index * options.HistoryPage) + 1;
        var backoff = new BackoffTimer(FeedServices.FirstRetryDelay, options.MaxRetryDelay, time);
        while (true)
        {
            await gate.WaitAsync(closed);
            try
            {
                var result = await store.GetAfterAsync(room, first - 1, options.HistoryPage, closed);
                if (result.TryGet(out var history, out var problem))
                {
                    return new FramePage(first, Encode(history.Messages, first));
                }

                telemetry.StoreFailed("history");
                logger.HistoryFailed(room, problem.Type, problem.Detail);
            }
            finally
            {
                gate.Release();
            }

            await backoff.WaitAsync(closed);
        }
    }

    /// <summary>
    /// Frames of the consecutive seqs from <paramref name="first"/> on; stops where an answer has a hole, which no healthy dbman gives.
    /// </summary>
    public static WireFrame[] Encode(IReadOnlyList<MessageRecord> messages, long first)
    {
        var count = 0;
        while (count < messages.Count && messages[count].Seq == first + count)
        {
            count++;
        }

        var frames = new WireFrame[count];
        for (var i = 0; i < count; i++)
        {
            frames[i] = Frames.Frame(messages[i]);
        }

        return frames;
    }
}
