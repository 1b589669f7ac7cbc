using Realtime.Channels;
using ServiceDefaults.Waiting;

namespace Realtime.Fanout;

/// <summary>Coming and going: of the feed, and of its subscriptions.</summary>
internal sealed partial class RoomFeed
{
    /// <summary>How long a room without subscribers is kept, so that a reconnecting client finds it warm.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    private bool _started;

    // What the newest call for the head said, and when it began.
    private long _headRead;
    private long _headReadAt;
    private IAsyncDisposable? _channels;

    /// <summary>Called once, outside all locks, when the feed can no longer be entered.</summary>
    public Action<RoomFeed>? OnClosed { get; init; }

    /// <summary>Counts a user of the feed; false when it is closed, and a new one must be made. The first one starts it.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_phase == FeedPhase.Closed)
            {
                return false;
            }

            _users++;
            if (_started)
            {
                return true;
            }

            _started = true;
        }

        _ = JoinAsync();
        return true;
    }

    /// <summary>The newest seq, as dbman said to a call that began after this time stamp; null when there was none.</summary>
    public long? HeadSince(long timestamp)
    {
        lock (_gate)
        {
            return _headReadAt > timestamp ? _headRead : null;
        }
    }

    /// <summary>Remembers what a call that began at this time stamp said.</summary>
    public long KeepHead(long head, long readAt)
    {
        lock (_gate)
        {
            if (readAt > _headReadAt)
            {
                (_headRead, _headReadAt) = (head, readAt);
            }
        }

        return head;
    }

    /// <summary>The opposite of <see cref="TryEnter"/>; after the last one the feed lingers.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0 || _phase == FeedPhase.Closed)
            {
                return;
            }

            _lingerTimer.Change(Linger, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>
    /// Adds a subscription behind <paramref name="after"/>. It stays silent until its connection sets it active. Null when memberships have changed
    /// since <paramref name="version"/>: ask again. The caller has entered the feed, the feed is live, and <paramref name="after"/> is not above
    /// <see cref="Highest"/>.
    /// </summary>
    public Subscription? TryAttach(ISubscriber subscriber, long after, bool orderedByClient, long version)
    {
        lock (_gate)
        {
            if (version != _membershipVersion)
            {
                return null;
            }

            var subscription = new Subscription(this, subscriber, after, _highest, orderedByClient) { Layout = Layout };
            _subscriptions = [.. _subscriptions, subscription];
            return subscription;
        }
    }

    /// <summary>Ends a subscription; a second time does nothing.</summary>
    public void Detach(Subscription subscription)
    {
        subscription.IsActive = false;
        lock (_gate)
        {
            var at = Array.IndexOf(_subscriptions, subscription);
            if (at < 0)
            {
                return;
            }

            _subscriptions = [.. _subscriptions[..at], .. _subscriptions[(at + 1)..]];
        }
    }

    /// <summary>Closes at once, even with subscribers.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_phase == FeedPhase.Closed)
            {
                return;
            }

            _phase = FeedPhase.Closed;
        }

        await CloseAsync();
    }

    private void OnLingerTimer()
    {
        lock (_gate)
        {
            if (_users > 0 || _phase == FeedPhase.Closed)
            {
                return;
            }

            _phase = FeedPhase.Closed;
        }

        _ = CloseAsync();
    }

    private async Task JoinAsync()
    {
        var backoff = new BackoffTimer(FeedServices.FirstRetryDelay, _options.MaxRetryDelay, _services.Time);
        try
        {
            var channels = await ListenAsync(backoff);
            if (!TryKeep(channels))
            {
                await channels.DisposeAsync();
                return;
            }

            // Only now: a message that was committed after this head is published after we began to listen.
            GoLive(await ReadHeadAsync(backoff));
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            _live.TrySetCanceled(_closed.Token);
        }
    }

    private async Task<IAsyncDisposable> ListenAsync(BackoffTimer backoff)
    {
        while (true)
        {
            // Before the try: a connection that comes back during it must not be waited for.
            var restored = _services.Restored;
            try
            {
                return await _services.Channels.SubscribeAsync(Room, this, _closed.Token);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                _services.Logger.ListenFailed(Room, exception.Message);
            }

            await Task.WhenAny(backoff.WaitAsync(_closed.Token), restored);
            _closed.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task<long> ReadHeadAsync(BackoffTimer backoff)
    {
        backoff.Reset();
        while (true)
        {
            var readAt = _services.Time.GetTimestamp();
            var result = await _services.Store.GetHeadsAsync([Room], _closed.Token);
            if (result.TryGet(out var heads, out var problem))
            {
                return KeepHead(heads.Heads.Count == 0 ? 0 : heads.Heads[0].LastSeq, readAt);
            }

            _services.Telemetry.StoreFailed("heads");
            _services.Logger.HeadsFailed(problem.Type, problem.Detail);
            await backoff.WaitAsync(_closed.Token);
        }
    }

    private bool TryKeep(IAsyncDisposable channels)
    {
        lock (_gate)
        {
            if (_phase == FeedPhase.Closed)
            {
                return false;
            }

            _channels = channels;
            return true;
        }
    }

    private void GoLive(long head)
    {
        lock (_gate)
        {
            if (_phase == FeedPhase.Closed)
            {
                return;
            }

            Ring.Reset(head);
            _highest = Math.Max(_highest, head);
            _phase = FeedPhase.Live;
            var early = _early!;
            _early = null;
            foreach (var frame in early)
            {
                OnMessage_NeedsLock(frame);
            }

            if (_highest > Ring.Head)
            {
                ArmGap_NeedsLock();
            }
        }

        _live.TrySetResult();
    }

    private async Task CloseAsync()
    {
        OnClosed?.Invoke(this);
        await _closed.CancelAsync();
        _live.TrySetCanceled(_closed.Token);
        await _gapTimer.DisposeAsync();
        await _lingerTimer.DisposeAsync();
        _flush.Dispose();
        IAsyncDisposable? channels;
        lock (_gate)
        {
            channels = _channels;
        }

        if (channels is not null)
        {
            try
            {
                await channels.DisposeAsync();
            }
            catch (Exception exception)
            {
                // The broker is away, and with it the subscription.
                _services.Logger.UnlistenFailed(Room, exception.Message);
            }
        }
    }
}
