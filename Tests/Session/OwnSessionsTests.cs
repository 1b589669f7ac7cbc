using System.Text.Json;
using Contracts;
using Contracts.Public;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>A user sees its sessions and ends them; what is ended ends at once, here and on open sockets.</summary>
public sealed class OwnSessionsTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ListShowsTheUsersSessions_AndWhichOneAsks()
    {
        var first = await system.SignUpAsync();
        using var http = system.Session.ClientOf();
        http.DefaultRequestHeaders.UserAgent.ParseAdd("tests/1.0");
        var second = await TokensAsync(system.LoginAsync(first.Tenant, "admin", http: http));
        var page = await ListAsync(second.AccessToken);
        Assert.Equal(new[] { first.SessionId, second.SessionId }.Order(StringComparer.Ordinal), page.Items.Select(static session => session.Id));
        var current = Assert.Single(page.Items, static session => session.Current);
        Assert.Equal((second.SessionId, "tests/1.0", "127.0.0.1"), (current.Id, current.UserAgent, current.Address));

        var one = (await ReadAsync(system.CallAsync(HttpMethod.Get, "/v1/sessions?limit=1", second.AccessToken), 200)).Deserialize(PublicJsonContext.Default.PageSessionInfo)!;
        Assert.Equal(page.Items[0].Id, one.Next);
        await RefusedAsync(system.CallAsync(HttpMethod.Get, "/v1/sessions?limit=0", second.AccessToken), 400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task Logout_EndsTheSession()
    {
        var admin = await system.SignUpAsync();
        await ReadAsync(system.CallAsync(HttpMethod.Post, SessionRoutes.Logout, admin.AccessToken), 204);
        await AssertToldAsync(admin.Tenant, [admin.SessionId]);
        await RefusedAsync(system.RefreshAsync(admin.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
        using var me = await system.MeAsync(admin.AccessToken);
        Assert.Contains("Bearer", me.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        await RefusedAsync(Task.FromResult(me), 401, ProblemTypes.Unauthenticated);

        // Twice is no error: the session has ended, as was asked for.
        await ReadAsync(system.CallAsync(HttpMethod.Post, SessionRoutes.Logout, admin.AccessToken), 204);
    }

    [Fact]
    public async Task OneSession_IsEndedFromAnother()
    {
        var first = await system.SignUpAsync();
        var second = await TokensAsync(system.LoginAsync(first.Tenant, "admin"));
        var answer = await ReadAsync(system.CallAsync(HttpMethod.Delete, "/v1/sessions/" + first.SessionId, second.AccessToken), 200);
        Assert.Equal(first.SessionId, answer.GetProperty("revoked")[0].GetString());
        await AssertToldAsync(first.Tenant, [first.SessionId]);
        await RefusedAsync(system.MeAsync(first.AccessToken), 401, ProblemTypes.Unauthenticated);
        await ReadAsync(system.MeAsync(second.AccessToken), 200);
        await RefusedAsync(system.CallAsync(HttpMethod.Delete, "/v1/sessions/" + first.SessionId, second.AccessToken), 404, ProblemTypes.SessionNotFound);
        await RefusedAsync(system.CallAsync(HttpMethod.Delete, "/v1/sessions/a:b", second.AccessToken), 400, ProblemTypes.InvalidId);
    }

    [Fact]
    public async Task SessionsOfOthers_AreNotFound()
    {
        var admin = await system.SignUpAsync();
        var bob = await TokensAsync(PostAsync(system.Http, $"/v1/tenants/{admin.Tenant}/users", new RegisterRequest("bob", Password)), 201);
        var stranger = await system.SignUpAsync();
        foreach (var token in new[] { bob.AccessToken, stranger.AccessToken })
        {
            await RefusedAsync(system.CallAsync(HttpMethod.Delete, "/v1/sessions/" + admin.SessionId, token), 404, ProblemTypes.SessionNotFound);
        }

        await ReadAsync(system.MeAsync(admin.AccessToken), 200);
    }

    [Fact]
    public async Task AllOtherSessions_EndTogether()
    {
        var first = await system.SignUpAsync();
        var others = new List<TokenResponse>();
        for (var i = 0; i < 3; i++)
        {
            others.Add(await TokensAsync(system.LoginAsync(first.Tenant, "admin")));
        }

        await ReadAsync(system.CallAsync(HttpMethod.Delete, SessionRoutes.Sessions, first.AccessToken), 200);
        await AssertToldAsync(first.Tenant, [.. others.Select(static other => other.SessionId)]);
        Assert.Equal(first.SessionId, Assert.Single((await ListAsync(first.AccessToken)).Items).Id);
        await RefusedAsync(system.RefreshAsync(others[2].RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
    }

    [Fact]
    public async Task ChangeOfPassword_EndsTheOtherSessions()
    {
        var first = await system.SignUpAsync();
        var second = await TokensAsync(system.LoginAsync(first.Tenant, "admin"));
        await ReadAsync(ChangeAsync(first.AccessToken, Password, "a new and better one"), 200);
        await AssertToldAsync(first.Tenant, [second.SessionId]);
        await RefusedAsync(system.LoginAsync(first.Tenant, "admin"), 401, ProblemTypes.BadCredentials);
        await TokensAsync(system.LoginAsync(first.Tenant, "admin", "a new and better one"));
        await ReadAsync(system.MeAsync(first.AccessToken), 200);
        await RefusedAsync(system.RefreshAsync(second.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
    }

    [Fact]
    public async Task ChangeOfPassword_NeedsThePresentOne_AndIsCountedLikeALogin()
    {
        var admin = await system.SignUpAsync();
        for (var i = 0; i < 5; i++)
        {
            await RefusedAsync(ChangeAsync(admin.AccessToken, "not the password", "a new and better one"), 401, ProblemTypes.BadCredentials);
        }

        await RefusedAsync(ChangeAsync(admin.AccessToken, Password, "a new and better one"), 429, ProblemTypes.TooManyRequests);
        var problem = await RefusedAsync(ChangeAsync(admin.AccessToken, Password, "short"), 400, ProblemTypes.InvalidRequest);
        Assert.Equal("$.newPassword", problem.GetProperty("path").GetString());
    }

    [Fact]
    public async Task OldestSession_GivesWay_WhenAUserHasTooMany()
    {
        await using var replica = system.Start(settings: [("Sessions:MaxPerUser", "2")]);
        using var http = replica.ClientOf();
        var first = await system.SignUpAsync(http);
        var second = await TokensAsync(system.LoginAsync(first.Tenant, "admin", http: http));
        var third = await TokensAsync(system.LoginAsync(first.Tenant, "admin", http: http));
        await AssertToldAsync(first.Tenant, [first.SessionId]);
        await RefusedAsync(system.RefreshAsync(first.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
        Assert.Equal(
            new[] { second.SessionId, third.SessionId }.Order(StringComparer.Ordinal),
            (await ListAsync(third.AccessToken)).Items.Select(static session => session.Id));
    }

    private async Task<Page<SessionInfo>> ListAsync(string accessToken) =>
        (await ReadAsync(system.CallAsync(HttpMethod.Get, SessionRoutes.Sessions, accessToken), 200)).Deserialize(PublicJsonContext.Default.PageSessionInfo)!;

    private Task<HttpResponseMessage> ChangeAsync(string accessToken, string current, string next) =>
        system.CallAsync(HttpMethod.Put, SessionRoutes.Password, accessToken, new ChangePasswordRequest(current, next));

    private async Task AssertToldAsync(string tenant, string[] sessions)
    {
        while (true)
        {
            // Notices of the class's other tests arrive as well.
            var notice = await system.Realtime.NextRevokedAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
            if (notice.Tenant == tenant)
            {
                Assert.Equal(sessions.Order(StringComparer.Ordinal), notice.SessionIds.Order(StringComparer.Ordinal));
                return;
            }
        }
    }
}
