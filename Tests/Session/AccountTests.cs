using System.Text.Json;
using Contracts;
using Contracts.Public;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>Tenants and users.</summary>
public sealed class AccountTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    [Fact]
    public async Task SignUp_GivesATokenThatNamesItsBearer()
    {
        var admin = await system.SignUpAsync();
        Assert.Equal("Bearer", admin.TokenType);
        Assert.Equal(600, admin.ExpiresIn);
        var me = (await ReadAsync(system.MeAsync(admin.AccessToken), 200)).Deserialize(PublicJsonContext.Default.MeResponse)!;
        Assert.Equal(("admin", "The admin", "admin"), (me.User.Username, me.User.DisplayName, me.User.Role));
        Assert.Equal((admin.Tenant, "A tenant", true), (me.Tenant.Id, me.Tenant.Name, me.Tenant.OpenRegistration));
        Assert.Equal(admin.SessionId, me.SessionId);
        Assert.Equal(me.User, admin.User);
    }

    [Fact]
    public async Task TenantIsCreatedOnce_WhenManySignUpAtOnce()
    {
        var tenant = system.NewTenantId();
        var calls = Enumerable.Range(0, 6).Select(i =>
            PostAsync(system.Http, SessionRoutes.Tenants, new SignUpRequest(tenant, "T", new RegisterRequest($"admin{i}", Password)))).ToList();
        var answers = await Task.WhenAll(calls);
        Assert.Single(answers, answer => (int)answer.StatusCode == 201);
        foreach (var refused in answers.Where(answer => (int)answer.StatusCode != 201))
        {
            await RefusedAsync(Task.FromResult(refused), 409, ProblemTypes.TenantExists);
        }
    }

    [Fact]
    public async Task OneTenantTooManyFromAnAddressIsRefused()
    {
        await using var session = system.Start(settings: [("Rates:tenants:AddressBurst", "2"), ("Rates:tenants:AddressPerSecond", "0.01")]);
        using var http = session.ClientOf();
        for (var i = 0; i < 2; i++)
        {
            await ReadAsync(PostAsync(http, SessionRoutes.Tenants, new SignUpRequest(system.NewTenantId(), "T", new RegisterRequest("admin", Password))), 201);
        }

        await RefusedAsync(
            PostAsync(http, SessionRoutes.Tenants, new SignUpRequest(system.NewTenantId(), "T", new RegisterRequest("admin", Password))), 429, ProblemTypes.TooManyRequests);
    }

    [Fact]
    public async Task UserRegisters_WhereTheTenantLetsEverybody()
    {
        var admin = await system.SignUpAsync(openRegistration: true);
        var bob = await TokensAsync(RegisterAsync(admin.Tenant, new RegisterRequest("Bob", Password)), 201);
        Assert.Equal(("bob", "Bob", "member"), (bob.User.Username, bob.User.DisplayName, bob.User.Role));
        await ReadAsync(system.MeAsync(bob.AccessToken), 200);
        await RefusedAsync(RegisterAsync("no-such-tenant", new RegisterRequest("bob", Password)), 404, ProblemTypes.TenantNotFound);
    }

    [Fact]
    public async Task OnlyAdminsCreateUsers_WhereTheTenantIsClosed()
    {
        var admin = await system.SignUpAsync(openRegistration: false);
        await RefusedAsync(RegisterAsync(admin.Tenant, new RegisterRequest("bob", Password)), 403, ProblemTypes.Forbidden);
        var created = await ReadAsync(system.CallAsync(HttpMethod.Post, SessionRoutes.Users, admin.AccessToken, new RegisterRequest("bob", Password)), 201);
        Assert.Equal("member", created.GetProperty("role").GetString());

        var bob = await TokensAsync(system.LoginAsync(admin.Tenant, "bob"));
        await RefusedAsync(system.CallAsync(HttpMethod.Post, SessionRoutes.Users, bob.AccessToken, new RegisterRequest("carl", Password)), 403, ProblemTypes.Forbidden);
    }

    [Fact]
    public async Task NamesThatReadTheSame_AreOneUser()
    {
        var admin = await system.SignUpAsync();
        await TokensAsync(RegisterAsync(admin.Tenant, new RegisterRequest("Jos\u00e9", Password)), 201);
        await RefusedAsync(RegisterAsync(admin.Tenant, new RegisterRequest("JOSE\u0301", Password)), 409, ProblemTypes.UsernameTaken);
        await TokensAsync(system.LoginAsync(admin.Tenant, "\uff2a\uff2fS\u00c9"));

        // Another tenant's user of the same name is another user.
        var other = await system.SignUpAsync();
        await TokensAsync(RegisterAsync(other.Tenant, new RegisterRequest("Jos\u00e9", Password)), 201);
    }

    [Fact]
    public async Task NamesThatLookAlike_AreOneUser()
    {
        var admin = await system.SignUpAsync();
        await TokensAsync(RegisterAsync(admin.Tenant, new RegisterRequest("coco", Password)), 201);

        // All letters Cyrillic.
        await RefusedAsync(RegisterAsync(admin.Tenant, new RegisterRequest("\u0441\u043e\u0441\u043e", Password)), 409, ProblemTypes.UsernameTaken);
        await RefusedAsync(RegisterAsync(admin.Tenant, new RegisterRequest("adrnin", Password)), 409, ProblemTypes.UsernameTaken);
        await RefusedAsync(system.LoginAsync(admin.Tenant, "\u0441\u043e\u0441\u043e"), 401, ProblemTypes.BadCredentials);
        await TokensAsync(system.LoginAsync(admin.Tenant, "coco"));
    }

    [Fact]
    public async Task OneOfThemIsCreated_WhenNamesThatLookAlikeComeAtOnce()
    {
        var admin = await system.SignUpAsync();
        var answers = await Task.WhenAll(
            new[] { "modern", "rnodern", "modern", "rnodern" }.Select(name => RegisterAsync(admin.Tenant, new RegisterRequest(name, Password))));
        Assert.Single(answers, static answer => (int)answer.StatusCode == 201);
        Assert.Equal(3, answers.Count(static answer => (int)answer.StatusCode == 409));
    }

    [Fact]
    public async Task TenantsThatDifferInCaseOnly_AreOne()
    {
        var id = "Acme-" + system.NewTenantId();
        var answers = await Task.WhenAll(new[] { id, id.ToUpperInvariant(), id.ToLowerInvariant() }.Select(name =>
            PostAsync(system.Http, SessionRoutes.Tenants, new SignUpRequest(name, "Acme", new RegisterRequest("admin", Password)))));
        Assert.Single(answers, static answer => (int)answer.StatusCode == 201);
        Assert.Equal(2, answers.Count(static answer => (int)answer.StatusCode == 409));
    }

    [Fact]
    public async Task PasswordsThatReadTheSame_AreOne()
    {
        var admin = await system.SignUpAsync();
        await TokensAsync(RegisterAsync(admin.Tenant, new RegisterRequest("bob", "caf\u00e9 au lait")), 201);
        await TokensAsync(system.LoginAsync(admin.Tenant, "bob", "cafe\u0301 au\u00a0lait"));
        await RefusedAsync(system.LoginAsync(admin.Tenant, "bob", "cafe au lait"), 401, ProblemTypes.BadCredentials);
        await RefusedAsync(system.LoginAsync(admin.Tenant, "bob", "Caf\u00e9 au lait"), 401, ProblemTypes.BadCredentials);

        // In reverse, and by a change.
        var carl = await TokensAsync(RegisterAsync(admin.Tenant, new RegisterRequest("carl", "cafe\u0301 au lait")), 201);
        await TokensAsync(system.LoginAsync(admin.Tenant, "carl", "caf\u00e9 au lait"));
        await ReadAsync(
            system.CallAsync(HttpMethod.Put, SessionRoutes.Password, carl.AccessToken, new ChangePasswordRequest("caf\u00e9 au lait", "the\u0300 au lait")), 200);
        await TokensAsync(system.LoginAsync(admin.Tenant, "carl", "th\u00e8 au lait"));
    }

    /// <summary>Older hashes are of the password as it was sent.</summary>
    [Fact]
    public async Task OldPasswordIsTriedAsItWasSent_AndItsHashRenewed()
    {
        var admin = await system.SignUpAsync();
        var bob = await TokensAsync(RegisterAsync(admin.Tenant, new RegisterRequest("bob", Password)), 201);
        const string old = "cafe\u0301 au lait";
        var hash = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 100_000 })).HashPassword(new object(), old);
        await system.ExecuteAsync(
            "UPDATE credentials SET password_hash = @hash WHERE tenant_id = @tenant AND user_id = @user",
            ("hash", hash), ("tenant", admin.Tenant), ("user", bob.User.Id));

        await RefusedAsync(system.LoginAsync(admin.Tenant, "bob", "caf\u00e9 au lait"), 401, ProblemTypes.BadCredentials);
        await TokensAsync(system.LoginAsync(admin.Tenant, "bob", old));
        await TokensAsync(system.LoginAsync(admin.Tenant, "bob", "caf\u00e9 au lait"));
        await TokensAsync(system.LoginAsync(admin.Tenant, "bob", old));
    }

    [Fact]
    public async Task OperatorsTenant_IsSignedUpByNobody_AndMissedLoudly()
    {
        var id = "Operators-" + system.NewTenantId();
        await using var replica = system.Start(settings: [("Operators:Tenant", id)]);
        using var http = replica.ClientOf();
        foreach (var name in new[] { id, id.ToLowerInvariant() })
        {
            await RefusedAsync(
                PostAsync(http, SessionRoutes.Tenants, new SignUpRequest(name, "Mine", new RegisterRequest("admin", Password))), 403, ProblemTypes.Forbidden);
        }

        await Eventually.ClearAsync(() => replica.Logs.Lines.Any(text => text.Contains(id, StringComparison.Ordinal)) ? null : "nothing was logged");
    }

    [Fact]
    public async Task Folding_AgreesWithPostgreSQL_OverAllOfUnicode()
    {
        // The characters that change under case folding and those that no user name may hold have no counterpart there; all others must come out the same.
        var different = await system.QueryAsync<int[]>(
            "SELECT array_agg(c ORDER BY c) FROM generate_series(1, 1114111) c WHERE NOT c BETWEEN 55296 AND 57343 AND normalize(chr(c), NFKC) <> chr(c)");
        var normalized = await system.QueryAsync<string[]>(
            "SELECT array_agg(normalize(chr(c), NFKC) ORDER BY c) FROM generate_series(1, 1114111) c WHERE NOT c BETWEEN 55296 AND 57343 AND normalize(chr(c), NFKC) <> chr(c)");
        var compared = 0;
        for (var i = 0; i < different.Length; i++)
        {
            // PostgreSQL's tables may be newer than ours.
            if (!ICU4N.UChar.IsDefined(different[i]))
            {
                continue;
            }

            // What PostgreSQL makes of it, folded, must be what we make of it at once.
            var text = char.ConvertFromUtf32(different[i]);
            var ours = global::Session.Validation.Usernames.Normalize("a" + text);
            var theirs = global::Session.Validation.Usernames.Normalize("a" + normalized[i]);
            Assert.True(ours == theirs, $"U+{different[i]:X4}: {ours} / {theirs}");
            compared += ours is null ? 0 : 1;
        }

        Assert.InRange(compared, 3_000, different.Length);
    }

    private Task<HttpResponseMessage> RegisterAsync(string tenant, RegisterRequest request) => PostAsync(system.Http, $"/v1/tenants/{tenant}/users", request);
}
