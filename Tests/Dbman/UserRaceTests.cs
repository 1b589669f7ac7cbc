using Contracts;
using Contracts.Dbman;
using Contracts.Results;
using Contracts.Rooms;
using Contracts.Sessions;
using Contracts.Users;
using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>
/// What runs beside a removal comes wholly before it or wholly after. Each test stops a removal with all its locks taken (its last one is held
/// against it), starts the other side, and releases the removal: if the other side reads before it waits, it has seen a user that was still there.
/// </summary>
public sealed class UserRaceTests(DataServers servers)
{
    private static readonly DateTimeOffset Later = TimeProvider.System.GetUtcNow().AddDays(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task JoinFindsTheTombstone() => AfterARemovalAsync(async (client, tenant) =>
        (await client.Rooms.PutMemberAsync(tenant, "other", "u-1", new PutMemberRequest("u-1"), Token)).Refused(404, ProblemTypes.UserNotFound));

    [Fact]
    public Task BeingAddedFindsTheTombstone() => AfterARemovalAsync(async (client, tenant) =>
        (await client.Rooms.PutMemberAsync(tenant, "other", "u-1", new PutMemberRequest("admin"), Token)).Refused(404, ProblemTypes.UserNotFound));

    [Fact]
    public Task NewRoomFindsTheTombstone() => AfterARemovalAsync(async (client, tenant) =>
        (await client.Rooms.CreateAsync(tenant, new CreateRoomRequest("new", "New", RoomVisibilities.Public, "u-1"), Token)).Refused(404, ProblemTypes.UserNotFound));

    [Fact]
    public Task LoginFindsTheTombstone() => AfterARemovalAsync(async (client, tenant) =>
        (await client.Sessions.CreateAsync(tenant, new CreateSessionRequest("s-2", "u-1", "r-2", Later, 10, Generation: 1), Token)).Refused(404, ProblemTypes.UserNotFound));

    [Fact]
    public Task RefreshFindsTheSessionEnded() => AfterARemovalAsync(async (client, tenant) =>
        Assert.Equal(RotateOutcome.Revoked, (await client.Sessions.RotateAsync(new RotateRefreshTokenRequest("r-1", "r-next", 30), Token)).Ok().Outcome));

    [Fact]
    public Task ChangeOfNameFindsTheTombstone() => AfterARemovalAsync(async (client, tenant) =>
        (await client.Directory.RenameUserAsync(tenant, "u-1", new RenameUserRequest("Back again"), Token)).Refused(404, ProblemTypes.UserNotFound));

    [Fact]
    public Task PostFindsTheMembershipEnded() => AfterARemovalAsync(async (client, tenant) =>
        Assert.Equal(ProblemTypes.NotAMember, (await client.AppendAsync(tenant, "room", "u-1", "m-2", "late", Token)).Problem!.Type));

    [Fact]
    public async Task OneAdminStays_WhenTwoRemoveEachOther()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await PrepareAsync(app.Client);
        (await app.Client.Directory.CreateUserAsync(tenant, Seed.NewUser("u-2", TenantRoles.Admin), Token)).Ok();
        await database.ExecuteAsync("UPDATE users SET role = CASE id WHEN 'admin' THEN 'member' ELSE 'admin' END", Token);

        var held = await HoldAsync(database);
        var one = RemoveAsync(app.Client, tenant, "u-1");
        await database.WaitForBlockedAsync(1, Token);
        var two = RemoveAsync(app.Client, tenant, "u-2");
        var three = app.Client.Directory.SetUserActiveAsync(tenant, "u-2", new SetUserActiveRequest(false, "test"), Token);
        await database.WaitForBlockedAsync(3, Token);
        await held.DisposeAsync();

        (await one).Ok();
        (await two).Refused(409, ProblemTypes.LastAdmin);
        (await three).Refused(409, ProblemTypes.LastAdmin);
    }

    [Fact]
    public async Task OneAdminStays_WhenTwoDemoteEachOther()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        (await app.Client.Directory.CreateUserAsync(tenant, Seed.NewUser("admin-2", TenantRoles.Admin), Token)).Ok();
        (await app.Client.Sessions.CreateAsync(tenant, new CreateSessionRequest("s-1", "admin-2", "r-1", Later, 10), Token)).Ok();
        var member = new SetUserRoleRequest(TenantRoles.Member, "test");

        // The first has counted the admins, and its change waits for the session that it ends.
        var held = await database.HoldAsync("SELECT FROM sessions FOR UPDATE", Token);
        var one = app.Client.Directory.SetUserRoleAsync(tenant, "admin-2", member, Token);
        await database.WaitForBlockedAsync(1, Token);
        var two = app.Client.Directory.SetUserRoleAsync(tenant, "admin", member, Token);
        var three = app.Client.Directory.SetUserActiveAsync(tenant, "admin", new SetUserActiveRequest(false, "test"), Token);
        var four = RemoveAsync(app.Client, tenant, "admin");
        await database.WaitForBlockedAsync(4, Token);
        await held.DisposeAsync();

        Assert.Equal(["s-1"], (await one).Ok().Revoked);
        (await two).Refused(409, ProblemTypes.LastAdmin);
        (await three).Refused(409, ProblemTypes.LastAdmin);
        (await four).Refused(409, ProblemTypes.LastAdmin);
        Assert.Equal("admin", await database.ReadAsync<string>("SELECT string_agg(id, ',') FROM users WHERE role = 'admin'", Token));
    }

    [Fact]
    public async Task RemovalWithAPasswordThatWasChangedMeanwhile_ChangesNothing()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await PrepareAsync(app.Client);
        (await app.Client.Directory.ReplacePasswordAsync(tenant, "u-1", new ReplacePasswordRequest("new hash", "test"), Token)).Ok();

        (await app.Client.Directory.RemoveUserAsync(tenant, "u-1", new RemoveUserRequest("removed", Generation: 1), Token)).Refused(409, ProblemTypes.CredentialChanged);

        Assert.Equal("u-1", (await app.Client.Directory.GetUserAsync(tenant, "u-1", Token)).Ok().Username);
        (await app.Client.Rooms.GetMemberAsync(tenant, "room", "u-1", Token)).Ok();
    }

    [Fact]
    public async Task NothingIsLeftOfRemovedUsers_HoweverTheyJoinPostAndLogInMeanwhile()
    {
        const int Users = 12;
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        var users = Enumerable.Range(0, Users).Select(static n => $"u-{n}").ToList();
        foreach (var user in users)
        {
            await one.Client.UserAsync(tenant, user, Token);
            (await one.Client.Rooms.CreateAsync(tenant, new CreateRoomRequest("of-" + user, "R", RoomVisibilities.Public, user), Token)).Ok();
        }

        // Each joins the rooms of all, which pass from one to the other while their owners go.
        var work = users.SelectMany((user, n) => users.Select((other, m) => JoinAsync((n + m) % 2 == 0 ? one.Client : two.Client, user, "of-" + other, $"{n}-{m}")))
            .Concat(users.Select((user, n) => RemoveInRoundsAsync(n % 2 == 0 ? two.Client : one.Client, user)));
        await Task.WhenAll(work);

        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM members m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id WHERE u.removed_at IS NOT NULL", Token));
        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM sessions WHERE revoked_at IS NULL", Token));
        Assert.Equal(Users, await database.ReadAsync<long>("SELECT count(*) FROM users WHERE removed_at IS NOT NULL", Token));
        Assert.Equal(1, await database.ReadAsync<long>("SELECT count(*) FROM credentials", Token));
        Assert.Equal(
            0,
            await database.ReadAsync<long>(
                """
                SELECT count(*) FROM rooms r
                WHERE r.member_count <> (SELECT count(*) FROM members m WHERE m.tenant_id = r.tenant_id AND m.room_id = r.id)
                    OR NOT EXISTS (SELECT FROM members m WHERE m.tenant_id = r.tenant_id AND m.room_id = r.id AND m.role = 'owner')
                """,
                Token));

        async Task JoinAsync(DbmanClient client, string user, string room, string id)
        {
            Expected(await client.Rooms.PutMemberAsync(tenant, room, user, new PutMemberRequest(user), Token), ProblemTypes.UserNotFound);
            Expected(await client.Sessions.CreateAsync(tenant, new CreateSessionRequest("s-" + id, user, "r-" + id, Later, 100), Token), ProblemTypes.UserNotFound);
            var outcome = await client.AppendAsync(tenant, room, user, "m-" + id, "text", Token);
            Assert.True(outcome.Message is not null || outcome.Problem!.Type == ProblemTypes.NotAMember, outcome.Problem?.Type);
        }

        async Task RemoveInRoundsAsync(DbmanClient client, string user) => Assert.False((await RemoveAsync(client, tenant, user)).Ok().More);

        static void Expected<T>(ServiceResult<T> result, string refusal) => Assert.True(result.IsSuccess || result.Problem.Type == refusal, result.Problem?.Type + result.Problem?.Detail);
    }

    private async Task AfterARemovalAsync(Func<DbmanClient, string, Task> other)
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await PrepareAsync(app.Client);
        var held = await HoldAsync(database);
        var removal = RemoveAsync(app.Client, tenant, "u-1");
        await database.WaitForBlockedAsync(1, Token);
        var beside = other(app.Client, tenant);
        await database.WaitForBlockedAsync(2, Token);

        await held.DisposeAsync();

        (await removal).Ok();
        await beside;
        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM members WHERE user_id = 'u-1'", Token));
        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM sessions WHERE user_id = 'u-1' AND revoked_at IS NULL", Token));
        Assert.Equal("Removed user", await database.ReadAsync<string>("SELECT display_name FROM users WHERE id = 'u-1'", Token));
    }

    /// <summary>A user with everything that a removal locks, and a room that it is not in.</summary>
    private static async Task<string> PrepareAsync(DbmanClient client)
    {
        var tenant = await client.TenantAsync(Token);
        await client.UserAsync(tenant, "u-1", Token);
        (await client.Rooms.CreateAsync(tenant, new CreateRoomRequest("room", "Room", RoomVisibilities.Public, "admin"), Token)).Ok();
        (await client.Rooms.CreateAsync(tenant, new CreateRoomRequest("other", "Other", RoomVisibilities.Public, "admin"), Token)).Ok();
        (await client.Rooms.PutMemberAsync(tenant, "room", "u-1", new PutMemberRequest("u-1"), Token)).Ok();
        (await client.Sessions.CreateAsync(tenant, new CreateSessionRequest("s-1", "u-1", "r-1", Later, 10), Token)).Ok();
        (await client.Directory.RecordLoginAttemptAsync(tenant, "u-1", new LoginAttemptRequest(Succeeded: false, [new LoginThrottle("", 50, 1, 1)]), Token)).Ok();
        return tenant;
    }

    /// <summary>The last that a removal locks.</summary>
    private static Task<HeldLock> HoldAsync(TestDatabase database) => database.HoldAsync("SELECT FROM login_throttles FOR UPDATE", Token);

    private static Task<ServiceResult<RemoveUserResponse>> RemoveAsync(DbmanClient client, string tenant, string user) =>
        client.Directory.RemoveUserAsync(tenant, user, new RemoveUserRequest("removed"), Token);
}
