using Contracts;
using Contracts.Messages;

namespace Realtime.Fanout;

/// <summary>
/// Compares the heads of all live feeds with dbman: periodically, and at once when the broker's connection is back. It finds lost messages that
/// nothing follows.
/// </summary>
internal sealed class TailCheck(RoomFeeds feeds, FeedServices services) : BackgroundService
{
    /// <summary>Rung when anything may have been missed.</summary>
    private readonly Wakeup _restored = new(services.Time);

    public override void Dispose()
    {
        services.Channels.Restored -= OnRestored;
        _restored.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(services.Options.RetryDelay, services.Options.MaxRetryDelay, services.Time);
        services.Channels.Restored += OnRestored;
        var wait = NextInterval();
        while (!stoppingToken.IsCancellationRequested)
        {
            await _restored.WaitAsync(wait, stoppingToken);
            if (await CheckAsync(stoppingToken))
            {
                backoff.Reset();
                wait = NextInterval();
            }
            else
            {
                wait = backoff.Next();
            }
        }
    }

    /// <summary>One comparison; false when dbman failed for some rooms.</summary>
    internal async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        var complete = true;
        foreach (var batch in feeds.Live.Chunk(Limits.HeadsBatch))
        {
            var result = await services.Store.GetHeadsAsync(Array.ConvertAll(batch, static feed => feed.Room), cancellationToken);
            if (!result.TryGet(out var heads, out var problem))
            {
                services.Telemetry.StoreFailed("heads");
                services.Logger.HeadsFailed(problem.Type, problem.Detail);
                complete = false;
                continue;
            }

            var byRoom = batch.ToDictionary(static feed => feed.Room);
            foreach (var head in heads.Heads)
            {
                if (byRoom.TryGetValue(new RoomKey(head.Tenant, head.Room), out var feed))
                {
                    feed.NoteHead(head.LastSeq);
                }
            }
        }

        return complete;
    }

    private void OnRestored(object? sender, EventArgs args)
    {
        _restored.Ring();

        // Messages are found again; what is not stored may be gone, and only its receivers can know whether that matters.
        foreach (var feed in feeds.Live)
        {
            feed.TellInterrupted();
        }
    }

    /// <summary>Jittered, so that nodes which started together do not ask together.</summary>
    private TimeSpan NextInterval() => services.Options.TailCheckInterval * (0.8 + (Random.Shared.NextDouble() * 0.4));
}
