using Session.Passwords;
using Session.Throttling;

namespace Tests.Session;

/// <summary>The order of hashing. The test releases the turns, so it asserts an order and never a time.</summary>
public sealed class FairTurnsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CallerWaitsForOneTurnOfEachAddress_WhenThreeFloodItsTenant()
    {
        var turns = new FairTurns(turns: 1, places: 100, placesPerAddress: 100);
        await TakeAsync(turns);
        var order = new List<string>();
        List<Task> waiting = [];
        for (var i = 0; i < 99; i++)
        {
            waiting.Add(WaitAsync(turns, new HashingLane("t", Address(1 + (i % 3))), $"flood{1 + (i % 3)}", order));
        }

        waiting.Add(WaitAsync(turns, new HashingLane("t", Address(9)), "user", order));
        await FinishAsync(turns, waiting);
        Assert.Equal(["flood1", "flood2", "flood3", "user", "flood1"], order.Take(5));
        Assert.Equal(100, order.Count);
    }

    [Fact]
    public async Task CallerOfAnotherTenantIsNext_HoweverManyAddressesFloodOne()
    {
        var turns = new FairTurns(turns: 1, places: 100, placesPerAddress: 100);
        await TakeAsync(turns);
        var order = new List<string>();
        var waiting = Enumerable.Range(0, 50).Select(index => WaitAsync(turns, new HashingLane("t", Address(index)), "flood", order)).ToList();
        waiting.Add(WaitAsync(turns, new HashingLane("other", Address(99)), "user", order));
        await FinishAsync(turns, waiting);
        Assert.Equal("user", order[1]);
    }

    [Fact]
    public async Task TenantsThatDoNotExist_AreOneTogether()
    {
        var turns = new FairTurns(turns: 1, places: 100, placesPerAddress: 100);
        await TakeAsync(turns);
        var order = new List<string>();
        var waiting = Enumerable.Range(0, 50).Select(index => WaitAsync(turns, new HashingLane("", Address(index)), "none", order)).ToList();
        waiting.AddRange(Enumerable.Range(0, 5).Select(_ => WaitAsync(turns, new HashingLane("t", Address(99)), "t", order)));
        await FinishAsync(turns, waiting);
        Assert.Equal(["none", "t", "none", "t", "none", "t", "none", "t", "none", "t"], order.Take(10));
    }

    [Fact]
    public async Task LastOfTheLongestLineGivesWay_WhenAllPlacesAreTaken()
    {
        var turns = new FairTurns(turns: 1, places: 4, placesPerAddress: 100);
        await TakeAsync(turns);
        var order = new List<string>();
        var flood = new HashingLane("t", Address(1));
        List<Task<TurnOutcome>> flooding = [.. Enumerable.Range(0, 4).Select(index => WaitAsync(turns, flood, $"flood{index}", order))];

        Assert.Equal(TurnOutcome.Crowded, await turns.EnterAsync(flood, Token));
        var user = WaitAsync(turns, new HashingLane("t", Address(2)), "user", order);

        Assert.Equal(TurnOutcome.Crowded, await flooding[3]);
        await FinishAsync(turns, [.. flooding.Take(3), user]);
        Assert.Equal(["flood0", "user", "flood1", "flood2"], order);
    }

    [Fact]
    public async Task AddressHasSoManyPlaces_WhateverTheTenants()
    {
        var turns = new FairTurns(turns: 1, places: 100, placesPerAddress: 2);
        await TakeAsync(turns);
        var order = new List<string>();
        List<Task> waiting = [.. Enumerable.Range(0, 2).Select(index => WaitAsync(turns, new HashingLane($"t{index}", Address(1)), "same", order))];
        Assert.Equal(TurnOutcome.AddressCrowded, await turns.EnterAsync(new HashingLane("t3", Address(1)), Token));
        waiting.Add(WaitAsync(turns, new HashingLane("t3", Address(2)), "other", order));
        await FinishAsync(turns, waiting);
        Assert.Equal(3, order.Count);
    }

    [Fact]
    public async Task WhoGivesUpLeavesItsPlace_AndTakesNoTurn()
    {
        var turns = new FairTurns(turns: 1, places: 2, placesPerAddress: 2);
        await TakeAsync(turns);
        using var impatient = new CancellationTokenSource();
        var lane = new HashingLane("t", Address(1));
        var first = turns.EnterAsync(lane, impatient.Token).AsTask();
        var order = new List<string>();
        var second = WaitAsync(turns, lane, "second", order);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var third = WaitAsync(turns, lane, "third", order);
        await FinishAsync(turns, [second, third]);
        Assert.Equal(["second", "third"], order);
        Assert.Equal(0, turns.Callers);
    }

    [Fact]
    public async Task NeverMoreTurnsThanAllowed_HoweverManyComeAndGiveUp()
    {
        const int allowed = 3;
        var turns = new FairTurns(allowed, places: 1_000, placesPerAddress: 1_000);
        var running = 0;
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async index =>
        {
            using var impatient = new CancellationTokenSource();
            var entering = turns.EnterAsync(new HashingLane($"t{index % 7}", Address(index % 11)), impatient.Token).AsTask();
            if (index % 5 == 0)
            {
                await impatient.CancelAsync();
            }

            try
            {
                Assert.Equal(TurnOutcome.Taken, await entering);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Assert.InRange(Interlocked.Increment(ref running), 1, allowed);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            turns.Leave();
        }));
        Assert.Equal(0, turns.Callers);
    }

    private static AddressKey Address(int number) => new((UInt128)number);

    private static async Task TakeAsync(FairTurns turns) => Assert.Equal(TurnOutcome.Taken, await turns.EnterAsync(new HashingLane("first", Address(0)), Token));

    /// <summary>Waits for a turn, says whose it was, and gives it back.</summary>
    private static async Task<TurnOutcome> WaitAsync(FairTurns turns, HashingLane lane, string name, List<string> order)
    {
        var outcome = await turns.EnterAsync(lane, Token);
        if (outcome == TurnOutcome.Taken)
        {
            // One turn at a time: nobody else writes.
            order.Add(name);
            turns.Leave();
        }

        return outcome;
    }

    private static async Task FinishAsync(FairTurns turns, IEnumerable<Task> waiting)
    {
        turns.Leave();
        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(30), Token);
    }
}
