using Contracts.Layouts;
using Contracts.Messages;
using Layouts.Planning;

namespace Tests.Layouts.Planning;

/// <summary>What the planner proposes for a room's traffic, window by window.</summary>
public sealed class ShardPlannerTests
{
    private static readonly RoomKey Room = new("acme", "lobby");
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    private readonly ShardPlanner _planner = new(Options);

    private static PlannerOptions Options => new()
    {
        MessagesPerShard = 100,
        GrowWindows = 3,
        ShrinkWindows = 5,
        CoolDown = TimeSpan.FromMinutes(10),
        MaxShards = 16,
    };

    [Fact]
    public void GrowsWithWhatEveryWindowAskedFor_AfterSoManyInARow()
    {
        Assert.Null(Window(1_500));
        Assert.Null(Window(700));
        var proposal = Window(1_200);
        Assert.Equal((4, 8), (proposal!.From, proposal.To));

        // The busiest of the last windows is not what it is made for, the calmest of them is.
        Assert.Equal(8, Window(1_200)!.To);
        Assert.Equal(16, Window(1_200)!.To);
    }

    [Fact]
    public void ForgetsABurst_ThatDoesNotLast()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(Window(900));
            Assert.Null(Window(900));
            Assert.Null(Window(300));
        }
    }

    [Fact]
    public void MovesNobody_BetweenTheTwoBounds()
    {
        // Four shards carry 400; two would have to carry no more than half of what they may, which is 100.
        for (var i = 0; i < 50; i++)
        {
            Assert.Null(Window(i % 2 == 0 ? 110 : 400, hasOwn: true, wider: 1));
        }
    }

    [Fact]
    public void Shrinks_AfterManyCalmWindows_ToWhatTheBusiestOfThemNeeds()
    {
        foreach (var rate in (double[])[20, 90, 20, 20])
        {
            Assert.Null(Window(rate, hasOwn: true, wider: 1));
        }

        var proposal = Window(20, hasOwn: true, wider: 1);
        Assert.Equal((2, false), (proposal!.To, proposal.FollowsWider));
    }

    [Fact]
    public void ColdRoomFollowsTheWiderLayoutAgain_AndNeverFallsBelowIt()
    {
        ShardProposal? proposal = null;
        for (var i = 0; i < Options.ShrinkWindows; i++)
        {
            proposal = Window(0, shards: 16, hasOwn: true, wider: 4);
        }

        Assert.Equal((4, true), (proposal!.To, proposal.FollowsWider));
    }

    [Fact]
    public void RoomWithoutALayoutOfItsOwn_NeverShrinks()
    {
        for (var i = 0; i < 50; i++)
        {
            Assert.Null(Window(0));
        }
    }

    [Fact]
    public void ProposalStands_UntilAsManyWindowsDoNotAskForIt()
    {
        Window(900);
        Window(900);
        Assert.NotNull(Window(900));
        Assert.NotNull(Window(10));
        Assert.NotNull(Window(900));
        Assert.NotNull(Window(10));
        Assert.NotNull(Window(10));
        Assert.Null(Window(10));
        Assert.Null(Window(900));
    }

    [Fact]
    public void LeavesARoomAlone_ThatHasJustChangedOrIsOnItsWay()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(Window(900, changed: Now - TimeSpan.FromMinutes(9)));
            Assert.Null(Window(900, isSettled: false));
        }

        // Windows from before do not count.
        Assert.Null(Window(900, changed: Now - TimeSpan.FromMinutes(11)));
        Assert.Null(Window(900, changed: Now - TimeSpan.FromMinutes(11)));
        Assert.NotNull(Window(900, changed: Now - TimeSpan.FromMinutes(11)));
    }

    [Fact]
    public void RoomThatIsNotHotAnyMore_BeginsAnew()
    {
        Window(900);
        Window(900);
        Assert.Empty(_planner.Judge([], null, Now));
        Assert.Null(Window(900));
    }

    [Fact]
    public void SaysWhatItRestsOn_WhereThePriceIsKnown()
    {
        ShardProposal? proposal = null;
        for (var i = 0; i < Options.GrowWindows; i++)
        {
            proposal = Window(60_000, shards: 2, spread: Masters.Hall, price: 10e-6);
        }

        Assert.Equal((3, true, false), (proposal!.To, proposal.IsRelief, proposal.FollowsWider));
        Assert.Equal(new ShardEffect(10e-6, 0.3, 0.2, 2, 3), proposal.Effect! with { ShareNow = Math.Round(proposal.Effect.ShareNow, 9), ShareThen = Math.Round(proposal.Effect.ShareThen, 9) });
        Assert.Equal(
            "60000 messages/s, for 3 windows of 15 s: 3 shards instead of 2. At 10 us of Redis a message, its busiest master works 30 % of a core for it with 2, 20 % with 3; 3 masters would share it, now 2.",
            PlannerText.Propose(proposal, Options));
        Assert.Empty(_planner.Held);
    }

    /// <summary>Fewer shards may lie better; everybody's number is no way back while it does not carry the room.</summary>
    [Fact]
    public void TakesFewerShards_WhereTheyLieBetter_AndKeepsThem()
    {
        ShardProposal? proposal = null;
        for (var i = 0; i < Options.GrowWindows; i++)
        {
            proposal = Window(60_000, shards: 4, spread: Masters.Hall, price: 10e-6);
        }

        Assert.Equal((4, 3, true), (proposal!.From, proposal.To, proposal.IsRelief));
        _planner.Judge([], null, Now);
        for (var i = 0; i < Options.ShrinkWindows * 2; i++)
        {
            Assert.Null(Window(60_000, shards: 3, hasOwn: true, wider: 4, spread: Masters.Hall, price: 10e-6));
        }

        for (var i = 0; i < Options.ShrinkWindows; i++)
        {
            proposal = Window(6_000, shards: 3, hasOwn: true, wider: 4, spread: Masters.Hall, price: 10e-6);
        }

        Assert.Equal((4, true), (proposal!.To, proposal.FollowsWider));
    }

    [Fact]
    public void HoldsARoomThatNoNumberOfShardsRelieves_AndSaysSo()
    {
        for (var i = 1; i <= 20; i++)
        {
            Assert.Null(Window(100_000, shards: 1, wider: 1, spread: ShardSpread.OneServer, price: 10e-6));
            Assert.Equal(i >= Options.GrowWindows, _planner.Held.Count == 1);
        }

        Assert.Equal(new HeldRoom("acme", "lobby", 100_000, 1, "one master has all of its channels."), _planner.Held[0] with { MasterShare = Math.Round(_planner.Held[0].MasterShare, 9) });
        Assert.Null(Window(20_000, shards: 1, wider: 1, spread: ShardSpread.OneServer, price: 10e-6));
        Assert.Empty(_planner.Held);
    }

    [Fact]
    public void HoldsARoomThatIsSpreadAlready()
    {
        for (var i = 0; i < Options.GrowWindows; i++)
        {
            Assert.Null(Window(300_000, shards: 3, spread: Masters.Hall, price: 10e-6));
        }

        Assert.Equal("its 3 shards are on 3 masters already, about as evenly as others would be.", Assert.Single(_planner.Held).Text);
    }

    private ShardProposal? Window(
        double rate,
        int shards = 4,
        bool hasOwn = false,
        int wider = 4,
        bool isSettled = true,
        DateTimeOffset? changed = null,
        ShardSpread? spread = null,
        double? price = null) =>
        _planner.Judge([new RoomLoad(Room, rate, shards, wider, hasOwn, isSettled, changed, spread)], price, Now).SingleOrDefault();
}
