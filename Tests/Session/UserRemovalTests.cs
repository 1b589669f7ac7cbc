using Contracts;
using Contracts.Public;
using Contracts.Publish;
using Contracts.Rooms;
using Contracts.Users;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>Removal of users as their admins and they themselves see it. What is stored is the subject of Dbman's tests.</summary>
public sealed class UserRemovalTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UserThatAnAdminRemoves_IsOut_AndItsNameIsFree_AndItsRoomsHear()
    {
        var (admin, bob) = await UsersAsync();
        await CreateRoomAsync(admin, "of-bob", bob);
        await CreateRoomAsync(admin, "shared", bob, admin);

        await ReadAsync(system.CallAsync(HttpMethod.Delete, Path(bob), admin.AccessToken), 204);

        await RefusedAsync(system.MeAsync(bob.AccessToken), 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(system.RefreshAsync(bob.RefreshToken), 401, ProblemTypes.RefreshTokenInvalid);
        await RefusedAsync(system.LoginAsync(admin.Tenant, "bob"), 401, ProblemTypes.BadCredentials);
        var notice = await NoticeAsync(bob);
        Assert.Equal([bob.SessionId], notice.SessionIds);
        var events = await EventsAsync(admin.Tenant, 4);
        Assert.Equal(
            [
                ("of-bob", SystemEvents.MemberRemoved, bob.User.Id, """{"user":"removed"}"""),
                ("of-bob", SystemEvents.MemberJoined, admin.User.Id, """{"role":"owner"}"""),
                ("shared", SystemEvents.MemberRemoved, bob.User.Id, """{"user":"removed"}"""),
                ("shared", SystemEvents.MemberRole, admin.User.Id, """{"role":"owner"}"""),
            ],
            events.Select(static e => (e.Room, e.Event, e.User, e.Data?.GetRawText())));
        Assert.All(events, e => Assert.Equal(admin.User.Id, e.Actor));

        var seen = await ReadAsync(system.CallAsync(HttpMethod.Get, Path(bob), admin.AccessToken), 200);
        Assert.Equal(
            (bob.User.Id, "", "Removed user", UserStatuses.Removed),
            (seen.GetProperty("id").GetString(), seen.GetProperty("username").GetString(), seen.GetProperty("displayName").GetString(), seen.GetProperty("status").GetString()));

        // The answer to the first call may have been lost.
        await ReadAsync(system.CallAsync(HttpMethod.Delete, Path(bob), admin.AccessToken), 204);
        await RefusedAsync(system.CallAsync(HttpMethod.Put, Path(bob) + "/active", admin.AccessToken, new UserActiveRequest(true)), 404, ProblemTypes.UserNotFound);
        await RefusedAsync(
            system.CallAsync(HttpMethod.Put, Path(bob) + "/password", admin.AccessToken, new ResetPasswordRequest("a new and better one")), 404, ProblemTypes.UserNotFound);

        var next = await RegisterAsync(admin.Tenant, "bob");
        Assert.NotEqual(bob.User.Id, next.User.Id);
    }

    [Fact]
    public async Task OnlyAdminsRemoveOthers_AndNeitherThemselvesNorStrangers()
    {
        var (admin, bob) = await UsersAsync();
        var stranger = await system.SignUpAsync();
        await RefusedAsync(system.CallAsync(HttpMethod.Delete, Path(admin), bob.AccessToken), 403, ProblemTypes.Forbidden);
        await RefusedAsync(system.CallAsync(HttpMethod.Delete, Path(admin), admin.AccessToken), 403, ProblemTypes.Forbidden);
        await RefusedAsync(system.CallAsync(HttpMethod.Delete, Path(bob), stranger.AccessToken), 404, ProblemTypes.UserNotFound);
        await RefusedAsync(system.CallAsync(HttpMethod.Delete, "/v1/users/no%20id", admin.AccessToken), 400, ProblemTypes.InvalidId);
        await RefusedAsync(system.CallAsync(HttpMethod.Get, Path(bob), stranger.AccessToken), 404, ProblemTypes.UserNotFound);
        await RefusedAsync(system.CallAsync(HttpMethod.Delete, Path(bob), "x"), 401, ProblemTypes.Unauthenticated);
        await ReadAsync(system.MeAsync(bob.AccessToken), 200);
    }

    [Fact]
    public async Task UserRemovesItself_WithItsPasswordAlone()
    {
        var (admin, bob) = await UsersAsync();
        await CreateRoomAsync(admin, "both", admin, bob);
        await RefusedAsync(RemoveMeAsync(bob, "not the password"), 401, ProblemTypes.BadCredentials);
        await RefusedAsync(RemoveMeAsync(bob, ""), 400, ProblemTypes.InvalidRequest);
        await ReadAsync(system.MeAsync(bob.AccessToken), 200);

        await ReadAsync(RemoveMeAsync(bob, Password), 204);

        await RefusedAsync(system.MeAsync(bob.AccessToken), 401, ProblemTypes.Unauthenticated);
        var left = Assert.Single(await EventsAsync(admin.Tenant, 1));
        Assert.Equal(("both", SystemEvents.MemberLeft, bob.User.Id, bob.User.Id), (left.Room, left.Event, left.User, left.Actor));
    }

    [Fact]
    public async Task LastAdminStays()
    {
        var admin = await system.SignUpAsync();
        var problem = await RefusedAsync(RemoveMeAsync(admin, Password), 409, ProblemTypes.LastAdmin);
        Assert.Contains("at least one admin", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await ReadAsync(system.MeAsync(admin.AccessToken), 200);
    }

    [Fact]
    public async Task LoginLeavesNoSession_WhenTheUserIsRemovedMeanwhile()
    {
        var (admin, bob) = await UsersAsync();
        await using var slow = system.StartBefore(
            HttpMethod.Post, "/sessions", () => ReadAsync(system.CallAsync(HttpMethod.Delete, Path(bob), admin.AccessToken), 204));
        using var http = slow.ClientOf();
        await RefusedAsync(system.LoginAsync(admin.Tenant, "bob", http: http), 401, ProblemTypes.BadCredentials);
    }

    [Fact]
    public async Task NobodyIsRemovedByAnOldPassword_WhenItIsChangedMeanwhile()
    {
        var (_, bob) = await UsersAsync();
        await using var slow = system.StartBefore(
            HttpMethod.Post,
            "/remove",
            () => ReadAsync(system.CallAsync(HttpMethod.Put, SessionRoutes.Password, bob.AccessToken, new ChangePasswordRequest(Password, "a new and better one")), 200));
        using var http = slow.ClientOf(bob.AccessToken);
        await RefusedAsync(SendAsync(http, HttpMethod.Post, SessionRoutes.RemoveMe, new RemoveMeRequest(Password)), 401, ProblemTypes.BadCredentials);
        await ReadAsync(system.MeAsync(bob.AccessToken), 200);
    }

    /// <summary>The removed user's devices are strangers to the next user of the name: they are locked out with their address.</summary>
    [Fact]
    public async Task DeviceOfARemovedUser_IsAStrangerToTheNextOfThatName()
    {
        var (admin, former) = await UsersAsync();
        await ReadAsync(system.CallAsync(HttpMethod.Delete, Path(former), admin.AccessToken), 204);
        var bob = await RegisterAsync(admin.Tenant, "bob");
        for (var i = 0; i < 5; i++)
        {
            await RefusedAsync(system.LoginAsync(admin.Tenant, "bob", "not the password"), 401, ProblemTypes.BadCredentials);
        }

        await RefusedAsync(LoginOnAsync(former.Device), 429, ProblemTypes.TooManyRequests);
        await TokensAsync(LoginOnAsync(bob.Device));

        Task<HttpResponseMessage> LoginOnAsync(string? device) =>
            PostAsync(system.Http, SessionRoutes.Login, new LoginRequest(admin.Tenant, "bob", Password, device));
    }

    private static string Path(TokenResponse user) => "/v1/users/" + user.User.Id;

    private Task<HttpResponseMessage> RemoveMeAsync(TokenResponse user, string password) =>
        system.CallAsync(HttpMethod.Post, SessionRoutes.RemoveMe, user.AccessToken, new RemoveMeRequest(password));

    private async Task<(TokenResponse Admin, TokenResponse Bob)> UsersAsync()
    {
        var admin = await system.SignUpAsync();
        return (admin, await RegisterAsync(admin.Tenant, "bob"));
    }

    private Task<TokenResponse> RegisterAsync(string tenant, string name) =>
        TokensAsync(PostAsync(system.Http, $"/v1/tenants/{tenant}/users", new RegisterRequest(name, Password)), 201);

    private async Task CreateRoomAsync(TokenResponse admin, string id, TokenResponse owner, params TokenResponse[] members)
    {
        Ok(await system.Store.Rooms.CreateAsync(admin.Tenant, new CreateRoomRequest(id, id, RoomVisibilities.Private, owner.User.Id), Token));
        foreach (var member in members)
        {
            Ok(await system.Store.Rooms.PutMemberAsync(admin.Tenant, id, member.User.Id, new PutMemberRequest(owner.User.Id), Token));
        }
    }

    private async Task<SessionRevokedRequest> NoticeAsync(TokenResponse user)
    {
        while (true)
        {
            if (await system.Realtime.NextRevokedAsync(Token) is var notice && notice.UserId == user.User.Id)
            {
                return notice;
            }
        }
    }

    /// <summary>So many events of the tenant; other tests' are passed over.</summary>
    private async Task<List<SystemEventRecord>> EventsAsync(string tenant, int count)
    {
        List<SystemEventRecord> events = [];
        while (events.Count < count)
        {
            events.AddRange((await system.Realtime.NextAsync(Token)).System.Where(e => e.Tenant == tenant));
        }

        return events;
    }
}
