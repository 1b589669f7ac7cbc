using Contracts.Layouts;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Realtime.Channels;

namespace Tests.Realtime.Channels;

/// <summary>When a publish counts.</summary>
public sealed class ChannelLayoutsTests
{
    private static readonly LayoutState Shadow = new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);

    private readonly FakeTimeProvider _time = new();
    private readonly NodeLease _lease;
    private readonly ChannelLayouts _layouts;

    public ChannelLayoutsTests()
    {
        _lease = new NodeLease(_time);
        _layouts = new ChannelLayouts(_lease, Options.Create(new ChannelOptions { Overlap = TimeSpan.FromSeconds(10) }), _time);
    }

    [Fact]
    public async Task NothingBegins_WithoutALeaseOrBeforeAnythingIsApplied()
    {
        Assert.Null(_layouts.TryEnter());
        _lease.Prolong(_time.GetTimestamp(), TimeSpan.FromSeconds(20));
        Assert.Null(_layouts.TryEnter());
        await _layouts.PublishByAsync(Of(0));
        Assert.NotNull(_layouts.TryEnter());
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Null(_layouts.TryEnter());
    }

    [Fact]
    public async Task LeaseIsCountedFromBeforeTheQuestion()
    {
        var asked = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(15));
        _lease.Prolong(asked, TimeSpan.FromSeconds(20));
        await _layouts.PublishByAsync(Of(0));
        Assert.True(_lease.Holds);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(_lease.Holds);
    }

    [Fact]
    public async Task PublishDoesNotCount_WhenTheLeaseEndedMeanwhile()
    {
        var snapshot = await BeginAsync();
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(_layouts.Holds(snapshot, copiesSince: null));
    }

    /// <summary>
    /// The interleaving, found by the model: one copy is taken before a node listens to its channel, the process freezes, the node listens there,
    /// leaves the other channel after the pause, and then the other copy is taken. The lease was renewed in between, so it is valid all the time.
    /// </summary>
    [Fact]
    public async Task PublishDoesNotCount_WhenItsCopiesTookHalfOfThePauseBeforeChannelsAreLeft()
    {
        var snapshot = await BeginAsync();
        var since = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.True(_layouts.Holds(snapshot, since));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        _lease.Prolong(_time.GetTimestamp(), TimeSpan.FromSeconds(20));
        Assert.False(_layouts.Holds(snapshot, since));
        Assert.True(_layouts.Holds(snapshot, copiesSince: null));
    }

    [Fact]
    public async Task ApplyingWaits_ForPublishesThatBeganByTheLayoutsBefore()
    {
        var snapshot = await BeginAsync();
        var applying = _layouts.PublishByAsync(Of(1));
        Assert.False(applying.IsCompleted);
        var next = _layouts.TryEnter();
        Assert.Equal(1, next!.Revision);
        snapshot.Leave();
        await applying;
        Assert.True(_layouts.Holds(snapshot, copiesSince: null));
    }

    private static LayoutSnapshot Of(long revision) => revision == 0
        ? LayoutSnapshot.Empty(isCluster: false)
        : LayoutSnapshot.Empty(isCluster: false).With(new LayoutsResponse(revision, [new LayoutRecord(revision, LayoutScope.All, Shadow, "test", null, DateTimeOffset.UnixEpoch)]));

    private async Task<LayoutSnapshot> BeginAsync()
    {
        _lease.Prolong(_time.GetTimestamp(), TimeSpan.FromSeconds(20));
        await _layouts.PublishByAsync(Of(0));
        return _layouts.TryEnter()!;
    }
}
