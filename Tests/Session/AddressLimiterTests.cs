using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Session;
using Session.Throttling;

namespace Tests.Session;

/// <summary>How often one address may call.</summary>
public sealed class AddressLimiterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SessionTelemetry _telemetry;

    public AddressLimiterTests() => _telemetry = new SessionTelemetry(_services.GetRequiredService<IMeterFactory>());

    public void Dispose()
    {
        _telemetry.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Refused_PastTheBurst_UntilTheAllowanceGrowsAgain()
    {
        var limiter = Create(burst: 3, perSecond: 0.5);
        var address = IPAddress.Parse("192.0.2.1");
        Assert.Equal([null, null, null], Take(limiter, address, 3));
        Assert.Equal(TimeSpan.FromSeconds(2), limiter.Take(address));
        Assert.Null(limiter.Take(IPAddress.Parse("192.0.2.2")));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), limiter.Take(address));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(limiter.Take(address));
        Assert.NotNull(limiter.Take(address));

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal([null, null, null], Take(limiter, address, 3));
        Assert.NotNull(limiter.Take(address));
    }

    [Fact]
    public void AddressesOfOneSubscriber_ShareAnAllowance()
    {
        var limiter = Create(burst: 1, perSecond: 1);
        Assert.Null(limiter.Take(IPAddress.Parse("2001:db8:1:2::1")));
        Assert.NotNull(limiter.Take(IPAddress.Parse("2001:db8:1:2:ffff::2")));
        Assert.Null(limiter.Take(IPAddress.Parse("2001:db8:1:3::1")));

        Assert.Null(limiter.Take(IPAddress.Parse("192.0.2.1")));
        Assert.NotNull(limiter.Take(IPAddress.Parse("::ffff:192.0.2.1")));
    }

    [Fact]
    public void NewAddresses_ShareOneAllowance_WhenAsManyAsAllowedAreActive()
    {
        var limiter = Create(burst: 2, perSecond: 1, addresses: 2);
        Assert.Null(limiter.Take(IPAddress.Parse("192.0.2.1")));
        Assert.Null(limiter.Take(IPAddress.Parse("192.0.2.2")));
        Assert.Null(limiter.Take(IPAddress.Parse("192.0.2.3")));
        Assert.Null(limiter.Take(IPAddress.Parse("192.0.2.4")));
        Assert.NotNull(limiter.Take(IPAddress.Parse("192.0.2.5")));
        Assert.Null(limiter.Take(IPAddress.Parse("192.0.2.1")));

        // Those that were quiet are forgotten, and make room.
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([null, null], Take(limiter, IPAddress.Parse("192.0.2.5"), 2));
        Assert.NotNull(limiter.Take(IPAddress.Parse("192.0.2.5")));
        Assert.Null(limiter.Take(IPAddress.Parse("192.0.2.6")));
    }

    private static TimeSpan?[] Take(AddressLimiter limiter, IPAddress address, int times) => [.. Enumerable.Range(0, times).Select(_ => limiter.Take(address))];

    private AddressLimiter Create(int burst, double perSecond, int addresses = 100) =>
        new(Options.Create(new AddressLimitOptions { Burst = burst, PerSecond = perSecond, MaxAddresses = addresses }), _time, _telemetry);
}
