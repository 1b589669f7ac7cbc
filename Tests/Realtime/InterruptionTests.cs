using Contracts.Publish;

namespace Tests.Realtime;

/// <summary>One room's connection to the broker was interrupted, and is restored.</summary>
public sealed class InterruptionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheRoomIsToldAndItsHeadIsCompared()
    {
        await using var rig = new FeedRig();
        var ann = await rig.SubscribeAsync();
        rig.Rooms.Append(FeedRig.Room);
        Assert.True(await rig.TailCheck.CheckDoubtedAsync(Token));
        Assert.Equal(0, rig.Feeds.Live.Single().Highest);

        rig.Channels.Interrupt(FeedRig.Room);
        Assert.Contains(SystemEvents.StreamInterrupted, Assert.Single(ann.Control), StringComparison.Ordinal);
        Assert.True(await rig.TailCheck.CheckDoubtedAsync(Token));
        await rig.UntilAsync(() => ann.Seqs is [1], () => string.Join(' ', ann.Seqs));
        Assert.False(rig.Feeds.Live.Single().IsDoubted);
    }

    [Fact]
    public async Task TheHeadIsComparedWithoutWaitingForTheNextRound()
    {
        await using var rig = new FeedRig(static options => options.TailCheckInterval = TimeSpan.FromMinutes(10));
        var ann = await rig.SubscribeAsync();
        await rig.TailCheck.StartAsync(Token);
        rig.Rooms.Append(FeedRig.Room);
        rig.Channels.Interrupt(FeedRig.Room);

        // The clock moves for the reorder window alone: far less than a round.
        var began = rig.Time.GetUtcNow();
        await rig.UntilAsync(() => ann.Seqs is [1], () => string.Join(' ', ann.Seqs));
        Assert.InRange(rig.Time.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromMinutes(7));
        await rig.TailCheck.StopAsync(Token);
    }

    [Fact]
    public async Task TheRoomStaysInDoubt_WhileDbmanIsAway()
    {
        await using var rig = new FeedRig();
        var ann = await rig.SubscribeAsync();
        rig.Rooms.Append(FeedRig.Room);
        rig.Channels.Interrupt(FeedRig.Room);
        rig.Rooms.IsAway = true;
        Assert.False(await rig.TailCheck.CheckDoubtedAsync(Token));
        Assert.True(rig.Feeds.Live.Single().IsDoubted);
        rig.Rooms.IsAway = false;
        Assert.True(await rig.TailCheck.CheckDoubtedAsync(Token));
        await rig.UntilAsync(() => ann.Seqs is [1], () => string.Join(' ', ann.Seqs));
    }
}
