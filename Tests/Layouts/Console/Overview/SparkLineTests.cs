using Layouts.Console.Overview;

namespace Tests.Layouts.Console.Overview;

public sealed class SparkLineTests
{
    [Fact]
    public void NewestIsAtTheRightEnd_AndTheHighestAtTheTop() => Assert.Equal("M114 20L116 10L118 0", SparkLine.Of([0, 1, 2]));

    [Fact]
    public void ValueThatStaysIsOneStroke_AndTheSameWhenTimeGoesOn()
    {
        var still = Enumerable.Repeat<double?>(0, SparkLine.Places).ToList();

        Assert.Equal("M0 20L118 20", SparkLine.Of(still));
        still.Add(0);
        Assert.Equal("M0 20L118 20", SparkLine.Of(still));
    }

    [Fact]
    public void LineIsBroken_WhereThereIsNoValue() => Assert.Equal("M108 0h1M112 10L114 10M118 0h1", SparkLine.Of([2, null, 1, 1, null, 2]));

    [Fact]
    public void ThereIsNoLineOfNothing() => Assert.Equal(("", ""), (SparkLine.Of([]), SparkLine.Of([null, null])));
}
