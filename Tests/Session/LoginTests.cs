using System.Text.Json;
using System.Text.Json.Nodes;
using Contracts;
using Contracts.Public;
using Microsoft.Extensions.Time.Testing;
using Session.Logins;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>A login reveals nothing but right or wrong, and guessing is slowed down.</summary>
public sealed class LoginTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WrongPasswordAndUnknownUserAndUnknownTenant_LookAlike()
    {
        var admin = await system.SignUpAsync();
        var wrong = await FailureAsync(admin.Tenant, "admin", "not the password");
        Assert.Equal(wrong, await FailureAsync(admin.Tenant, "nobody", "not the password"));
        Assert.Equal(wrong, await FailureAsync("no-such-tenant", "admin", "not the password"));
        Assert.Contains("401", wrong, StringComparison.Ordinal);
        Assert.Contains(ProblemTypes.BadCredentials, wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NameIsLocked_AfterFailures_WhetherAUserBearsItOrNot_AndThenOpensAgain()
    {
        var admin = await system.SignUpAsync();
        List<string> known = [], unknown = [];
        for (var i = 0; i < 7; i++)
        {
            known.Add(await FailureAsync(admin.Tenant, "admin", "not the password"));
            unknown.Add(await FailureAsync(admin.Tenant, "nobody", "not the password"));
        }

        // Which of the answers is the first 429 and what all of them say does not depend on whether there is such a user.
        Assert.Equal(known, unknown);
        Assert.All(known.Take(5), static answer => Assert.StartsWith("401", answer, StringComparison.Ordinal));
        Assert.All(known.Skip(5), static answer => Assert.StartsWith("429", answer, StringComparison.Ordinal));

        // The right password does not help while it is locked, on no replica.
        await using var replica = system.Start();
        using var http = replica.ClientOf();
        using (var locked = await system.LoginAsync(admin.Tenant, "ADMIN", http: http))
        {
            Assert.Equal(429, (int)locked.StatusCode);
            Assert.InRange(locked.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 20, 30);
        }

        await EndLocksAsync(admin.Tenant);
        await TokensAsync(system.LoginAsync(admin.Tenant, "admin", http: http));
        Assert.Equal(0, Ok(await system.Store.Directory.GetLoginAttemptsAsync(admin.Tenant, "admin", ["address:127.0.0.1"], Token)).FailedAttempts);
    }

    [Fact]
    public async Task LockGrows_WithFurtherFailures()
    {
        var admin = await system.SignUpAsync();
        for (var i = 0; i < 5; i++)
        {
            await FailureAsync(admin.Tenant, "admin", "not the password");
        }

        foreach (var expected in new[] { 60, 120, 240, 480, 900, 900 })
        {
            await EndLocksAsync(admin.Tenant);
            Assert.StartsWith("401", await FailureAsync(admin.Tenant, "admin", "not the password"), StringComparison.Ordinal);
            var attempts = Ok(await system.Store.Directory.GetLoginAttemptsAsync(admin.Tenant, "admin", ["address:127.0.0.1"], Token));
            Assert.InRange(attempts.LockedForSeconds!.Value, expected - 10, expected);
        }
    }

    [Fact]
    public async Task ParallelGuesses_AreBoundedLikeOthers()
    {
        var admin = await system.SignUpAsync();
        await using var replica = system.Start(settings: [("LoginThrottle:MaxWaiting", "50")]);
        using var http = replica.ClientOf();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => system.LoginAsync(admin.Tenant, "admin", "not the password", http)));
        Assert.Equal(5, answers.Count(answer => (int)answer.StatusCode == 401));
        Assert.Equal(35, answers.Count(answer => (int)answer.StatusCode == 429));
        Assert.All(answers.Where(answer => (int)answer.StatusCode == 429), static answer => Assert.NotNull(answer.Headers.RetryAfter));
    }

    /// <summary>Guesses are locked out from every address; devices that were signed in before are not, even behind the same address.</summary>
    [Fact]
    public async Task StrangerLocksOutItself_AndNotADeviceThatWasSignedInBefore()
    {
        var admin = await system.SignUpAsync();
        for (var i = 0; i < 5; i++)
        {
            await RefusedAsync(system.LoginAsync(admin.Tenant, "admin", "not the password"), 401, ProblemTypes.BadCredentials);
        }

        await RefusedAsync(system.LoginAsync(admin.Tenant, "admin"), 429, ProblemTypes.TooManyRequests);
        var again = await TokensAsync(LoginOnAsync(admin, admin.Device));
        Assert.NotNull(again.Device);

        // A stranger is anything but a device of this user: another user's, a changed one, none.
        var other = await TokensAsync(PostAsync(system.Http, $"/v1/tenants/{admin.Tenant}/users", new RegisterRequest("bob", Password)), 201);
        var changed = admin.Device![..^1] + (admin.Device[^1] == 'A' ? 'B' : 'A');
        foreach (var device in new[] { other.Device, "z" + admin.Device[1..], changed, admin.Device + "A", "x", "" })
        {
            await RefusedAsync(LoginOnAsync(admin, device), 429, ProblemTypes.TooManyRequests);
        }

        // The device's own failures count, for it alone.
        for (var i = 0; i < 5; i++)
        {
            await RefusedAsync(LoginOnAsync(admin, again.Device, "not the password"), 401, ProblemTypes.BadCredentials);
        }

        await RefusedAsync(LoginOnAsync(admin, again.Device), 429, ProblemTypes.TooManyRequests);
        await RefusedAsync(LoginOnAsync(admin, admin.Device), 429, ProblemTypes.TooManyRequests);
    }

    [Fact]
    public async Task StrangersOfManyAddresses_AreLockedOutTogether_AndKnownDevicesAreNot()
    {
        var admin = await system.SignUpAsync();
        await using var replica = system.Start(settings: [("LoginThrottle:LockAfter", "1000"), ("LoginThrottle:NameLockAfter", "6")]);
        using var http = replica.ClientOf();
        for (var i = 0; i < 6; i++)
        {
            await RefusedAsync(system.LoginAsync(admin.Tenant, "admin", "not the password", http), 401, ProblemTypes.BadCredentials);
        }

        await RefusedAsync(system.LoginAsync(admin.Tenant, "admin", http: http), 429, ProblemTypes.TooManyRequests);
        await TokensAsync(LoginOnAsync(admin, admin.Device));
    }

    [Fact]
    public async Task PasswordsSprayedOverNames_AreHeldBackByAddress_AndKnownDevicesBehindItAreNot()
    {
        var admin = await system.SignUpAsync();
        await using var replica = system.Start(settings: [("LoginThrottle:AddressFailures", "8"), ("LoginThrottle:AddressFailureInterval", "01:00:00")]);
        using var http = replica.ClientOf();
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(index => system.LoginAsync(admin.Tenant, $"name{index}", "not the password", http)));
        Assert.Equal(8, answers.Count(static answer => (int)answer.StatusCode == 401));
        Assert.All(answers.Where(static answer => (int)answer.StatusCode != 401), static answer => Assert.Equal(429, (int)answer.StatusCode));

        using var held = await system.LoginAsync(admin.Tenant, "admin", http: http);
        Assert.Equal(429, (int)held.StatusCode);
        Assert.NotNull(held.Headers.RetryAfter);
        await TokensAsync(PostAsync(http, SessionRoutes.Login, new LoginRequest(admin.Tenant, "admin", Password, admin.Device)));
    }

    [Fact]
    public async Task LoginsThatSucceed_DoNotUseUpAnAddress()
    {
        var admin = await system.SignUpAsync();
        await using var replica = system.Start(settings: [("LoginThrottle:AddressFailures", "2"), ("LoginThrottle:AddressFailureInterval", "01:00:00")]);
        using var http = replica.ClientOf();
        for (var i = 0; i < 5; i++)
        {
            await TokensAsync(system.LoginAsync(admin.Tenant, "admin", http: http));
        }
    }

    [Fact]
    public async Task FewerFailures_AreForgotten_WhenALoginSucceeds()
    {
        var admin = await system.SignUpAsync();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                Assert.StartsWith("401", await FailureAsync(admin.Tenant, "admin", "not the password"), StringComparison.Ordinal);
            }

            await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
        }
    }

    [Fact]
    public async Task DeviceIsForgotten_WhenItsTimeIsOver()
    {
        var admin = await system.SignUpAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var replica = system.Start(time);
        var devices = replica.Get<DeviceTokens>();
        var user = Ok(await system.Store.Directory.GetUserAsync(admin.Tenant, admin.User.Id, Token));
        var token = devices.Issue(user, device: null);
        var device = devices.Find(token, admin.Tenant, "admin");
        Assert.NotNull(device);
        Assert.Equal(device, devices.Find(devices.Issue(user, device.Id), admin.Tenant, "admin"));
        Assert.Null(devices.Find(token, admin.Tenant, "admin2"));
        Assert.Null(devices.Find(token, admin.Tenant + "2", "admin"));
        time.Advance(TimeSpan.FromDays(181));
        Assert.Null(devices.Find(token, admin.Tenant, "admin"));
    }

    [Fact]
    public async Task OutdatedHash_IsRenewed_AtTheNextLogin()
    {
        var admin = await system.SignUpAsync();
        var before = await HashAsync(admin.Tenant);
        await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
        Assert.Equal(before, await HashAsync(admin.Tenant));

        await using var replica = system.Start(settings: [("Passwords:Iterations", "120000")]);
        using var http = replica.ClientOf();
        await TokensAsync(system.LoginAsync(admin.Tenant, "admin", http: http));
        var after = await HashAsync(admin.Tenant);
        Assert.NotEqual(before, after);
        await TokensAsync(system.LoginAsync(admin.Tenant, "admin", http: http));
        Assert.Equal(after, await HashAsync(admin.Tenant));

        // The replica with the weaker option still knows it, and leaves it as it is.
        await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
        Assert.Equal(after, await HashAsync(admin.Tenant));
    }

    [Fact]
    public async Task AddressIsHeldBack_WhenItCallsTooOften()
    {
        var admin = await system.SignUpAsync();
        await using var replica = system.Start(settings: [("AddressLimit:Burst", "3"), ("AddressLimit:PerSecond", "0.01")]);
        using var http = replica.ClientOf();
        for (var i = 0; i < 3; i++)
        {
            await RefusedAsync(system.RefreshAsync("x", http), 401, ProblemTypes.RefreshTokenInvalid);
        }

        await RefusedAsync(system.RefreshAsync("x", http), 429, ProblemTypes.TooManyRequests);
        await RefusedAsync(system.LoginAsync(admin.Tenant, "admin", http: http), 429, ProblemTypes.TooManyRequests);

        // Reading is not limited by it.
        await ReadAsync(system.MeAsync(admin.AccessToken, http), 200);
    }

    [Fact]
    public async Task Tokens_AreNotCached()
    {
        var admin = await system.SignUpAsync();
        using var login = await system.LoginAsync(admin.Tenant, "admin");
        Assert.True(login.Headers.CacheControl!.NoStore);
        using var refresh = await system.RefreshAsync(admin.RefreshToken);
        Assert.True(refresh.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task OutcomesAreCounted_WithoutNames()
    {
        var admin = await system.SignUpAsync();
        await FailureAsync(admin.Tenant, "admin", "not the password");
        await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
        await TokensAsync(system.RefreshAsync(admin.RefreshToken));
        var metrics = await system.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
        foreach (var expected in new[]
        {
            "session_logins_total{", "outcome=\"bad_credentials\"", "outcome=\"success\"", "session_refreshes_total{", "outcome=\"rotated\"",
            "session_registrations_total{", "session_keys_reads_total{", "session_passwords_duration_seconds_bucket{", "session_revocation_queued",
        })
        {
            Assert.Contains(expected, metrics, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(admin.User.Id, metrics, StringComparison.Ordinal);
        Assert.DoesNotContain($"\"{admin.Tenant}\"", metrics, StringComparison.Ordinal);
    }

    private async Task<string> HashAsync(string tenant) => Ok(await system.Store.Directory.GetCredentialAsync(tenant, "admin", Token)).PasswordHash;

    /// <summary>Everything of an answer but what must differ from call to call.</summary>
    private Task<HttpResponseMessage> LoginOnAsync(TokenResponse user, string? device, string password = Password) =>
        PostAsync(system.Http, SessionRoutes.Login, new LoginRequest(user.Tenant, user.User.Username, password, device));

    private Task<int> EndLocksAsync(string tenant) =>
        system.ExecuteAsync("UPDATE login_throttles SET locked_until = now() WHERE tenant_id = @tenant", ("tenant", tenant));

    private async Task<string> FailureAsync(string tenant, string username, string password)
    {
        using var response = await system.LoginAsync(tenant, username, password);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!.AsObject();
        body.Remove("traceId");
        body.Remove("retryAfter");
        var headers = response.Headers.Concat(response.Content.Headers).Select(static header => header.Key).Where(static name => name != "Date").Order(StringComparer.Ordinal);
        return $"{(int)response.StatusCode} {string.Join(',', headers)} {response.Content.Headers.ContentType} {body.ToJsonString(JsonSerializerOptions.Web)}";
    }
}
