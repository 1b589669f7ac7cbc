using Contracts.Messages;
using Layouts.Planning;

namespace Tests.Layouts.Planning;

/// <summary>How many shards carry a room, in one window.</summary>
public sealed class ShardNeedTests
{
    /// <summary>Ten microseconds an event.</summary>
    private const double Price = 10e-6;

    private static PlannerOptions Options => new() { MasterShare = 0.25, MessagesPerShard = 100, MaxShards = 64 };

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(400, 4)]
    [InlineData(401, 8)]
    [InlineData(100_000, 64)]
    public void PowersOfTwoByMessages_WhereNothingIsKnown(double rate, int shards) => Assert.Equal(shards, Enough(rate, null, null));

    /// <summary>With the slots of three masters: these names' shards are on the masters that a cluster would have them on.</summary>
    [Theory]
    [InlineData("hall", 25_000, 1)]
    [InlineData("hall", 25_100, 2)]
    [InlineData("hall", 50_000, 2)]
    [InlineData("hall", 50_100, 3)]
    [InlineData("hall", 10_000_000, 3)]
    [InlineData("lobby", 25_000, 1)]
    [InlineData("lobby", 37_000, 3)]
    [InlineData("lobby", 50_000, 4)]
    [InlineData("lobby", 59_000, 19)]
    [InlineData("lobby", 10_000_000, 32)]
    public void TheFewestWithWhichTheBusiestMasterIsBelowTheShare_AndNeverMoreThanHelp(string room, double rate, int shards) =>
        Assert.Equal(shards, Enough(rate, Masters.SpreadOf(room), Price));

    [Theory]
    [InlineData(null)]
    [InlineData(Price)]
    public void OneIsEnough_OnOneServer(double? price)
    {
        foreach (var rate in (double[])[0, 1_000, 1_000_000])
        {
            Assert.Equal(1, Enough(rate, ShardSpread.OneServer, price));
        }
    }

    [Fact]
    public void MessagesOnTheBusiestMasterCount_WhereThePriceIsNotKnown()
    {
        Assert.Equal(1, Enough(100, Masters.Hall, null));
        Assert.Equal(2, Enough(101, Masters.Hall, null));
        Assert.Equal(3, Enough(201, Masters.Hall, null));
        Assert.Equal(3, Enough(100_000, Masters.Hall, null));
    }

    [Theory]
    [InlineData("hall", 1, 1.0, 1)]
    [InlineData("hall", 2, 0.5, 2)]
    [InlineData("hall", 3, 1.0 / 3, 3)]
    [InlineData("hall", 4, 0.5, 3)]
    [InlineData("lobby", 2, 1.0, 1)]
    [InlineData("lobby", 3, 2.0 / 3, 2)]
    [InlineData("lobby", 8, 0.5, 3)]
    [InlineData("lobby", 32, 0.375, 3)]
    public void ASpreadIsTheLargestPartThatOneMasterHas(string room, int shards, double part, int masters)
    {
        Assert.Equal(part, Masters.SpreadOf(room).PartOf(shards), 9);
        Assert.Equal(masters, Masters.SpreadOf(room).MastersOf(shards));
    }

    [Fact]
    public void NoSpreadIsKnown_WhereASlotHasNoMaster() =>
        Assert.Null(ShardSpread.Of(new RoomKey("acme", "hall"), static channel => channel.EndsWith(":63", StringComparison.Ordinal) ? null : Masters.Three[0]));

    private static int Enough(double rate, ShardSpread? spread, double? price) =>
        new ShardNeed(Options, price).Enough(new RoomLoad(new RoomKey("acme", "room"), rate, 1, 1, HasOwn: false, IsSettled: true, null, spread), part: 1);
}
