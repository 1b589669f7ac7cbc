using System.Diagnostics.Metrics;
using Contracts.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Identity;
using ServiceDefaults.Identity.Revocations;
using Tests.Infrastructure;

namespace Tests.ServiceDefaults;

/// <summary>A token that is remembered must not live longer, or under another key, than one that is not.</summary>
public sealed class UserTokensTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TestIssuer _issuer = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public static TheoryData<int> CacheSizes => [0, 100];

    public void Dispose()
    {
        _issuer.Dispose();
        _services.Dispose();
    }

    [Theory]
    [MemberData(nameof(CacheSizes))]
    public async Task Expires_WhenTimeIsUp_HoweverOftenItWasSeen(int cacheSize)
    {
        var tokens = Create(cacheSize);
        var token = _issuer.Token(now: _time.GetUtcNow());

        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, token));
        _time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(29));
        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, token));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(UserTokenStatus.Expired, await CheckAsync(tokens, token));
    }

    [Theory]
    [MemberData(nameof(CacheSizes))]
    public async Task IsInvalid_WhenItsKeyWasWithdrawn(int cacheSize)
    {
        var tokens = Create(cacheSize);
        var token = _issuer.Token(now: _time.GetUtcNow());
        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, token));

        _issuer.Rotate("k2");
        _issuer.Published.RemoveAll(key => key.Kid == "k1");
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, _issuer.Token(now: _time.GetUtcNow())));

        Assert.Equal(UserTokenStatus.Invalid, await CheckAsync(tokens, token));
    }

    [Theory]
    [MemberData(nameof(CacheSizes))]
    public async Task IsInvalid_WhenAnotherKeyTookItsKeysId(int cacheSize)
    {
        var tokens = Create(cacheSize);
        var token = _issuer.Token(now: _time.GetUtcNow());
        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, token));

        _issuer.Published.Clear();
        _issuer.Rotate("k1");
        _time.Advance(TimeSpan.FromSeconds(6));
        // An unknown id makes the keys be read again.
        _issuer.Rotate("k2");
        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, _issuer.Token(now: _time.GetUtcNow())));

        Assert.Equal(UserTokenStatus.Invalid, await CheckAsync(tokens, token));
    }

    [Fact]
    public async Task IsRemembered_AcrossReadsOfUnchangedKeys()
    {
        var tokens = Create(cacheSize: 100);
        var token = _issuer.Token(now: _time.GetUtcNow());
        var first = await tokens.ValidateAsync(token, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(6));
        await CheckAsync(tokens, _issuer.Token(signing: TestIssuer.Signing(_issuer.Key, "unknown")));
        Assert.Equal(2, _issuer.Reads);

        Assert.Same(first, await tokens.ValidateAsync(token, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ForgetsWhatIsNotUsed_WhenTheCacheIsFull()
    {
        var tokens = Create(cacheSize: 4);
        var used = await tokens.ValidateAsync(Numbered(0), TestContext.Current.CancellationToken);
        var unused = await tokens.ValidateAsync(Numbered(1), TestContext.Current.CancellationToken);
        for (var i = 2; i < 20; i++)
        {
            await tokens.ValidateAsync(Numbered(i), TestContext.Current.CancellationToken);
            Assert.Same(used, await tokens.ValidateAsync(Numbered(0), TestContext.Current.CancellationToken));
        }

        Assert.NotSame(unused, await tokens.ValidateAsync(Numbered(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task IsUnavailable_WhenItsKeysAreTooOldToTrust()
    {
        var tokens = Create(cacheSize: 100);
        var token = _issuer.Token(now: _time.GetUtcNow(), lifetime: TimeSpan.FromDays(3));
        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, token));

        _issuer.OnRead = () => throw new HttpRequestException("refused");
        _time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(UserTokenStatus.Unavailable, await CheckAsync(tokens, token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task IsRevoked_WhenItsSessionEnds_AlsoWhenItIsRemembered(int cacheSize)
    {
        var tokens = Create(cacheSize, out var revoked);
        var (ended, other) = (Numbered(0), Numbered(1));
        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, ended));

        revoked.Add([new RevokedSession("acme", "u1", "s0", _time.GetUtcNow()), new RevokedSession("another", "u1", "s1", _time.GetUtcNow())]);

        Assert.Equal(UserTokenStatus.Revoked, await CheckAsync(tokens, ended));
        Assert.Equal(UserTokenStatus.Valid, await CheckAsync(tokens, other));
    }

    [Fact]
    public async Task IsUnavailable_UntilItIsKnownWhichSessionsHaveEnded()
    {
        var tokens = Create(cacheSize: 100, out var revoked);
        revoked.ExpectLoad();
        var check = CheckAsync(tokens, Numbered(0));

        // Whether it already waits cannot be seen from here: the clock advances until it has waited long enough.
        await Eventually.ClearAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return check.IsCompleted ? null : "the check waits";
        });
        Assert.Equal(UserTokenStatus.Unavailable, await check);

        check = CheckAsync(tokens, Numbered(0));
        revoked.Loaded();
        Assert.Equal(UserTokenStatus.Valid, await check);
    }

    /// <summary>An ended session is not remembered for longer than that.</summary>
    [Fact]
    public async Task IsInvalid_WhenItLivesTooLong()
    {
        var tokens = Create(cacheSize: 100);
        Assert.Equal(UserTokenStatus.Invalid, await CheckAsync(tokens, _issuer.Token(now: _time.GetUtcNow(), lifetime: TimeSpan.FromDays(5))));
    }

    private readonly Dictionary<int, string> _numbered = [];

    private string Numbered(int number) => _numbered.TryGetValue(number, out var token)
        ? token
        : _numbered[number] = _issuer.Token(
            new Dictionary<string, object>(TestIssuer.Claims, StringComparer.Ordinal) { ["sid"] = $"s{number}" }, now: _time.GetUtcNow());

    private static async Task<UserTokenStatus> CheckAsync(UserTokens tokens, string token) =>
        (await tokens.ValidateAsync(token, TestContext.Current.CancellationToken)).Status;

    private UserTokens Create(int cacheSize) => Create(cacheSize, out _);

    private UserTokens Create(int cacheSize, out RevokedSessions revoked)
    {
        var options = Options.Create(new UserTokenOptions { CacheSize = cacheSize, MaxLifetime = TimeSpan.FromDays(4) });
        var telemetry = new IdentityTelemetry(_services.GetRequiredService<IMeterFactory>());
        var keys = new UserKeyCache(_issuer, telemetry, _time, NullLogger<UserKeyCache>.Instance);
        revoked = new RevokedSessions(options, telemetry, _time);
        return new UserTokens(keys, revoked, options, telemetry, _time);
    }
}
