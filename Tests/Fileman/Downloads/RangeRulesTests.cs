using Fileman.Downloads;

namespace Tests.Fileman.Downloads;

public sealed class RangeRulesTests
{
    [Theory]
    [InlineData("bytes=0-0", "0-0")]
    [InlineData("bytes=0-", "0-9")]
    [InlineData("bytes=3-5", "3-5")]
    [InlineData("bytes=3-100", "3-9")]
    [InlineData("bytes=-3", "7-9")]
    [InlineData("bytes=-100", "0-9")]
    [InlineData("bytes=9-9", "9-9")]
    [InlineData("bytes=0-1,4-5,-1", "0-1,4-5,9-9")]
    [InlineData("bytes=8-9, 0-1", "8-9,0-1")]
    [InlineData("bytes=0-1,50-60", "0-1")]
    [InlineData("BYTES=0-1", "0-1")]
    public void RangesAreCutToTheSize(string header, string expected) =>
        Assert.Equal(expected, string.Join(',', RangeRules.Parse(header, 10)!.Select(static range => $"{range.From}-{range.To}")));

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-20")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=5-3")]
    [InlineData("bytes=")]
    [InlineData("bytes=x")]
    [InlineData("bytes=-")]
    [InlineData("bytes=1-2-3")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=0-5,3-9")]
    [InlineData("bytes=0-99999999999999999999")]
    public void NothingCanBeSent_WhenTheRangeIsWrongOrOutside(string header) => Assert.Empty(RangeRules.Parse(header, 10)!);

    [Fact]
    public void NothingCanBeSent_WhenThereAreTooManyRanges() =>
        Assert.Empty(RangeRules.Parse("bytes=" + string.Join(',', Enumerable.Range(0, 17).Select(static i => $"{i * 2}-{i * 2}")), 1_000)!);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("items=0-1")]
    [InlineData("bytes 0-1")]
    [InlineData("bytesx=0-1")]
    public void EverythingIsSent_WhenThereIsNoRangeOrItsUnitIsUnknown(string? header) => Assert.Null(RangeRules.Parse(header, 10));

    [Theory]
    [InlineData("bytes=0-0")]
    [InlineData("bytes=-1")]
    [InlineData("bytes=0-")]
    public void NothingCanBeSent_WhenTheContentIsEmpty(string header) => Assert.Empty(RangeRules.Parse(header, 0)!);
}
