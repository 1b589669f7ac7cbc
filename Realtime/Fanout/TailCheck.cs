using Contracts;
using Contracts.Messages;
using ServiceDefaults.Waiting;

namespace Realtime.Fanout;

/// <summary>
/// Compares the heads of live feeds with dbman: of all periodically, and at once of those whose way to the broker was interrupted. It finds lost
/// messages that nothing follows.
/// </summary>
internal sealed class TailCheck(RoomFeeds feeds, FeedServices services) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var time = services.Time;
        var backoff = new BackoffTimer(FeedServices.FirstRetryDelay, services.Options.MaxRetryDelay, time);
        var interval = NextInterval();
        var checkedAt = time.GetTimestamp();
        var wait = interval;
        while (!stoppingToken.IsCancellationRequested)
        {
            await services.HeadsDoubted.WaitAsync(wait, stoppingToken);
            bool complete;
            if (time.GetElapsedTime(checkedAt) >= interval)
            {
                interval = NextInterval();
                checkedAt = time.GetTimestamp();
                complete = await CheckAsync(stoppingToken);
            }
            else
            {
                complete = await CheckDoubtedAsync(stoppingToken);
            }

            if (complete)
            {
                backoff.Reset();
            }

            var due = interval - time.GetElapsedTime(checkedAt);
            var retry = complete ? due : backoff.Next();
            wait = due <= TimeSpan.Zero ? TimeSpan.Zero : retry < due ? retry : due;
        }
    }

    /// <summary>One comparison of all; false when dbman failed for some rooms, which are in doubt from then on.</summary>
    internal Task<bool> CheckAsync(CancellationToken cancellationToken) => CheckAsync(feeds.Live, cancellationToken);

    /// <summary>The same of those that are in doubt.</summary>
    internal Task<bool> CheckDoubtedAsync(CancellationToken cancellationToken) => CheckAsync(feeds.Live.Where(static feed => feed.IsDoubted), cancellationToken);

    private async Task<bool> CheckAsync(IEnumerable<RoomFeed> live, CancellationToken cancellationToken)
    {
        var complete = true;
        foreach (var batch in live.Chunk(Limits.HeadsBatch))
        {
            // Before the question: doubts that come up later are not settled by its answer.
            foreach (var feed in batch)
            {
                feed.IsDoubted = false;
            }

            var result = await services.Store.GetHeadsAsync(Array.ConvertAll(batch, static feed => feed.Room), cancellationToken);
            if (!result.TryGet(out var heads, out var problem))
            {
                services.Telemetry.StoreFailed("heads");
                services.Logger.HeadsFailed(problem.Type, problem.Detail);
                complete = false;
                foreach (var feed in batch)
                {
                    feed.IsDoubted = true;
                }

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

    /// <summary>Jittered, so that nodes which started together do not ask together.</summary>
    private TimeSpan NextInterval() => services.Options.TailCheckInterval * (0.8 + (Random.Shared.NextDouble() * 0.4));
}
