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

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(400, 4)]
    [InlineData(401, 8)]
    [InlineData(100_000, 16)]
    public void ShardsArePowersOfTwo_UpToTheMost(double rate, int shards) => Assert.Equal(shards, _planner.ShardsFor(rate, 100));

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
        Assert.Empty(_planner.Judge([], Now));
        Assert.Null(Window(900));
    }

    private ShardProposal? Window(
        double rate, int shards = 4, bool hasOwn = false, int wider = 4, bool isSettled = true, DateTimeOffset? changed = null) =>
        _planner.Judge([new RoomLoad(Room, rate, shards, wider, hasOwn, isSettled, changed)], Now).SingleOrDefault();
}
