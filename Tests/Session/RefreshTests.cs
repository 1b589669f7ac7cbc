using Contracts;
using Contracts.Public;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>Refresh tokens rotate; a second use is theft, unless the first answer was plainly lost.</summary>
public sealed class RefreshTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TokensRotate_WithinOneSession()
    {
        var first = await system.SignUpAsync();
        var second = await TokensAsync(system.RefreshAsync(first.RefreshToken));
        var third = await TokensAsync(system.RefreshAsync(second.RefreshToken));
        Assert.Equal(3, new[] { first, second, third }.Select(static tokens => tokens.RefreshToken).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(first.SessionId, third.SessionId);
        Assert.Equal(first.User, third.User);
        await ReadAsync(system.MeAsync(third.AccessToken), 200);
        Assert.Equal(43, third.RefreshToken.Length);
    }

    [Fact]
    public async Task OnlyHashesAreStored()
    {
        var admin = await system.SignUpAsync();
        var hit = await system.QueryAsync<long>(
            "SELECT count(*) FROM refresh_tokens t WHERE t.tenant_id = @tenant AND t::text LIKE '%' || @token || '%'", ("tenant", admin.Tenant), ("token", admin.RefreshToken));
        Assert.Equal(0, hit);
    }

    [Fact]
    public async Task Reuse_RevokesTheWholeSession_AndClosesItsSockets()
    {
        var admin = await system.SignUpAsync();
        var second = await TokensAsync(system.RefreshAsync(admin.RefreshToken));
        var third = await TokensAsync(system.RefreshAsync(second.RefreshToken));

        // The thief presents the first token, or the owner does after the thief: session cannot distinguish them, so both lose.
        await RefusedAsync(system.RefreshAsync(admin.RefreshToken), 401, ProblemTypes.RefreshTokenReused);
        await RefusedAsync(system.RefreshAsync(third.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
        await RefusedAsync(system.MeAsync(third.AccessToken), 401, ProblemTypes.Unauthenticated);
        await AssertToldAsync(admin.Tenant, admin.SessionId);
    }

    [Fact]
    public async Task OtherSessionsOfTheUser_LiveOn_AfterReuse()
    {
        var admin = await system.SignUpAsync();
        var other = await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
        var second = await TokensAsync(system.RefreshAsync(admin.RefreshToken));
        await TokensAsync(system.RefreshAsync(second.RefreshToken));
        await RefusedAsync(system.RefreshAsync(admin.RefreshToken), 401, ProblemTypes.RefreshTokenReused);
        await TokensAsync(system.RefreshAsync(other.RefreshToken));
    }

    [Fact]
    public async Task LostAnswer_IsGivenAgain_WithinTheGrace()
    {
        var admin = await system.SignUpAsync();
        var lost = await TokensAsync(system.RefreshAsync(admin.RefreshToken));
        var again = await TokensAsync(system.RefreshAsync(admin.RefreshToken));

        // The very same: the client can continue with either answer.
        Assert.Equal(lost.RefreshToken, again.RefreshToken);
        var next = await TokensAsync(system.RefreshAsync(again.RefreshToken));
        await TokensAsync(system.RefreshAsync(next.RefreshToken));

        // Its successor has been used and replaced: to present it now is theft.
        await RefusedAsync(system.RefreshAsync(lost.RefreshToken), 401, ProblemTypes.RefreshTokenReused);
    }

    [Fact]
    public async Task LostAnswer_IsGivenAgain_ByAnotherReplica()
    {
        var admin = await system.SignUpAsync();
        await using var replica = system.Start();
        using var http = replica.ClientOf();
        var lost = await TokensAsync(system.RefreshAsync(admin.RefreshToken));
        var again = await TokensAsync(system.RefreshAsync(admin.RefreshToken, http));
        Assert.Equal(lost.RefreshToken, again.RefreshToken);
    }

    [Fact]
    public async Task LostAnswer_IsTheft_PastTheGrace()
    {
        var admin = await system.SignUpAsync();
        await TokensAsync(system.RefreshAsync(admin.RefreshToken));
        await system.ExecuteAsync("UPDATE refresh_tokens SET replaced_at = replaced_at - interval '31 seconds' WHERE tenant_id = @tenant", ("tenant", admin.Tenant));
        await RefusedAsync(system.RefreshAsync(admin.RefreshToken), 401, ProblemTypes.RefreshTokenReused);
    }

    [Fact]
    public async Task AllGoOn_WhenManyRefreshWithTheSameTokenAtOnce()
    {
        var admin = await system.SignUpAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => TokensAsync(system.RefreshAsync(admin.RefreshToken))));
        Assert.Single(answers.Select(static answer => answer.RefreshToken).Distinct(StringComparer.Ordinal));

        // A token that was handed out never ends the session by being used: both sides of the race do so at once, twice.
        var second = await Task.WhenAll(answers.Take(2).Select(answer => TokensAsync(system.RefreshAsync(answer.RefreshToken))));
        Assert.Equal(second[0].RefreshToken, second[1].RefreshToken);
        await Task.WhenAll(second.Select(answer => TokensAsync(system.RefreshAsync(answer.RefreshToken))));
        await ReadAsync(system.MeAsync(answers[0].AccessToken), 200);
    }

    /// <summary>A version before this one gave the second caller a token of its own, and marked the first one as superseded.</summary>
    [Fact]
    public async Task SupersededTokenOfAnEarlierVersion_IsInvalid_AndEndsNothing()
    {
        var admin = await system.SignUpAsync();
        var first = await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
        await system.ExecuteAsync(
            "UPDATE refresh_tokens SET superseded = true WHERE tenant_id = @tenant AND session_id = @session", ("tenant", admin.Tenant), ("session", first.SessionId));
        await RefusedAsync(system.RefreshAsync(first.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
        await ReadAsync(system.MeAsync(first.AccessToken), 200);
    }

    [Fact]
    public async Task NoStoredValueLeadsToATokenInUse()
    {
        var admin = await system.SignUpAsync();
        var second = await TokensAsync(system.RefreshAsync(admin.RefreshToken));
        await TokensAsync(system.RefreshAsync(second.RefreshToken));

        // Only the newest exchange can be repeated, so only its answer is kept, and that under the token that was presented.
        Assert.Equal(1, await system.QueryAsync<long>(
            "SELECT count(*) FROM refresh_tokens WHERE tenant_id = @tenant AND sealed_successor IS NOT NULL", ("tenant", admin.Tenant)));
    }

    [Fact]
    public async Task ExpiredSession_CannotBeRefreshed()
    {
        var admin = await system.SignUpAsync();
        await system.ExecuteAsync("UPDATE sessions SET expires_at = now() WHERE tenant_id = @tenant", ("tenant", admin.Tenant));
        await RefusedAsync(system.RefreshAsync(admin.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("' OR 1=1 --")]
    public async Task UnknownToken_IsRefused(string token) => await RefusedAsync(system.RefreshAsync(token), 401, ProblemTypes.RefreshTokenInvalid);

    [Fact]
    public async Task RefreshCarriesTheUsersPresentRole()
    {
        var admin = await system.SignUpAsync();
        await system.ExecuteAsync("UPDATE users SET role = 'member', display_name = 'Changed' WHERE tenant_id = @tenant", ("tenant", admin.Tenant));
        var next = await TokensAsync(system.RefreshAsync(admin.RefreshToken));
        Assert.Equal(("member", "Changed"), (next.User.Role, next.User.DisplayName));
        await RefusedAsync(
            system.CallAsync(HttpMethod.Post, SessionRoutes.Users, next.AccessToken, new RegisterRequest("bob", Password)), 403, ProblemTypes.Forbidden);
    }

    private async Task AssertToldAsync(string tenant, string session)
    {
        while (true)
        {
            // Notices of the class's other tests arrive as well.
            var notice = await system.Realtime.NextRevokedAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
            if (notice.Tenant == tenant)
            {
                Assert.Equal([session], notice.SessionIds);
                return;
            }
        }
    }
}
