using Contracts.Sessions;
using Session.Keys;

namespace Tests.Session;

/// <summary>When the next signing key is due, and for when.</summary>
public sealed class KeyScheduleTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(10);
    private static readonly SigningKeyOptions Options = new();

    [Fact]
    public void FirstKey_SignsAtOnce()
    {
        var plan = Plan(Now);
        Assert.NotNull(plan);
        Assert.Equal(Now, plan.NotBefore);
        Assert.Equal(Now + Options.SigningPeriod, plan.SignsUntil);
        Assert.Equal(plan.SignsUntil + TokenLifetime + KeySchedule.PublishAfter, plan.PublishedUntil);
    }

    [Fact]
    public void NoKey_WhenTheLastOneSignsLongEnough() =>
        Assert.Null(Plan(Now, (Key(Now, Now + (KeySchedule.PublishAhead * 2) + TimeSpan.FromSeconds(1)), true)));

    [Fact]
    public void NextKey_IsPublishedBeforeItSigns()
    {
        var until = Now + (KeySchedule.PublishAhead * 2);
        var plan = Plan(Now, (Key(Now.AddDays(-1), until), true));
        Assert.NotNull(plan);
        Assert.Equal(Now + KeySchedule.PublishAhead, plan.NotBefore);
        Assert.True(plan.NotBefore < until);
        Assert.True(plan.UnlessSignsUntil > until);
        Assert.True(plan.SignsUntil >= plan.UnlessSignsUntil);
    }

    [Fact]
    public void NextKey_LeavesNoGap_WhenItComesLate()
    {
        var until = Now + TimeSpan.FromMinutes(1);
        Assert.Equal(until, Plan(Now, (Key(Now.AddDays(-1), until), true))!.NotBefore);
    }

    [Fact]
    public void OwnKey_IsMade_WhenNoStoredOneCanBeDecrypted()
    {
        var foreign = Key(Now, Now.AddDays(300));
        var plan = Plan(Now, (foreign, false));
        Assert.NotNull(plan);
        Assert.Equal(Now, plan.NotBefore);

        // dbman refuses a key when a stored one reaches as far as this: it must lie past the foreign one, and the new key must reach it, so that a second replica is refused.
        Assert.True(plan.UnlessSignsUntil > foreign.SignsUntil);
        Assert.True(plan.SignsUntil >= plan.UnlessSignsUntil);
    }

    [Fact]
    public void SecondReplica_IsRefused_WhateverTheDifferenceOfClocks()
    {
        foreach (var skew in new[] { -30, -1, 0, 1, 30 })
        {
            var last = (Key(Now.AddDays(-1), Now.AddMinutes(20)), true);
            var first = Plan(Now, last)!;
            var second = Plan(Now.AddSeconds(skew), last)!;
            Assert.True(first.SignsUntil >= second.UnlessSignsUntil);
        }
    }

    private static PlannedKey? Plan(DateTimeOffset now, params (SigningKeyRecord, bool)[] keys) => KeySchedule.Plan(keys, now, TokenLifetime, Options);

    private static SigningKeyRecord Key(DateTimeOffset from, DateTimeOffset until) => new("k", "ES256", "{}", "", from, until, until.AddMinutes(15));
}
