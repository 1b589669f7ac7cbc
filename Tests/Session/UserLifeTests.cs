using System.Text.Json;
using Contracts;
using Contracts.Public;
using Contracts.Users;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>Changes of users after their registration.</summary>
public sealed class UserLifeTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    [Fact]
    public async Task DisplayName_IsChangedByItsUser()
    {
        var admin = await system.SignUpAsync();
        var changed = await ReadAsync(system.CallAsync(HttpMethod.Put, SessionRoutes.Me, admin.AccessToken, new ChangeNameRequest("  Ada  Lovelace ")), 200);
        Assert.Equal("Ada Lovelace", changed.GetProperty("displayName").GetString());
        Assert.Equal("Ada Lovelace", (await ReadAsync(system.MeAsync(admin.AccessToken), 200)).GetProperty("user").GetProperty("displayName").GetString());
        Assert.Equal("Ada Lovelace", (await TokensAsync(system.RefreshAsync(admin.RefreshToken))).User.DisplayName);
        await RefusedAsync(
            system.CallAsync(HttpMethod.Put, SessionRoutes.Me, admin.AccessToken, new ChangeNameRequest("\u3164")), 400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task PasswordIsSetByAnAdmin_AndEndsTheUsersSessions()
    {
        var (admin, bob) = await UsersAsync();
        var path = $"/v1/users/{bob.User.Id}/password";
        var answer = await ReadAsync(system.CallAsync(HttpMethod.Put, path, admin.AccessToken, new ResetPasswordRequest("a new and better one")), 200);
        Assert.Equal(bob.SessionId, answer.GetProperty("revoked")[0].GetString());
        await RefusedAsync(system.MeAsync(bob.AccessToken), 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(system.RefreshAsync(bob.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
        await RefusedAsync(system.LoginAsync(admin.Tenant, "bob"), 401, ProblemTypes.BadCredentials);
        var again = await TokensAsync(system.LoginAsync(admin.Tenant, "bob", "a new and better one"));

        await RefusedAsync(system.CallAsync(HttpMethod.Put, path, admin.AccessToken, new ResetPasswordRequest("password1")), 400, ProblemTypes.InvalidRequest);
        await RefusedAsync(
            system.CallAsync(HttpMethod.Put, $"/v1/users/{admin.User.Id}/password", again.AccessToken, new ResetPasswordRequest(Password)), 403, ProblemTypes.Forbidden);
        await RefusedAsync(
            system.CallAsync(HttpMethod.Put, $"/v1/users/{admin.User.Id}/password", admin.AccessToken, new ResetPasswordRequest("a new and better one")),
            403,
            ProblemTypes.Forbidden);
        var stranger = await system.SignUpAsync();
        await RefusedAsync(system.CallAsync(HttpMethod.Put, path, stranger.AccessToken, new ResetPasswordRequest("a new and better one")), 404, ProblemTypes.UserNotFound);
    }

    [Fact]
    public async Task DeactivatedUserIsOut_LikeOneThatIsNotThere_AndComesBackWhenActivated()
    {
        var (admin, bob) = await UsersAsync();
        await SetActiveAsync(admin, bob, active: false);
        await RefusedAsync(system.MeAsync(bob.AccessToken), 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(system.RefreshAsync(bob.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
        await RefusedAsync(system.LoginAsync(admin.Tenant, "bob"), 401, ProblemTypes.BadCredentials);
        await RefusedAsync(
            PostAsync(system.Http, $"/v1/tenants/{admin.Tenant}/users", new RegisterRequest("bob", Password)), 409, ProblemTypes.UsernameTaken);
        Assert.Equal(["admin"], await NamesAsync(admin, ""));

        await SetActiveAsync(admin, bob, active: true);
        await TokensAsync(system.LoginAsync(admin.Tenant, "bob"));
        Assert.Equal(["admin", "bob"], await NamesAsync(admin, ""));
    }

    [Fact]
    public async Task LoginLeavesNoSession_WhenTheUserIsDeactivatedMeanwhile()
    {
        var (admin, bob) = await UsersAsync();
        await using var slow = system.StartBefore(HttpMethod.Post, "/sessions", () => SetActiveAsync(admin, bob, active: false));
        using var http = slow.ClientOf();
        await RefusedAsync(system.LoginAsync(admin.Tenant, "bob", http: http), 401, ProblemTypes.BadCredentials);
    }

    [Fact]
    public async Task OnlyAdminsDeactivate_AndNeitherThemselvesNorStrangers()
    {
        var (admin, bob) = await UsersAsync();
        var stranger = await system.SignUpAsync();
        var off = new UserActiveRequest(false);
        await RefusedAsync(system.CallAsync(HttpMethod.Put, $"/v1/users/{admin.User.Id}/active", bob.AccessToken, off), 403, ProblemTypes.Forbidden);
        await RefusedAsync(system.CallAsync(HttpMethod.Put, $"/v1/users/{admin.User.Id}/active", admin.AccessToken, off), 403, ProblemTypes.Forbidden);
        await RefusedAsync(system.CallAsync(HttpMethod.Put, $"/v1/users/{bob.User.Id}/active", stranger.AccessToken, off), 404, ProblemTypes.UserNotFound);
        await ReadAsync(system.MeAsync(bob.AccessToken), 200);
    }

    [Fact]
    public async Task UserIsMadeAnAdmin_AndAMemberAgain_WhichEndsItsSessions()
    {
        var (admin, bob) = await UsersAsync();
        var created = new RegisterRequest("eve", Password);
        await RefusedAsync(system.CallAsync(HttpMethod.Post, SessionRoutes.Users, bob.AccessToken, created), 403, ProblemTypes.Forbidden);

        Assert.Equal(0, (await SetRoleAsync(admin, bob, TenantRoles.Admin)).GetProperty("revoked").GetArrayLength());
        var promoted = await TokensAsync(system.RefreshAsync(bob.RefreshToken));
        Assert.Equal(TenantRoles.Admin, promoted.User.Role);
        await ReadAsync(system.CallAsync(HttpMethod.Post, SessionRoutes.Users, promoted.AccessToken, created), 201);

        // The new admin is one like the first, who is no longer the last.
        await SetRoleAsync(promoted, admin, TenantRoles.Member);
        await RefusedAsync(system.MeAsync(admin.AccessToken), 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(system.RefreshAsync(admin.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
        var demoted = await TokensAsync(system.LoginAsync(admin.Tenant, "admin"));
        Assert.Equal(TenantRoles.Member, demoted.User.Role);
        await RefusedAsync(
            system.CallAsync(HttpMethod.Put, RolePath(promoted), demoted.AccessToken, new UserRoleRequest(TenantRoles.Member)), 403, ProblemTypes.Forbidden);

        // What changes nothing ends nothing.
        await SetRoleAsync(promoted, demoted, TenantRoles.Member);
        await ReadAsync(system.MeAsync(demoted.AccessToken), 200);
    }

    [Fact]
    public async Task RoleIsChangedByAdminsOfTheTenantAlone_OfOthers_AndToOneThatExists()
    {
        var (admin, bob) = await UsersAsync();
        var stranger = await system.SignUpAsync();
        var up = new UserRoleRequest(TenantRoles.Admin);
        await RefusedAsync(system.CallAsync(HttpMethod.Put, RolePath(bob), bob.AccessToken, up), 403, ProblemTypes.Forbidden);
        await RefusedAsync(system.CallAsync(HttpMethod.Put, RolePath(bob), stranger.AccessToken, up), 404, ProblemTypes.UserNotFound);
        await RefusedAsync(system.CallAsync(HttpMethod.Put, RolePath(admin), admin.AccessToken, new UserRoleRequest(TenantRoles.Member)), 403, ProblemTypes.Forbidden);
        foreach (var role in (string[])["owner", "Admin", "", " admin"])
        {
            await RefusedAsync(system.CallAsync(HttpMethod.Put, RolePath(bob), admin.AccessToken, new UserRoleRequest(role)), 400, ProblemTypes.InvalidRequest);
        }

        await ReadAsync(system.CallAsync(HttpMethod.Delete, "/v1/users/" + bob.User.Id, admin.AccessToken), 204);
        await RefusedAsync(system.CallAsync(HttpMethod.Put, RolePath(bob), admin.AccessToken, up), 404, ProblemTypes.UserNotFound);
    }

    [Fact]
    public async Task Directory_FindsUsersByEitherName_WithinTheTenant()
    {
        var admin = await system.SignUpAsync();
        foreach (var (name, displayName) in new[] { ("zoe", "Zoe"), ("Anna", "Anna"), ("anna.b", "B"), ("annb", "Annb"), ("\u00e4nne", "\u00c4nne"), ("bert", "Mr  Annual (Sales)") })
        {
            await TokensAsync(PostAsync(system.Http, $"/v1/tenants/{admin.Tenant}/users", new RegisterRequest(name, Password, displayName)), 201);
        }

        await system.SignUpAsync();
        Assert.Equal(["admin", "anna", "anna.b", "annb", "bert", "zoe", "\u00e4nne"], await NamesAsync(admin, ""));
        Assert.Equal(["anna", "anna.b", "annb"], await NamesAsync(admin, "ANN"));
        Assert.Equal(["\u00e4nne"], await NamesAsync(admin, "a\u0308"));
        Assert.Equal(["bert"], await NamesAsync(admin, "mr annual ("));
        Assert.Empty(await NamesAsync(admin, "%"));
        foreach (var query in new[] { "limit=201", "limit=0", "prefix=" + new string('x', 300), "prefix=%E3%85%A4", "after=x", "limit=x" })
        {
            await RefusedAsync(system.CallAsync(HttpMethod.Get, "/v1/users?" + query, admin.AccessToken), 400, ProblemTypes.InvalidRequest);
        }

        await RefusedAsync(system.CallAsync(HttpMethod.Get, "/v1/users", "x"), 401, ProblemTypes.Unauthenticated);
    }

    [Fact]
    public async Task DeactivatedUsers_AreListedForAdminsAlone()
    {
        var (admin, bob) = await UsersAsync();
        var eve = await TokensAsync(PostAsync(system.Http, $"/v1/tenants/{admin.Tenant}/users", new RegisterRequest("eve", Password)), 201);
        await SetActiveAsync(admin, bob, active: false);

        Assert.Equal(["admin", "eve"], await NamesAsync(eve, ""));
        await RefusedAsync(system.CallAsync(HttpMethod.Get, "/v1/users?deactivated=true", eve.AccessToken), 403, ProblemTypes.Forbidden);
        var listed = (await ReadAsync(system.CallAsync(HttpMethod.Get, "/v1/users?deactivated=true", admin.AccessToken), 200)).GetProperty("items")[0];
        Assert.Equal(("bob", UserStatuses.Deactivated), (listed.GetProperty("username").GetString(), listed.GetProperty("status").GetString()));
        var seen = await ReadAsync(system.CallAsync(HttpMethod.Get, "/v1/users/" + bob.User.Id, eve.AccessToken), 200);
        Assert.Equal("bob", seen.GetProperty("displayName").GetString());
    }

    private async Task<(TokenResponse Admin, TokenResponse Bob)> UsersAsync()
    {
        var admin = await system.SignUpAsync();
        return (admin, await TokensAsync(PostAsync(system.Http, $"/v1/tenants/{admin.Tenant}/users", new RegisterRequest("bob", Password)), 201));
    }

    private Task SetActiveAsync(TokenResponse admin, TokenResponse user, bool active) =>
        ReadAsync(system.CallAsync(HttpMethod.Put, $"/v1/users/{user.User.Id}/active", admin.AccessToken, new UserActiveRequest(active)), 200);

    private Task<JsonElement> SetRoleAsync(TokenResponse admin, TokenResponse user, string role) =>
        ReadAsync(system.CallAsync(HttpMethod.Put, RolePath(user), admin.AccessToken, new UserRoleRequest(role)), 200);

    private static string RolePath(TokenResponse user) => $"/v1/users/{user.User.Id}/role";

    /// <summary>All names, two a page.</summary>
    private async Task<List<string>> NamesAsync(TokenResponse caller, string prefix)
    {
        List<string> names = [];
        for (string? after = null; ;)
        {
            var query = $"/v1/users?limit=2&prefix={Uri.EscapeDataString(prefix)}" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after));
            var page = (await ReadAsync(system.CallAsync(HttpMethod.Get, query, caller.AccessToken), 200)).Deserialize(PublicJsonContext.Default.PageUserInfo)!;
            names.AddRange(page.Items.Select(static user => user.Username));
            if (page.Next is null)
            {
                return names;
            }

            after = page.Next;
        }
    }
}
