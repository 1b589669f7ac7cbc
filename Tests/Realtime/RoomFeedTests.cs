using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;
using Realtime.Fanout;
using Realtime.Wire;

namespace Tests.Realtime;

/// <summary>A stream that loses, duplicates and reorders.</summary>
public sealed class RoomFeedTests
{
    private static readonly RoomKey Room = FeedRig.Room;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EachSeqComesOnce_WhateverTheBrokerDoes(bool orderedByClient)
    {
        for (var run = 0; run < 40; run++)
        {
            var seed = Random.Shared.Next();
            await RunScheduleAsync(seed, orderedByClient);
        }
    }

    /// <summary>Loss, duplication, reordering, stores that fail, readers that pause, late joiners: all drawn from the seed.</summary>
    private static async Task RunScheduleAsync(int seed, bool orderedByClient)
    {
        var random = new Random(seed);
        await using var rig = new FeedRig(options =>
        {
            options.RingFrames = 16 << random.Next(4);
            options.HoldBackFrames = 16 << random.Next(4);
            options.HistoryPage = 16 + random.Next(50);
        });
        for (var i = random.Next(100); i > 0; i--)
        {
            rig.Rooms.Append(Room);
        }

        var start = rig.Rooms.Head(Room);
        var readers = new List<(FeedReader Reader, long After)> { (await rig.SubscribeAsync(orderedByClient: orderedByClient), start) };
        var network = new List<MessageRecord>();
        var lossy = random.NextDouble() * 0.3;
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(12))
            {
                case < 6:
                    var message = rig.Rooms.Append(Room);
                    for (var copies = random.NextDouble() < lossy ? 0 : 1 + (random.Next(10) == 0 ? 1 : 0); copies > 0; copies--)
                    {
                        network.Add(message);
                    }

                    break;
                case < 9 when network.Count > 0:
                    var at = Math.Min(network.Count - 1, random.Next(8));
                    rig.Channels.Deliver(network[at]);
                    network.RemoveAt(at);
                    break;
                case 9:
                    rig.Rooms.IsAway = random.Next(3) == 0;
                    break;
                case 10:
                    var reader = readers[random.Next(readers.Count)].Reader;
                    reader.Room = reader.Room == 0 ? int.MaxValue : 0;
                    reader.Pump();
                    break;
                case 11 when !rig.Rooms.IsAway && readers.Count < 8:
                    var after = random.NextInt64(rig.Rooms.Head(Room) + 1);
                    readers.Add((await rig.SubscribeAsync(after, orderedByClient), after));
                    break;
            }

            if (random.Next(4) == 0)
            {
                rig.Time.Advance(TimeSpan.FromMilliseconds(random.Next(60)));
            }
        }

        // The broker comes to rest; what it lost at the very end is found by comparing heads.
        rig.Rooms.IsAway = false;
        rig.Channels.Deliver([.. network]);
        foreach (var (reader, _) in readers)
        {
            reader.Room = int.MaxValue;
            reader.Pump();
        }

        await rig.TailCheck.CheckAsync(TestContext.Current.CancellationToken);
        var head = rig.Rooms.Head(Room);
        await rig.UntilAsync(
            () => readers.TrueForAll(entry => entry.Reader.Seqs.Length >= head - entry.After),
            () => $"seed {seed}: head {head}, " + string.Join("; ", readers.Select(entry => $"after {entry.After}: {entry.Reader.Seqs.Length}")));
        foreach (var (reader, after) in readers)
        {
            var expected = Enumerable.Range(1, (int)(head - after)).Select(offset => after + offset);
            var got = reader.Seqs;
            Assert.True(expected.SequenceEqual(orderedByClient ? got.Order() : got), $"seed {seed}, after {after}: {string.Join(',', got)}");
        }
    }

    /// <summary>Pages of history are shared: one that was read for another reader, before these messages were stored, says nothing about them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PageThatWasReadBeforeAMessageWasStored_IsReadAgain(bool orderedByClient)
    {
        await using var rig = new FeedRig(static options => (options.RingFrames, options.HistoryPage) = (16, 64));
        for (var i = 0; i < 10; i++)
        {
            rig.Rooms.Append(Room);
        }

        var answer = new TaskCompletionSource();
        var isRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Rooms.OnHistoryRead = () =>
        {
            rig.Rooms.OnHistoryRead = static () => Task.CompletedTask;
            isRead.SetResult();
            return answer.Task;
        };
        var first = await rig.SubscribeAsync(after: 0);
        await isRead.Task;
        rig.Channels.Deliver([.. Enumerable.Range(0, 30).Select(_ => rig.Rooms.Append(Room))]);
        var second = await rig.SubscribeAsync(after: 10, orderedByClient);

        answer.SetResult();
        await first.CountAsync(40);
        await second.CountAsync(30);

        Assert.Equal(Enumerable.Range(11, 30).Select(static seq => (long)seq), second.Seqs);
        Assert.Equal(2, rig.Rooms.HistoryCalls);
    }

    /// <summary>A reader that catches up takes the arrivals for read, and every seq up to the highest one to be fetched: a message between the two would be lost to it.</summary>
    [Fact]
    public async Task NothingArrivesAboveTheHighestSeq_WhileAPageIsApplied()
    {
        await using var rig = new FeedRig(static options => (options.RingFrames, options.HistoryPage) = (1_024, 1_000));
        for (var round = 0; round < 20; round++)
        {
            var feed = (await rig.SubscribeAsync()).Subscription.Feed;
            var head = rig.Rooms.Head(Room);
            for (var i = 0; i < 1_000; i++)
            {
                rig.Rooms.Append(Room);
            }

            var above = 0L;
            using var stop = new CancellationTokenSource();
            var watch = Task.Factory.StartNew(
                () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        if (feed.Arrivals.TryGet(feed.Arrivals.Head) is { } frame && frame.Seq > feed.Highest)
                        {
                            above = frame.Seq;
                        }
                    }
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            feed.NoteHead(head + 1);
            await rig.UntilAsync(() => feed.Ring.Head == head + 1_000, () => $"{feed.Ring.Head} of {head + 1_000}");
            await stop.CancelAsync();
            await watch;

            Assert.Equal(0, above);
        }
    }

    [Fact]
    public async Task HoleIsFetchedAfterTheWindow_NotBefore()
    {
        await using var rig = new FeedRig();
        var reader = await rig.SubscribeAsync();
        var messages = Enumerable.Range(0, 3).Select(_ => rig.Rooms.Append(Room)).ToArray();
        rig.Channels.Deliver(messages[0], messages[2]);
        rig.Time.Advance(TimeSpan.FromMilliseconds(49));
        await reader.CountAsync(1);
        Assert.Equal(0, rig.Rooms.HistoryCalls);

        await rig.UntilAsync(() => reader.Seqs.Length == 3, () => string.Join(',', reader.Seqs));
        Assert.Equal([1, 2, 3], reader.Seqs);
        Assert.Equal(1, rig.Rooms.HistoryCalls);
        Assert.Equal(1, rig.Telemetry.Retransmitted.Value);
    }

    [Fact]
    public async Task NoCallIsMade_WhenALateMessageFillsTheHole()
    {
        await using var rig = new FeedRig();
        var reader = await rig.SubscribeAsync();
        var messages = Enumerable.Range(0, 3).Select(_ => rig.Rooms.Append(Room)).ToArray();
        rig.Channels.Deliver(messages[2], messages[1], messages[0]);
        await reader.CountAsync(3);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 2, 3], reader.Seqs);
        Assert.Equal(0, rig.Rooms.HistoryCalls);
    }

    [Fact]
    public async Task EarlyMessagesArePassedOnAtOnce_WhenTheClientOrders()
    {
        await using var rig = new FeedRig();
        var reader = await rig.SubscribeAsync(orderedByClient: true);
        var messages = Enumerable.Range(0, 3).Select(_ => rig.Rooms.Append(Room)).ToArray();
        rig.Channels.Deliver(messages[2], messages[0], messages[2]);
        await reader.CountAsync(2);
        Assert.Equal([3, 1], reader.Seqs);
        rig.Channels.Deliver(messages[1]);
        await reader.CountAsync(3);
        Assert.Equal([3, 1, 2], reader.Seqs);
    }

    [Fact]
    public async Task MessageBetweenListeningAndHeadIsNotLost()
    {
        // The interleaving: subscribed to the channel, a message is committed and published, the head is read and includes or excludes it.
        await using var rig = new FeedRig();
        rig.Rooms.Append(Room);
        var listening = new TaskCompletionSource();
        rig.Channels.OnSubscribe = () => listening.Task;
        var subscribing = rig.SubscribeAsync(after: 0);
        rig.Rooms.Append(Room);
        listening.SetResult();
        var reader = await subscribing;
        rig.Channels.Deliver(rig.Rooms.Append(Room));
        await rig.UntilAsync(() => reader.Seqs.Length == 3, () => string.Join(',', reader.Seqs));
        Assert.Equal([1, 2, 3], reader.Seqs);
    }

    [Fact]
    public async Task RepairGoesOn_WhenTheStoreIsBack()
    {
        await using var rig = new FeedRig();
        var reader = await rig.SubscribeAsync();
        rig.Rooms.IsAway = true;
        var messages = Enumerable.Range(0, 5).Select(_ => rig.Rooms.Append(Room)).ToArray();
        rig.Channels.Deliver(messages[4]);
        for (var i = 0; i < 200; i++)
        {
            rig.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Empty(reader.Seqs);
        rig.Rooms.IsAway = false;
        await rig.UntilAsync(() => reader.Seqs.Length == 5, () => string.Join(',', reader.Seqs));
        Assert.Equal([1, 2, 3, 4, 5], reader.Seqs);
    }

    [Fact]
    public async Task FeedBelievesTheStore_WhenASeqWasAnnouncedThatDoesNotExist()
    {
        await using var rig = new FeedRig();
        var reader = await rig.SubscribeAsync();
        var real = rig.Rooms.Append(Room);
        rig.Channels.Deliver(real with { Seq = 1_000_000, Id = "ghost" });
        await rig.UntilAsync(() => reader.Seqs.Length == 1, () => string.Join(',', reader.Seqs));
        rig.Channels.Deliver(rig.Rooms.Append(Room));
        await rig.UntilAsync(() => reader.Seqs.Length == 2, () => string.Join(',', reader.Seqs));
        Assert.Equal([1, 2], reader.Seqs);
    }

    [Fact]
    public async Task RepairedFrameIsByteIdentical()
    {
        await using var rig = new FeedRig();
        var message = rig.Rooms.Append(Room, text: "ä\"\n\u0001<>& 😀") with { Attachments = ["f1", "f2"] };
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(Envelopes.Of(message, 5, null), out var envelope));
        Assert.Equal(Frames.Frame(message).Bytes, envelope.Frame.AsSpan());

        // However the time came: stored, or through JSON with another offset.
        var moved = message with { SentAt = message.SentAt.ToOffset(TimeSpan.FromHours(2)) };
        Assert.Equal(Frames.Frame(message).Bytes, Frames.Frame(moved).Bytes);
    }

    [Fact]
    public async Task FeedLeavesAfterLinger_AndANewerOneIsNotHurt()
    {
        await using var rig = new FeedRig();
        var first = await rig.SubscribeAsync();
        RoomFeeds.Unsubscribe(first.Subscription);
        rig.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, rig.Channels.Subscriptions(Room));

        // Back within the linger: the same feed, and its timer must not close it.
        var second = await rig.SubscribeAsync();
        Assert.Same(first.Subscription.Feed, second.Subscription.Feed);
        rig.Time.Advance(TimeSpan.FromSeconds(9));
        RoomFeeds.Unsubscribe(second.Subscription);
        await rig.UntilAsync(() => rig.Channels.Subscriptions(Room) == 0, () => "still subscribed");
        Assert.Equal(0, rig.Feeds.Count);

        var third = await rig.SubscribeAsync();
        rig.Channels.Deliver(rig.Rooms.Append(Room));
        await third.CountAsync(1);
        Assert.Equal([1], third.Seqs);
    }

    [Fact]
    public async Task StrangerMakesTheNodeListenToNothing()
    {
        await using var rig = new FeedRig();
        var result = await rig.Feeds.SubscribeAsync(Room, new FeedReader("eve"), 0, orderedByClient: false, TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCodes.NotAMember, result.Code);
        var missing = await rig.Feeds.SubscribeAsync(new RoomKey("acme", "nowhere"), new FeedReader("eve"), 0, orderedByClient: false, TestContext.Current.CancellationToken);
        Assert.Equal((result.Code, result.Detail), (missing.Code, missing.Detail));
        Assert.Equal(0, rig.Feeds.Count);
    }

    [Fact]
    public async Task SubscriptionIsRefused_WhenTheMemberIsRemovedWhileItsMembershipIsRead()
    {
        await using var rig = new FeedRig();
        var other = await rig.SubscribeAsync(user: "bob");
        var reading = new TaskCompletionSource();
        var read = new TaskCompletionSource();
        rig.Rooms.OnMember = () =>
        {
            reading.TrySetResult();
            return read.Task;
        };

        // The store has answered "member", the answer is on its way; the removal is committed and announced.
        var subscribing = rig.Feeds.SubscribeAsync(Room, new FeedReader("ann"), null, orderedByClient: false, TestContext.Current.CancellationToken);
        await reading.Task;
        rig.Rooms.Remove(Room, "ann");
        rig.Channels.Deliver(Room, Frames.Envelope(Event("e1", SystemEvents.MemberRemoved, "ann"), 1, null));
        read.SetResult();

        Assert.Equal(ErrorCodes.NotAMember, (await subscribing).Code);
        Assert.Single(other.Control);
    }

    [Fact]
    public async Task RemovedMemberIsDropped_WhenTheEventWasLost()
    {
        await using var rig = new FeedRig();
        var reader = await rig.SubscribeAsync();
        rig.Rooms.Remove(Room, "ann");
        await reader.Subscription.Feed.RecheckMembersAsync(TestContext.Current.CancellationToken);
        Assert.Equal([UnsubscribeReasons.Removed], reader.Drops);
    }

    [Fact]
    public async Task SecondCopyOfAnEventIsDropped()
    {
        await using var rig = new FeedRig();
        var reader = await rig.SubscribeAsync();
        var envelope = Frames.Envelope(Event("e1", SystemEvents.MemberJoined, "bob"), 1, null);
        rig.Channels.Deliver(Room, envelope);
        rig.Channels.Deliver(Room, envelope);
        Assert.Single(reader.Control);
    }

    [Fact]
    public async Task PositionPastTheHeadIsRefused_ButAHeadThatTheNodeMissedIsNot()
    {
        await using var rig = new FeedRig();
        var reader = await rig.SubscribeAsync();
        rig.Rooms.Append(Room);
        rig.Rooms.Append(Room);
        var refused = await rig.Feeds.SubscribeAsync(Room, new FeedReader("bob"), 3, orderedByClient: false, TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCodes.InvalidPosition, refused.Code);

        // Nothing was delivered, yet the position is right: the look at the store also finds the lost tail for everybody else.
        var behind = await rig.SubscribeAsync(after: 2, user: "bob");
        await rig.UntilAsync(() => reader.Seqs.Length == 2, () => string.Join(',', reader.Seqs));
        rig.Channels.Deliver(rig.Rooms.Append(Room));
        await behind.CountAsync(1);
        Assert.Equal([3], behind.Seqs);
    }

    [Fact]
    public async Task ACrowdThatResumesSharesItsPages()
    {
        await using var rig = new FeedRig(static options => options.HistoryPage = 100);
        for (var i = 0; i < 100; i++)
        {
            rig.Rooms.Append(Room);
        }

        var readers = new List<FeedReader>();
        for (var i = 0; i < 50; i++)
        {
            readers.Add(await rig.SubscribeAsync(after: i));
        }

        await rig.UntilAsync(() => readers.TrueForAll(reader => reader.Seqs.LastOrDefault() == 100), () => "not all there");
        Assert.InRange(rig.Rooms.HistoryCalls, 1, 2);
    }

    [Fact]
    public async Task EachSubscriptionHearsOfEachChangeOfLayoutOnce_AlsoOneThatWasSilentWhenItCame()
    {
        var sharded = new RoomLayout(RoomLayout.Sharded, 4, 3);
        await using var rig = new FeedRig();
        var early = await rig.SubscribeAsync();
        Assert.Null(early.Subscription.Layout);
        rig.Channels.Listen(Room, new RoomLayout(RoomLayout.Legacy, null, 0));
        rig.Channels.Listen(Room, new RoomLayout(RoomLayout.Legacy, null, 2));
        Assert.Single(early.Control);

        // The layout changes after the client is in the room and before it learns so.
        var late = new FeedReader("bob");
        var subscription = (await rig.Feeds.SubscribeAsync(Room, late, after: null, orderedByClient: false, TestContext.Current.CancellationToken)).Subscription!;
        Assert.Equal(new RoomLayout(RoomLayout.Legacy, null, 0), subscription.Layout);
        rig.Channels.Listen(Room, sharded);
        Assert.Empty(late.Control);
        late.Start(subscription);
        subscription.Feed.TellLayout(subscription);
        subscription.Feed.TellLayout(subscription);
        rig.Channels.Listen(Room, sharded with { Epoch = 4 });

        const string LayoutFrame = """{"type":"layout","room":"lobby","layout":{"name":"sharded","shards":4,"epoch":3}}""";
        Assert.EndsWith(LayoutFrame, Assert.Single(late.Control), StringComparison.Ordinal);
        Assert.Equal(2, early.Control.Length);
        Assert.EndsWith(LayoutFrame, early.Control[^1], StringComparison.Ordinal);
    }

    private static SystemEventRecord Event(string id, string name, string user) =>
        new(Room.Tenant, Room.Room, id, name, "bob", DateTimeOffset.UnixEpoch, user);
}
