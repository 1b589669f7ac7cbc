using Contracts;
using Contracts.Public;
using Microsoft.Extensions.DependencyInjection;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>
/// What a password authorizes happens only if the password is still the one that was checked. Each test lets the other side win at the worst moment:
/// after the check, and before its result is stored.
/// </summary>
public sealed class CredentialRaceTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private const string Next = "a new and better one";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LoginLeavesNoSession_WhenThePasswordChangesBetweenCheckAndSession()
    {
        var admin = await system.SignUpAsync();
        await using var slow = system.StartBefore(HttpMethod.Post, "/sessions", () => ReadAsync(ChangeAsync(admin, Password, Next), 200));
        using var http = slow.ClientOf();

        await RefusedAsync(system.LoginAsync(admin.Tenant, "admin", http: http), 401, ProblemTypes.BadCredentials);

        Assert.Equal([admin.SessionId], await LiveAsync(admin));
        await TokensAsync(system.LoginAsync(admin.Tenant, "admin", Next, http));
    }

    [Fact]
    public async Task OldPasswordLeavesNoSession_HoweverLoginsAndAChangeRace()
    {
        var admin = await system.SignUpAsync();
        var logins = Enumerable.Range(0, 12).Select(_ => system.LoginAsync(admin.Tenant, "admin")).ToList();
        await ReadAsync(ChangeAsync(admin, Password, Next), 200);
        foreach (var login in logins)
        {
            using var answer = await login;
            Assert.Contains((int)answer.StatusCode, new[] { 200, 401, 429 });
        }

        Assert.Equal([admin.SessionId], await LiveAsync(admin));
    }

    [Fact]
    public async Task RenewedHashDoesNotUndoAChange_WhenThePasswordChangesMeanwhile()
    {
        var admin = await system.SignUpAsync();
        await using var slow = system.StartBefore(
            HttpMethod.Put, "/password-hash", () => ReadAsync(ChangeAsync(admin, Password, Next), 200), ("Passwords:Iterations", "120000"));
        using var http = slow.ClientOf();

        await RefusedAsync(system.LoginAsync(admin.Tenant, "admin", http: http), 401, ProblemTypes.BadCredentials);

        await TokensAsync(system.LoginAsync(admin.Tenant, "admin", Next));
        await RefusedAsync(system.LoginAsync(admin.Tenant, "admin"), 401, ProblemTypes.BadCredentials);
    }

    [Fact]
    public async Task LoginSucceeds_WhenAnotherOneRenewsTheHashMeanwhile()
    {
        var admin = await system.SignUpAsync();
        await using var renewing = system.Start(settings: [("Passwords:Iterations", "120000")]);
        using var other = renewing.ClientOf();
        await using var slow = system.StartBefore(HttpMethod.Post, "/sessions", () => TokensAsync(system.LoginAsync(admin.Tenant, "admin", http: other)));
        using var http = slow.ClientOf();

        await TokensAsync(system.LoginAsync(admin.Tenant, "admin", http: http));

        Assert.Equal(3, (await LiveAsync(admin)).Count);
    }

    [Fact]
    public async Task SecondChangeIsRefused_WhenAnotherOneCameFirst()
    {
        var admin = await system.SignUpAsync();
        await using var slow = system.StartBefore(HttpMethod.Put, "/password", () => ReadAsync(ChangeAsync(admin, Password, Next), 200));
        using var http = slow.ClientOf(admin.AccessToken);

        await RefusedAsync(
            SendAsync(http, HttpMethod.Put, SessionRoutes.Password, new ChangePasswordRequest(Password, "the thief's choice")), 401, ProblemTypes.BadCredentials);

        await TokensAsync(system.LoginAsync(admin.Tenant, "admin", Next));
    }

    [Fact]
    public async Task EndedSessionChangesNoPassword_WhenItEndsBetweenCheckAndChange()
    {
        var admin = await system.SignUpAsync();
        var stolen = await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
        await using var slow = system.StartBefore(
            HttpMethod.Put, "/password", () => ReadAsync(system.CallAsync(HttpMethod.Delete, "/v1/sessions/" + stolen.SessionId, admin.AccessToken), 200));
        using var http = slow.ClientOf(stolen.AccessToken);

        await RefusedAsync(SendAsync(http, HttpMethod.Put, SessionRoutes.Password, new ChangePasswordRequest(Password, Next)), 401, ProblemTypes.Unauthenticated);

        await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
    }

    private Task<HttpResponseMessage> ChangeAsync(TokenResponse who, string current, string next) =>
        system.CallAsync(HttpMethod.Put, SessionRoutes.Password, who.AccessToken, new ChangePasswordRequest(current, next));

    private async Task<List<string>> LiveAsync(TokenResponse who) =>
        [.. Ok(await system.Store.Sessions.ListAsync(who.Tenant, who.User.Id, after: null, 100, Token)).Items.Select(static session => session.Id)];
}
