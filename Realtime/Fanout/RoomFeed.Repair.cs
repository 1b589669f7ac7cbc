using Realtime.Wire;
using ServiceDefaults.Waiting;

namespace Realtime.Fanout;

/// <summary>Holes and lost tails: waiting for what may still come, then fetching it.</summary>
internal sealed partial class RoomFeed
{
    // The first missing seq when the window began; under the lock.
    private long _gapSeq;
    private bool _gapArmed;
    private bool _repairing;

    /// <summary>What dbman has: when that is more than what came, something is in flight or lost.</summary>
    public void NoteHead(long head)
    {
        lock (_gate)
        {
            if (_phase != FeedPhase.Live || head <= _highest)
            {
                return;
            }

            Volatile.Write(ref _highest, head);
            ArmGap_NeedsLock();
        }
    }

    /// <summary>The page with <paramref name="seq"/>; cancelled when the feed closes.</summary>
    public Task<FramePage> GetPageAsync(long seq) => _history.GetAsync(seq);

    public Task WaitBeforeRetryAsync() => Task.Delay(_options.MaxRetryDelay, _services.Time, _closed.Token);

    private void ArmGap_NeedsLock()
    {
        if (_gapArmed || _repairing)
        {
            return;
        }

        _gapArmed = true;
        _gapSeq = Ring.Head + 1;
        _gapTimer.Change(_options.ReorderWindow, Timeout.InfiniteTimeSpan);
    }

    private void OnGapTimer()
    {
        lock (_gate)
        {
            _gapArmed = false;
            if (_phase != FeedPhase.Live || _highest <= Ring.Head || _repairing)
            {
                return;
            }

            if (Ring.Head + 1 > _gapSeq)
            {
                // That hole was filled; the present one is younger and gets a window of its own.
                ArmGap_NeedsLock();
                return;
            }

            _repairing = true;
        }

        _ = RepairAsync();
    }

    /// <summary>Fetches what is missing, page by page, until the head has reached the highest known seq. One at a time for each feed; gives up only
    /// when the feed closes.</summary>
    private async Task RepairAsync()
    {
        var time = _services.Time;
        var started = time.GetTimestamp();
        var backoff = new BackoffTimer(FeedServices.FirstRetryDelay, _options.MaxRetryDelay, time);
        try
        {
            while (NextMissing() is { } after)
            {
                if (await FetchMissingAsync(after))
                {
                    backoff.Reset();
                }
                else
                {
                    await backoff.WaitAsync(_closed.Token);
                }

                Flush();
            }

            _services.Telemetry.Repaired(time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // Nobody is left to repair for.
        }
    }

    /// <summary>The seq behind which something is missing; null ends the repair, under the same lock under which the next one could start.</summary>
    private long? NextMissing()
    {
        lock (_gate)
        {
            if (_phase == FeedPhase.Live && Ring.Head < _highest)
            {
                return Ring.Head;
            }

            _repairing = false;
            return null;
        }
    }

    private async Task<bool> FetchMissingAsync(long after)
    {
        await _services.RepairGate.WaitAsync(_closed.Token);
        try
        {
            var result = await _services.Store.GetAfterAsync(Room, after, _options.HistoryPage, _closed.Token);
            if (!result.TryGet(out var history, out var problem))
            {
                _services.Telemetry.StoreFailed("repair");
                _services.Logger.HistoryFailed(Room, problem.Type, problem.Detail);
                return false;
            }

            var frames = HistoryPages.Encode(history.Messages, after + 1);
            lock (_gate)
            {
                Apply_NeedsLock(frames, after, history.LastSeq);
            }

            return true;
        }
        finally
        {
            _services.RepairGate.Release();
        }
    }

    private void Apply_NeedsLock(WireFrame[] frames, long after, long lastSeq)
    {
        // Before the first one arrives: readers read arrivals without the lock, and take every seq up to the highest as known.
        if (lastSeq > _highest)
        {
            Volatile.Write(ref _highest, lastSeq);
        }

        foreach (var frame in frames)
        {
            // What came by itself in the meantime was released, or is held and released in its turn.
            if (frame.Seq == Ring.Head + 1)
            {
                Arrive_NeedsLock(frame);
                Ring.Add(frame);
                _services.Telemetry.Retransmitted.Add();
                ReleaseHeld_NeedsLock();
            }
        }

        if (frames.Length == 0 && Ring.Head == after && lastSeq < _highest)
        {
            // Announced, but never stored: dbman is the truth. Held messages beyond the hole stay until it is filled or the feed closes.
            _services.Logger.PhantomHead(Room, _highest, lastSeq);
            Volatile.Write(ref _highest, Math.Max(lastSeq, Ring.Head));
        }
    }
}
