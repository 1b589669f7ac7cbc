using System.Net;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;

namespace Tests.ServiceDefaults;

public sealed class FairPlacesTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void OneUserLeavesPlacesAndSeatsToOthers()
    {
        var places = Create(places: 4, queue: 4, new FairCaps(2, 3, 4));
        Assert.NotNull(places.Enter(User("a", "eve")).Place);
        Assert.NotNull(places.Enter(User("a", "eve")).Place);
        Assert.NotNull(places.Enter(User("a", "eve")).Waiter);
        Assert.NotNull(places.Enter(User("a", "eve")).Waiter);
        Assert.Equal(FairRefusals.Share, places.Enter(User("a", "eve")).Refusal);

        // Her tenant has one more, others the last.
        Assert.NotNull(places.Enter(User("a", "ann")).Place);
        Assert.NotNull(places.Enter(User("a", "bob")).Waiter);
        Assert.NotNull(places.Enter(User("b", "ann")).Place);
    }

    [Fact]
    public async Task AFreePlaceGoesToWhoHasFewest_ThenToTheOldest()
    {
        var places = Create(places: 2, queue: 10, new FairCaps(2, 2, 2));
        var first = places.Enter(User("a", "eve", 1)).Place!;
        var second = places.Enter(User("a", "eve", 1)).Place!;
        var greedy = places.Enter(User("b", "eve", 2)).Waiter!;
        var fellow = places.Enter(User("a", "ann", 3)).Waiter!;
        var stranger = places.Enter(User("c", "ann", 4)).Waiter!;

        // All have none; the tenants of two have none; of them the first is the older.
        places.Release(first);
        Assert.True(greedy.Outcome.Task.IsCompleted);
        var taken = (await greedy.Outcome.Task).Place!;
        var again = places.Enter(User("b", "eve", 2)).Waiter!;
        places.Release(second);
        Assert.True(stranger.Outcome.Task.IsCompleted ^ fellow.Outcome.Task.IsCompleted);
        Assert.False(again.Outcome.Task.IsCompleted);
        places.Release(taken);
        Assert.Equal(2, places.Running);
    }

    [Fact]
    public async Task TheGreediestWaiterLosesItsSeat_WhenTheQueueIsFull()
    {
        var places = Create(places: 1, queue: 4, new FairCaps(4, 4, 4));
        Assert.NotNull(places.Enter(User("a", "eve")).Place);
        var seats = Enumerable.Range(0, 4).Select(_ => places.Enter(User("a", "eve")).Waiter!).ToArray();
        Assert.NotNull(places.Enter(User("a", "ann")).Waiter);
        Assert.Equal(FairRefusals.QueueFull, (await seats[3].Outcome.Task).Refusal);
        Assert.False(seats[0].Outcome.Task.IsCompleted);
        Assert.Equal(4, places.Waiting);

        // No caller evicts one that has no more than itself.
        Assert.NotNull(places.Enter(User("b", "ann")).Waiter);
        Assert.Equal(FairRefusals.QueueFull, places.Enter(User("b", "ann")).Refusal);
    }

    [Fact]
    public async Task TheSlowestLosesItsPlace_OnceSomebodyWaits()
    {
        var places = Create(places: 3, queue: 4, new FairCaps(1, 3, 3));
        var (slow, slower, fast) = (places.Enter(User("a", "1")).Place!, places.Enter(User("a", "2")).Place!, places.Enter(User("a", "3")).Place!);
        var ended = new TaskCompletionSource<string>();
        foreach (var (place, name, bytes) in ((FairPlace, string, int)[])[(slow, "slow", 2_000), (slower, "slower", 1_000), (fast, "fast", 1_000_000)])
        {
            place.Pace.OnEvicted(() => ended.TrySetResult(name));
            place.Pace.Begin();
            place.Pace.End(bytes);
            place.Pace.Begin();
        }

        _time.Advance(Grace);
        places.Sweep();
        Assert.False(slower.Pace.IsEvicted);

        var waiter = places.Enter(User("b", "ann")).Waiter!;
        Assert.Equal("slower", await ended.Task.WaitAsync(TestContext.Current.CancellationToken));
        places.Sweep();
        Assert.Equal((false, true, false), (slow.Pace.IsEvicted, slower.Pace.IsEvicted, fast.Pace.IsEvicted));
        places.Release(slower);
        Assert.NotNull((await waiter.Outcome.Task).Place);
    }

    [Fact]
    public void WhoWaitsForUsIsNotSlow()
    {
        var places = Create(places: 1, queue: 4, new FairCaps(1, 1, 1));
        var place = places.Enter(User("a", "ann")).Place!;
        place.Pace.Begin();
        place.Pace.End(10);
        _time.Advance(Grace * 10);
        Assert.NotNull(places.Enter(User("b", "bob")).Waiter);
        places.Sweep();
        Assert.False(place.Pace.IsEvicted);
    }

    [Fact]
    public void AWaiterOfAFullTenant_IsHelpedByThatTenantsSlowestOnly()
    {
        var places = Create(places: 3, queue: 4, new FairCaps(1, 1, 3));
        var (own, others) = (places.Enter(User("a", "1")).Place!, places.Enter(User("b", "1")).Place!);
        own.Pace.Begin();
        others.Pace.Begin();
        _time.Advance(Grace);
        places.Sweep();
        Assert.NotNull(places.Enter(User("a", "2")).Waiter);
        Assert.Equal((true, false), (own.Pace.IsEvicted, others.Pace.IsEvicted));
    }

    private FairPlaces Create(int places, int queue, FairCaps running) =>
        new(new FairBounds(places, queue, running, running with { Tenant = int.MaxValue, Address = int.MaxValue }, MinBytesPerSecond: 1_000, Grace), _time);

    private static CallerKeys User(string tenant, string user, byte address = 1) =>
        CallerKeys.Of(new UserIdentity(tenant, user, "s", user, "member"), new IPAddress([10, 0, 0, address]));
}
