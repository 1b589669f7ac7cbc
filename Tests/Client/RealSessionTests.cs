using Client;
using Contracts;
using Contracts.Public;
using Contracts.Users;
using Tests.Session;

namespace Tests.Client;

/// <summary>The SDK and the real Session understand each other.</summary>
public sealed class RealSessionTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AccountAndSessions_AreManagedThroughTheSdk()
    {
        await using var phone = NewClient();
        await using var laptop = NewClient();
        var tenant = system.NewTenantId();
        var signedUp = (await phone.SignUpAsync(new SignUpRequest(tenant, "Acme", new RegisterRequest("Ada", SessionSystem.Password)), Token)).Value;
        var loggedIn = (await laptop.LoginAsync(new LoginRequest(tenant, "ada", SessionSystem.Password), Token)).Value;
        Assert.Equal(signedUp.User, loggedIn.User);
        Assert.Equal("ada", (await laptop.Account.GetMeAsync(Token)).Value.User.Username);
        Assert.Equal(2, (await laptop.Account.ListSessionsAsync(cancellationToken: Token)).Value.Items.Count);

        Assert.Equal([signedUp.SessionId], (await laptop.Account.RevokeSessionAsync(signedUp.SessionId, Token)).Value.Revoked);
        Assert.Equal(401, (await phone.Account.GetMeAsync(Token)).Problem!.Status);

        var again = (await phone.LoginAsync(new LoginRequest(tenant, "ada", SessionSystem.Password), Token)).Value;
        Assert.Equal([again.SessionId], (await laptop.Account.RevokeOtherSessionsAsync(Token)).Value.Revoked);
        Assert.True((await laptop.Account.LogoutAsync(Token)).IsSuccess);
        Assert.Null(laptop.SignedIn);
    }

    [Fact]
    public async Task WrongPassword_IsOneAttempt()
    {
        await using var client = NewClient();
        var tenant = system.NewTenantId();
        Assert.True((await client.SignUpAsync(new SignUpRequest(tenant, "Acme", new RegisterRequest("ada", SessionSystem.Password)), Token)).IsSuccess);
        var refused = await client.Account.ChangePasswordAsync(new ChangePasswordRequest("not the password", "a new and better one"), Token);
        Assert.Equal(ProblemTypes.BadCredentials, refused.Problem!.Type);
        Assert.Equal(1, (await system.Store.Directory.GetLoginAttemptsAsync(tenant, "ada", ["session:" + client.SignedIn!.SessionId], Token)).Value.FailedAttempts);
        Assert.True((await client.Account.ChangePasswordAsync(new ChangePasswordRequest(SessionSystem.Password, "a new and better one"), Token)).IsSuccess);
    }

    [Fact]
    public async Task KeptRefreshToken_GoesOnWithTheSession()
    {
        var tenant = system.NewTenantId();
        TokenResponse kept;
        await using (var client = NewClient())
        {
            kept = (await client.SignUpAsync(new SignUpRequest(tenant, "Acme", new RegisterRequest("ada", SessionSystem.Password)), Token)).Value;
        }

        await using var later = NewClient();
        Assert.Equal(kept.SessionId, (await later.ResumeAsync(kept.RefreshToken, Token)).Value.SessionId);
        Assert.Equal(kept.SessionId, (await later.Account.GetMeAsync(Token)).Value.SessionId);
        await using var thief = NewClient();
        Assert.True((await later.ResumeAsync(later.SignedIn!.RefreshToken, Token)).IsSuccess);
        Assert.Equal(ProblemTypes.RefreshTokenReused, (await thief.ResumeAsync(kept.RefreshToken, Token)).Problem!.Type);
    }

    [Fact]
    public async Task UserWhoRemovesItself_IsSignedOut_AndOnlyThen()
    {
        await using var admin = NewClient();
        await using var ada = NewClient();
        var tenant = system.NewTenantId();
        Assert.True((await admin.SignUpAsync(new SignUpRequest(tenant, "Acme", new RegisterRequest("admin", SessionSystem.Password), OpenRegistration: true), Token)).IsSuccess);
        var user = (await ada.RegisterAsync(tenant, new RegisterRequest("ada", SessionSystem.Password), Token)).Value.User.Id;

        Assert.Equal(ProblemTypes.LastAdmin, (await admin.Account.RemoveMeAsync(new RemoveMeRequest(SessionSystem.Password), Token)).Problem!.Type);
        Assert.True((await admin.Account.GetMeAsync(Token)).IsSuccess);
        Assert.Equal(ProblemTypes.BadCredentials, (await ada.Account.RemoveMeAsync(new RemoveMeRequest("not the password"), Token)).Problem!.Type);
        Assert.True((await ada.Account.GetMeAsync(Token)).IsSuccess);

        Assert.True((await ada.Account.RemoveMeAsync(new RemoveMeRequest(SessionSystem.Password), Token)).IsSuccess);

        Assert.Null(ada.SignedIn);
        Assert.Equal(UserStatuses.Removed, (await admin.Account.GetUserAsync(user, Token)).Value.Status);
        Assert.Equal(ProblemTypes.BadCredentials, (await ada.LoginAsync(new LoginRequest(tenant, "ada", SessionSystem.Password), Token)).Problem!.Type);
    }

    private ChatClient NewClient() => new(new ChatClientOptions
    {
        Session = system.Session.Address,
        Chat = system.Session.Address,
        Fileman = system.Session.Address,
        Realtime = system.Session.Address,
    });
}
