using Chat.Relay;
using Contracts.Messages;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Waiting;

namespace Tests.Chat.Relay;

/// <summary>What was published and is not yet known to Dbman.</summary>
public sealed class RelayedRangesTests
{
    private static readonly RoomKey Room = new("t", "r");
    private static readonly Backoff Waits = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
    private static readonly TimeSpan PendingFor = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void RangesJoin_WhenTheyTouch_InAnyOrder()
    {
        foreach (var order in Permutations([1, 2, 3, 5, 6]))
        {
            var ranges = new RelayedRanges(10, 10, _time);
            foreach (var seq in order)
            {
                Assert.True(ranges.Add(Room, seq, seq));
            }

            Assert.Equal([(1, 3), (5, 6)], Pending(ranges));
        }
    }

    [Fact]
    public void RangesJoin_WhenANewOneCoversSeveral()
    {
        var ranges = new RelayedRanges(10, 10, _time);
        ranges.Add(Room, 2, 3);
        ranges.Add(Room, 6, 7);
        ranges.Add(Room, 20, 20);
        ranges.Add(Room, 1, 10);
        Assert.Equal([(1, 10), (20, 20)], Pending(ranges));
        ranges.Add(Room, 4, 5);
        Assert.Equal([(1, 10), (20, 20)], Pending(ranges));
    }

    [Fact]
    public void RangeIsForgotten_WhenThePositionCoversIt()
    {
        var ranges = new RelayedRanges(10, 10, _time);
        ranges.Add(Room, 1, 3);
        ranges.Add(Room, 5, 6);
        Settle(ranges, relayed: 3);
        Assert.Equal([(5, 6)], Pending(ranges));
        Settle(ranges, relayed: 6);
        Assert.Equal(0, ranges.Rooms);
    }

    [Fact]
    public void RangeWaits_WhenAHoleIsInFrontOfIt_AndIsDueAtOnceWhenTheHoleMayBeClosed()
    {
        var ranges = new RelayedRanges(10, 10, _time);
        ranges.Add(Room, 2, 2);
        Settle(ranges, relayed: 0);
        Assert.Empty(ranges.Due(10, all: false));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(ranges.Due(10, all: false));
        Settle(ranges, relayed: 0);
        Assert.Empty(ranges.Due(10, all: false));

        ranges.Add(Room, 1, 1);
        Assert.Equal(new RelayedRange("t", "r", 1, 2), Assert.Single(ranges.Due(10, all: false)));
    }

    [Fact]
    public void RangeIsDropped_WhenTheHoleStaysForTooLong()
    {
        var ranges = new RelayedRanges(10, 10, _time);
        ranges.Add(Room, 2, 2);
        _time.Advance(PendingFor + TimeSpan.FromSeconds(1));
        Assert.Equal(1, ranges.Settle(ranges.Due(10, all: true), [new RelayPosition("t", "r", 0, 2)], Waits, PendingFor));
        Assert.Equal(0, ranges.Rooms);
    }

    [Fact]
    public void RangeIsForgotten_WhenDbmanDoesNotKnowTheRoom()
    {
        var ranges = new RelayedRanges(10, 10, _time);
        ranges.Add(Room, 1, 1);
        Assert.Equal(0, ranges.Settle(ranges.Due(10, all: true), [], Waits, PendingFor));
        Assert.Equal(0, ranges.Rooms);
    }

    [Fact]
    public void AddIsRefused_WhenABoundIsMet()
    {
        var ranges = new RelayedRanges(maxRooms: 1, maxRanges: 2, _time);
        Assert.True(ranges.Add(Room, 1, 1));
        Assert.False(ranges.Add(new RoomKey("t", "other"), 1, 1));
        Assert.True(ranges.Add(Room, 3, 3));
        Assert.False(ranges.Add(Room, 5, 5));
        Assert.True(ranges.Add(Room, 2, 2));
        Assert.Equal([(1, 3)], Pending(ranges));
    }

    [Fact]
    public void DueIsCut_WhenThereAreMoreThanOneCallTakes()
    {
        var ranges = new RelayedRanges(10, 10, _time);
        ranges.Add(Room, 1, 1);
        ranges.Add(Room, 3, 3);
        ranges.Add(new RoomKey("t", "other"), 1, 1);
        Assert.Equal(2, ranges.Due(2, all: false).Count);
    }

    private static List<(long From, long To)> Pending(RelayedRanges ranges) =>
        [.. ranges.Due(100, all: true).Select(static range => (range.From, range.To))];

    private static void Settle(RelayedRanges ranges, long relayed) =>
        Assert.Equal(0, ranges.Settle(ranges.Due(100, all: true), [new RelayPosition("t", "r", relayed, 100)], Waits, PendingFor));

    private static IEnumerable<List<long>> Permutations(List<long> items) => items.Count <= 1
        ? [items]
        : items.SelectMany(first => Permutations([.. items.Where(item => item != first)]).Select(rest => (List<long>)[first, .. rest]));
}
