using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;

namespace Tests.ServiceDefaults;

public sealed class UserKeyCacheTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TestIssuer _issuer = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly UserKeyCache _keys;

    public UserKeyCacheTests() => _keys = new UserKeyCache(
        _issuer,
        new IdentityTelemetry(_services.GetRequiredService<IMeterFactory>()),
        _time,
        NullLogger<UserKeyCache>.Instance);

    public void Dispose()
    {
        _issuer.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task ReadsOnce_WhenManyAskAtOnceAndAgain()
    {
        Assert.Equal(0, _issuer.Reads);

        var found = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => FindAsync("k1")));

        Assert.All(found, lookup => Assert.NotNull(lookup.Key));
        Assert.Equal(1, _issuer.Reads);
    }

    [Fact]
    public async Task FindsARotatedKeyAtOnce_WhenItsIdIsUnknown()
    {
        await FindAsync("k1");
        _time.Advance(UserKeyCache.RefreshFloor);
        _issuer.Rotate("k2");

        Assert.NotNull((await FindAsync("k2")).Key);
        Assert.Equal(2, _issuer.Reads);
    }

    [Fact]
    public async Task DoesNotReadAgain_WhenUnknownIdsPourIn()
    {
        await FindAsync("k1");
        for (var i = 0; i < 1_000; i++)
        {
            var lookup = await FindAsync($"forged-{i}");
            Assert.Null(lookup.Key);
            Assert.True(lookup.IssuerReachable);
        }

        Assert.Equal(1, _issuer.Reads);
        _time.Advance(UserKeyCache.RefreshFloor);
        await FindAsync("forged");
        Assert.Equal(2, _issuer.Reads);
    }

    [Fact]
    public async Task KeepsKnownKeys_WhenTheIssuerIsAway()
    {
        await FindAsync("k1");
        _issuer.OnRead = () => throw new HttpRequestException("refused");
        _time.Advance(UserKeyCache.RefreshAge + TimeSpan.FromSeconds(1));

        Assert.NotNull((await FindAsync("k1")).Key);
        _time.Advance(UserKeyCache.RefreshFloor);
        var unknown = await FindAsync("k2");
        Assert.Null(unknown.Key);
        Assert.False(unknown.IssuerReachable);
        Assert.NotNull((await FindAsync("k1")).Key);
    }

    [Fact]
    public async Task ForgetsKeys_WhenTheIssuerIsAwayForTooLong()
    {
        await FindAsync("k1");
        _issuer.OnRead = () => throw new HttpRequestException("refused");
        _time.Advance(UserKeyCache.MaxAge + TimeSpan.FromSeconds(1));

        var lookup = await FindAsync("k1");
        Assert.Null(lookup.Key);
        Assert.False(lookup.IssuerReachable);
    }

    [Fact]
    public async Task RenewsInTheBackground_WhenKeysAreOld()
    {
        await FindAsync("k1");
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _issuer.OnRead = () => release.Task;
        _issuer.Rotate("k2");
        _time.Advance(UserKeyCache.RefreshAge + TimeSpan.FromSeconds(1));

        // Answered while the read hangs.
        Assert.NotNull((await FindAsync("k1")).Key);
        var waiting = FindAsync("k2");
        Assert.False(waiting.IsCompleted);
        release.SetResult();

        Assert.NotNull((await waiting).Key);
        Assert.Equal(2, _issuer.Reads);
    }

    [Fact]
    public async Task DropsAWithdrawnKey_WhenKeysAreReadAgain()
    {
        await FindAsync("k1");
        _issuer.Rotate("k2");
        _issuer.Published.RemoveAll(key => key.Kid == "k1");
        _time.Advance(UserKeyCache.RefreshFloor);
        await FindAsync("k2");

        Assert.Null((await FindAsync("k1")).Key);
    }

    [Fact]
    public async Task IgnoresWhatIsNotForES256_WhenTheSetHoldsOtherKeys()
    {
        _issuer.Published.Add(new JsonWebKey { Kid = "hmac", Kty = "oct", K = Base64UrlEncoder.Encode(new byte[32]) });
        _issuer.Published.Add(new JsonWebKey { Kid = "rsa", Kty = "RSA", N = "AQAB", E = "AQAB" });
        var encryption = _issuer.Jwk("k1");
        encryption.Kid = "enc";
        encryption.Use = "enc";
        _issuer.Published.Add(encryption);

        Assert.NotNull((await FindAsync("k1")).Key);
        Assert.Null(_keys.Peek("hmac"));
        Assert.Null(_keys.Peek("rsa"));
        Assert.Null(_keys.Peek("enc"));
    }

    [Fact]
    public async Task KeepsKnownKeys_WhenTheIssuerPublishesNone()
    {
        await FindAsync("k1");
        _issuer.Published.Clear();
        _time.Advance(UserKeyCache.RefreshFloor);
        await FindAsync("k2");

        Assert.NotNull((await FindAsync("k1")).Key);
    }

    [Fact]
    public async Task StopsWaiting_WhenTheCallerGoesAway()
    {
        _issuer.OnRead = () => new TaskCompletionSource().Task;
        using var gone = new CancellationTokenSource();
        var waiting = _keys.FindAsync("k1", gone.Token).AsTask();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private Task<UserKeyLookup> FindAsync(string keyId) => _keys.FindAsync(keyId, TestContext.Current.CancellationToken).AsTask();
}
