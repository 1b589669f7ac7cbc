using System.Text.Json;
using Contracts.Public;
using Contracts.Sessions;
using Microsoft.Extensions.Time.Testing;
using Session.Keys;
using Session.Logins;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>
/// Keys rotate without a refused token; replicas agree; private halves stay private. Keys belong to the whole database, so each test has one of its
/// own.
/// </summary>
public sealed class KeyRotationTests(DataServers servers) : IAsyncLifetime
{
    private readonly SessionSystem _system = new(servers);
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly SigningKeyOptions _options = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _system.InitializeAsync();

    public ValueTask DisposeAsync() => _system.DisposeAsync();

    [Fact]
    public async Task NextKeyIsPublishedBeforeItSigns_AndTheOldOneUntilItsTokensHaveExpired()
    {
        await using var replica = _system.Start(_time);
        using var http = replica.ClientOf();
        var ring = replica.Get<KeyRing>();
        var admin = await _system.SignUpAsync(http);
        var first = Assert.Single(await KeysAsync(http));
        Assert.Equal(first, Kid(admin));

        // The next key is there, and does not sign yet. (Times are the keys' own: the test's clock may have been set long before the first key was made.)
        var old = (await ring.GetSignerAsync(Token)).Value.Record;
        await GoToAsync(ring, old.SignsUntil - (KeySchedule.PublishAhead * 2) + TimeSpan.FromSeconds(1));
        var both = await KeysAsync(http);
        Assert.Equal(2, both.Count);
        var young = (await ring.GetFreshAsync(Token)).Value.Keys.Single(key => key.Kid != first).Record;
        Assert.Equal(first, Kid(await LoginAsync(admin.Tenant, http)));

        // It signs; what the old one signed a moment ago is still good.
        await GoToAsync(ring, young.NotBefore - TimeSpan.FromSeconds(1));
        var last = await LoginAsync(admin.Tenant, http);
        Assert.Equal(first, Kid(last));
        await GoToAsync(ring, young.NotBefore);
        var next = await LoginAsync(admin.Tenant, http);
        Assert.Equal(young.Kid, Kid(next));
        await ReadAsync(_system.MeAsync(last.AccessToken, http), 200);
        await GoToAsync(ring, young.NotBefore + TimeSpan.FromMinutes(9));
        await ReadAsync(_system.MeAsync(last.AccessToken, http), 200);

        // The old one goes when the last token that it may have signed has expired.
        Assert.Equal(old.SignsUntil + TimeSpan.FromMinutes(10) + KeySchedule.PublishAfter, old.PublishedUntil);
        await GoToAsync(ring, old.PublishedUntil - TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await KeysAsync(http)).Count);
        await GoToAsync(ring, old.PublishedUntil);
        Assert.Equal(young.Kid, Assert.Single(await KeysAsync(http)));
    }

    /// <summary>The key is chosen when the token is signed: one that was chosen before a slow call to Dbman may have stopped signing meanwhile.</summary>
    [Fact]
    public async Task TokenIsSignedByTheKeyOfTheMoment_WhenTheSessionTookLongToStore()
    {
        KeyRing? ring = null;
        SigningKeyRecord? young = null;
        await using var replica = _system.StartBefore(HttpMethod.Post, "/sessions", () => GoToAsync(ring!, young!.NotBefore), _time);
        using var http = replica.ClientOf();
        ring = replica.Get<KeyRing>();
        var old = (await ring.GetSignerAsync(Token)).Value.Record;
        await GoToAsync(ring, old.SignsUntil - (KeySchedule.PublishAhead * 2) + TimeSpan.FromSeconds(1));
        young = (await ring.GetFreshAsync(Token)).Value.Keys.Single(key => key.Kid != old.Kid).Record;
        await GoToAsync(ring, young.NotBefore - TimeSpan.FromSeconds(1));

        Assert.Equal(young.Kid, Kid(await _system.SignUpAsync(http)));
    }

    [Fact]
    public async Task ReplicasAgree_WhenTheyRotateAtOnce()
    {
        await using var first = _system.Start(_time);
        await using var second = _system.Start(_time);
        await using var third = _system.Start(_time);
        KeyRing[] rings = [first.Get<KeyRing>(), second.Get<KeyRing>(), third.Get<KeyRing>()];
        for (var round = 1; round <= 4; round++)
        {
            Assert.All(await Task.WhenAll(rings.Select(static ring => ring.RefreshAsync(Token))), Assert.Null);
            var published = await Task.WhenAll(rings.Select(static ring => ring.GetFreshAsync(Token).AsTask()));
            var signers = await Task.WhenAll(rings.Select(static ring => ring.GetSignerAsync(Token).AsTask()));
            Assert.Single(published.Select(static keys => string.Join(',', keys.Value.Keys.Select(static key => key.Kid))).Distinct(StringComparer.Ordinal));
            Assert.Single(signers.Select(static key => key.Value.Kid).Distinct(StringComparer.Ordinal));
            Assert.Equal(round, await _system.QueryAsync<long>("SELECT count(*) FROM signing_keys"));
            _time.Advance(round == 1 ? _options.SigningPeriod - KeySchedule.PublishAhead : _options.SigningPeriod);
        }
    }

    [Fact]
    public async Task TokenOfOneReplica_IsGoodOnAnother()
    {
        await using var other = _system.Start();
        using var http = other.ClientOf();
        var admin = await _system.SignUpAsync();
        await ReadAsync(_system.MeAsync(admin.AccessToken, http), 200);
        var again = await LoginAsync(admin.Tenant, http);
        await ReadAsync(_system.MeAsync(again.AccessToken), 200);
        Assert.Equal(Kid(admin), Kid(again));
    }

    [Fact]
    public async Task RotationServiceRotatesByItself()
    {
        await using var replica = _system.Start(_time);
        using var http = replica.ClientOf();
        await KeysAsync(http);
        _time.Advance(_options.SigningPeriod - KeySchedule.PublishAhead);

        // No request comes: only the service's own timer brings the next key. It may have been set before or after the step above.
        while (await _system.QueryAsync<long>("SELECT count(*) FROM signing_keys") < 2)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        // The replica may still answer from a read that began before the key was stored.
        await Tests.Infrastructure.Eventually.ClearAsync(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var count = (await KeysAsync(http)).Count;
            return count == 2 ? null : $"{count} keys are published";
        });
    }

    [Fact]
    public async Task NewKeyIsMade_WhenTheSecretHasChanged_AndOldTokensStayGood()
    {
        var admin = await _system.SignUpAsync();
        await using var changed = _system.Start(settings: [("ConnectionStrings:signing-key-protection", "another secret, that is long enough too")]);
        using var http = changed.ClientOf();
        var tokens = await LoginAsync(admin.Tenant, http);
        Assert.NotEqual(Kid(admin), Kid(tokens));
        await ReadAsync(_system.MeAsync(admin.AccessToken, http), 200);
        Assert.Contains(changed.Logs.Lines, static line => line.Contains("cannot be decrypted", StringComparison.Ordinal));

        // The replica with the old secret reads the new key, cannot use it, and keeps its own.
        Assert.Null(await _system.Session.Get<KeyRing>().RefreshAsync(Token));
        await ReadAsync(_system.MeAsync(tokens.AccessToken), 200);
        Assert.Equal(Kid(admin), Kid(await LoginAsync(admin.Tenant, _system.Http)));
        Assert.Equal(2, await _system.QueryAsync<long>("SELECT count(*) FROM signing_keys"));
    }

    [Fact]
    public async Task Jwks_IsCacheable_AndHoldsPublicHalvesOnly()
    {
        await _system.SignUpAsync();
        using var response = await _system.Http.GetAsync(new Uri(SessionRoutes.Jwks, UriKind.Relative), Token);
        Assert.Equal("public, max-age=300", response.Headers.CacheControl!.ToString());
        Assert.Equal("application/jwk-set+json", response.Content.Headers.ContentType!.MediaType);
        var keys = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Token)).GetProperty("keys").EnumerateArray().ToList();
        Assert.All(keys, static key => Assert.Equal(
            ["alg", "crv", "kid", "kty", "use", "x", "y"], key.EnumerateObject().Select(static member => member.Name).Order(StringComparer.Ordinal)));

        using var request = new HttpRequestMessage(HttpMethod.Get, SessionRoutes.Jwks) { Headers = { IfNoneMatch = { response.Headers.ETag! } } };
        using var unchanged = await _system.Http.SendAsync(request, Token);
        Assert.Equal(304, (int)unchanged.StatusCode);

        // The stored keys are of no use without the secret.
        var stored = await _system.QueryAsync<string>("SELECT protected_private_key FROM signing_keys");
        Assert.Null(new KeyProtector(new ProtectionSecrets("another secret, that is long enough too"u8.ToArray())).Unprotect(stored, await _system.QueryAsync<string>("SELECT public_jwk FROM signing_keys")));
    }

    /// <summary>The rotation of the runbook: the signing key stays in use, and known devices stay known.</summary>
    [Fact]
    public async Task KeysStayInUse_WhileTheirSecretIsReplaced()
    {
        const string next = "the next secret of session, long enough as well";
        var tokens = await _system.SignUpAsync();
        var device = (await LoginAsync(tokens.Tenant, _system.Http)).Device!;

        await using var rotated = _system.Start(
            null, ("ConnectionStrings:signing-key-protection", next), ("ConnectionStrings:signing-key-protection-previous", TestKeys.Protection));
        using (var http = rotated.ClientOf())
        {
            Assert.Equal(Kid(tokens), Kid(await LoginAsync(tokens.Tenant, http)));
            Assert.NotNull(rotated.Get<DeviceTokens>().Find(device, tokens.Tenant, "admin"));
        }

        // Without the old secret what it protected is lost: a key of the new one is made at once.
        await using var forgetful = _system.Start(null, ("ConnectionStrings:signing-key-protection", next));
        using (var http = forgetful.ClientOf())
        {
            Assert.NotEqual(Kid(tokens), Kid(await LoginAsync(tokens.Tenant, http)));
            Assert.Null(forgetful.Get<DeviceTokens>().Find(device, tokens.Tenant, "admin"));
        }
    }

    private async Task GoToAsync(KeyRing ring, DateTimeOffset time)
    {
        _time.SetUtcNow(time);
        Assert.Null(await ring.RefreshAsync(Token));
    }

    private Task<TokenResponse> LoginAsync(string tenant, HttpClient http) => TokensAsync(_system.LoginAsync(tenant, "admin", http: http));

    private static string Kid(TokenResponse tokens) => new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(tokens.AccessToken).Kid;

    private static async Task<List<string>> KeysAsync(HttpClient http)
    {
        var jwks = await ReadAsync(http.GetAsync(new Uri(SessionRoutes.Jwks, UriKind.Relative), Token), 200);
        return [.. jwks.GetProperty("keys").EnumerateArray().Select(static key => key.GetProperty("kid").GetString()!)];
    }
}
