using System.Diagnostics.Metrics;
using Contracts.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Identity;
using ServiceDefaults.Identity.Revocations;

namespace Tests.ServiceDefaults;

/// <summary>The ended sessions that a process remembers.</summary>
public sealed class RevokedSessionsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void SessionIsRemembered_AsLongAsATokenOfItCouldLive()
    {
        var revoked = Create(100);
        revoked.Add([Session("s1")]);
        _time.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(29));
        revoked.Add([Session("s2")]);
        Assert.True(revoked.Contains("acme", "s1"));
        _time.Advance(TimeSpan.FromSeconds(1));
        revoked.Add([]);
        Assert.False(revoked.Contains("acme", "s1"));
        Assert.True(revoked.Contains("acme", "s2"));
    }

    [Fact]
    public void NewOnesAreTold_OnceEach()
    {
        var revoked = Create(100);
        List<string> told = [];
        revoked.Added += sessions => told.AddRange(sessions.Select(static session => session.Id));
        revoked.Add([Session("s1"), Session("s2"), Session("s1")]);
        revoked.Add([Session("s2"), Session("s3")]);
        Assert.Equal(["s1", "s2", "s3"], told);
    }

    [Fact]
    public void OldestIsForgotten_WhenThereAreTooMany()
    {
        var revoked = Create(3);
        revoked.Add([.. Enumerable.Range(0, 5).Select(static index => Session($"s{index}"))]);
        Assert.Equal([false, false, true, true, true], Enumerable.Range(0, 5).Select(index => revoked.Contains("acme", $"s{index}")));
    }

    private static RevokedSession Session(string id) => new("acme", "u", id, DateTimeOffset.UnixEpoch);

    private RevokedSessions Create(int most) => new(
        Options.Create(new UserTokenOptions { MaxRevocations = most }), new IdentityTelemetry(_services.GetRequiredService<IMeterFactory>()), _time);
}
