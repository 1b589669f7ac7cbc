using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Limits;

namespace Tests.ServiceDefaults;

/// <summary>Allowances that come back with time, some of them taken together.</summary>
public sealed class RateBucketsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void TakesFromAll_OrFromNoneWhereOneHasTooLittle()
    {
        var buckets = new RateBuckets<int>(maxKeys: 10, _time);
        Assert.Null(buckets.Take(One(3)));

        Assert.Equal((3, TimeSpan.FromSeconds(10)), buckets.Take(One(1), One(2), One(3)));

        // Each of the others still has its one, and a refused request does not lengthen the wait.
        Assert.Null(buckets.Take(One(1), One(2)));
        Assert.Equal((1, TimeSpan.FromSeconds(10)), buckets.Take(One(1)));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(buckets.Take(One(1), One(2), One(3)));
    }

    [Fact]
    public void WhatIsGivenBackIsThereAgain_AlsoWhereKeysShareAnAllowance()
    {
        var buckets = new RateBuckets<int>(maxKeys: 1, _time);
        Assert.Null(buckets.Take(One(1)));
        Assert.Null(buckets.Take(One(2)));
        Assert.NotNull(buckets.Take(One(3)));

        buckets.Return(2, 1);

        Assert.Null(buckets.Take(One(3)));
    }

    private static Draw<int> One(int key) => new(key, Cost: 1, Burst: 1, PerSecond: 0.1);
}
