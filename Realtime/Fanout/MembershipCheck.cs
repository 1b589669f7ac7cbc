namespace Realtime.Fanout;

/// <summary>Reads the members of every live feed again, now and then: bounds how long a user who was removed can listen when the event about it was
/// lost.</summary>
internal sealed class MembershipCheck(RoomFeeds feeds, FeedServices services) : BackgroundService
{
    /// <summary>How often the membership of every subscriber is read again: so long, at worst, a user who was removed can listen.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval * (0.8 + (Random.Shared.NextDouble() * 0.4)), services.Time, stoppingToken);

            // One call at a time: nothing waits for this, and dbman has better things to do.
            foreach (var feed in feeds.Live)
            {
                await feed.RecheckMembersAsync(stoppingToken);
            }
        }
    }
}
