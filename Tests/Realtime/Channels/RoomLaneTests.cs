using System.Collections.Concurrent;
using Contracts.Layouts;
using Contracts.Messages;
using Microsoft.Extensions.Time.Testing;
using Realtime.Channels;
using Realtime.Wire;

namespace Tests.Realtime.Channels;

/// <summary>When messages of a room are written to the broker, and which of them together.</summary>
public sealed class RoomLaneTests
{
    private static readonly RoomKey Room = new("t", "lobby");
    private readonly FakeTimeProvider _time = new();
    private readonly List<Write> _writes = [];
    private long _seq;

    [Fact]
    public void ACallIsWrittenAtOnce_WhileNothingIsUnderWay()
    {
        var lane = Lane();
        for (var call = 1; call <= 3; call++)
        {
            var written = Add(lane, 1);
            Assert.Equal([call], Assert.Single(_writes).Seqs);
            Answer(0);
            Assert.True(written.IsCompletedSuccessfully);
        }
    }

    [Fact]
    public void CallsGather_UntilTheWriteBeforeIsAnswered()
    {
        var lane = Lane();
        var first = Add(lane, 1);
        var second = Add(lane, 2);
        var third = Add(lane, 1);
        Assert.Equal([1], Assert.Single(_writes).Seqs);
        Answer(0);
        Assert.Equal([2, 3, 4], Assert.Single(_writes).Seqs);
        Assert.True(first.IsCompletedSuccessfully);
        Assert.False(second.IsCompleted || third.IsCompleted);
        Answer(0);
        Assert.True(second.IsCompletedSuccessfully && third.IsCompletedSuccessfully);
        Assert.Empty(_writes);
    }

    [Fact]
    public void WhatFillsABundleIsWrittenAtOnce_AndACallIsNotTorn()
    {
        var lane = Lane();
        _ = Add(lane, 1);
        _ = Add(lane, 60);
        Assert.Single(_writes);
        _ = Add(lane, 5);
        Assert.Equal([1, 60], _writes.Select(static write => write.Seqs.Count));
        _ = Add(lane, Bundle.MaxMessages - 5);
        Assert.Equal([1, 60, 64], _writes.Select(static write => write.Seqs.Count));
        _ = Add(lane, 2, text: new string('x', Bundle.MaxBytes / 2));
        Assert.Equal([1, 60, 64, 2], _writes.Select(static write => write.Seqs.Count));
        Assert.Equal(Enumerable.Range(1, 127).Select(static seq => (long)seq), _writes.SelectMany(static write => write.Seqs));
    }

    [Fact]
    public void NothingGathersLongerThanItsBound_WhenTheBrokerDoesNotAnswer()
    {
        var lane = Lane();
        _ = Add(lane, 1);
        _time.Advance(RoomLane.MostWait / 2);
        _ = Add(lane, 1);
        _time.Advance(RoomLane.MostWait * 0.9);
        _ = Add(lane, 1);
        Assert.Single(_writes);
        _time.Advance(RoomLane.MostWait * 0.1);
        Assert.Equal([2, 3], _writes[1].Seqs);

        // The timer of a gathering that was written before does not cut the next one short.
        _ = Add(lane, 1);
        Answer(0);
        Answer(0);
        Assert.Equal([4], Assert.Single(_writes).Seqs);
        _time.Advance(RoomLane.MostWait / 2);
        _ = Add(lane, 1);
        _time.Advance(RoomLane.MostWait * 0.6);
        Assert.Single(_writes);
        _time.Advance(RoomLane.MostWait * 0.4);
        Assert.Equal([5], _writes[1].Seqs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AFailureIsOfThoseWhoseMessagesWereInIt_AndTheNextAreWritten(bool isThrown)
    {
        var lane = Lane();
        var first = Add(lane, 1);
        var second = Add(lane, 1);
        if (isThrown)
        {
            _writes[0].Answer.SetException(new InvalidOperationException("a fault"));
            _writes.RemoveAt(0);
            await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        }
        else
        {
            Answer(0, "the broker is away");
            Assert.Equal("the broker is away", await first);
        }

        Assert.False(second.IsCompleted);
        Answer(0);
        Assert.Null(await second);
    }

    [Theory]
    [InlineData(LayoutRules.Legacy)]
    [InlineData(8)]
    public async Task EachMessageIsWrittenOnce_BeforeItsCallEnds_WhateverTheTiming(int shards)
    {
        // No time passes, so nothing is written because of its age.
        var routes = RoutesOf(shards);
        var written = new ConcurrentDictionary<long, int>();
        var (partial, most) = (0, 0);
        var token = TestContext.Current.CancellationToken;
        await Parallel.ForEachAsync(Enumerable.Range(0, 64), token, async (caller, _) =>
        {
            var random = new Random(caller);
            for (var call = 0; call < 100; call++)
            {
                var messages = MessagesOf(random.Next(1, 20));
                Assert.Null(await routes.Lane.WriteAsync(messages, _time, WriteAsync));
                Assert.All(messages, message => Assert.Equal(1, written[message.Seq]));
            }

            async Task<string?> WriteAsync(RoomRoutes to, IReadOnlyList<MessageRecord> messages, long since)
            {
                // A call is not torn, so fewer than this may be a full bundle.
                var isPartial = messages.Count <= Bundle.MaxMessages - 20;
                if (isPartial)
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref partial));
                }

                for (var turn = messages.Count % 5; turn >= 0; turn--)
                {
                    await Task.Yield();
                }

                foreach (var message in messages)
                {
                    written.AddOrUpdate(message.Seq, 1, static (_, count) => count + 1);
                }

                if (isPartial)
                {
                    Interlocked.Decrement(ref partial);
                }

                return null;
            }
        });
        Assert.Equal(_seq, written.Count);
        Assert.All(written, static seq => Assert.Equal(1, seq.Value));
        Assert.Equal(1, most);
    }

    private static void InterlockedMax(ref int highest, int value)
    {
        for (var seen = Volatile.Read(ref highest); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref highest, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    private static RoomLane Lane() => RoutesOf(LayoutRules.Legacy).Lane;

    private static RoomRoutes RoutesOf(int shards) => new(
        Room,
        shards == LayoutRules.Legacy ? LayoutRules.Initial : new LayoutState(LayoutStages.Sharded, LayoutSteps.None, shards, null, ShardKeys.Message),
        LayoutScope.All,
        epoch: 0,
        isCanary: false,
        isCluster: false);

    private List<MessageRecord> MessagesOf(int count, string text = "hello") =>
        [.. Enumerable.Range(0, count).Select(_ => Interlocked.Increment(ref _seq)).Select(seq => new MessageRecord(Room.Tenant, Room.Room, seq, $"m{seq}", "ann", text, DateTimeOffset.UnixEpoch))];

    private Task<string?> Add(RoomLane lane, int count, string text = "hello") => lane.WriteAsync(MessagesOf(count, text), _time, (_, messages, _) =>
    {
        var write = new Write([.. messages.Select(static message => message.Seq)], new());
        _writes.Add(write);
        return write.Answer.Task;
    });

    private void Answer(int write, string? failure = null)
    {
        var answered = _writes[write];
        _writes.RemoveAt(write);
        answered.Answer.SetResult(failure);
    }

    private sealed record Write(List<long> Seqs, TaskCompletionSource<string?> Answer);
}
