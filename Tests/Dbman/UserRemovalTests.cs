using System.Globalization;
using Contracts;
using Contracts.Dbman;
using Contracts.Rooms;
using Contracts.Sessions;
using Contracts.Users;
using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>What a removal takes, what it leaves, and who owns the rooms afterwards.</summary>
public sealed class UserRemovalTests(DataServers servers)
{
    private static readonly DateTimeOffset Later = TimeProvider.System.GetUtcNow().AddDays(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NamesAreGoneFromEveryTable_AndWhatNamesTheIdStaysWhole()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var client = app.Client;
        var tenant = await client.TenantAsync(Token);
        (await client.Directory.CreateUserAsync(
            tenant, new CreateUserRequest("u-1", "zanzibar", "Quuxley Zanzibar", TenantRoles.Member, "hash of zanzibar", "zanzibar"), Token)).Ok();
        var room = await client.RoomAsync(tenant, Token, "u-1");
        var posted = (await client.AppendAsync(tenant, room, "u-1", "m-1", "what was said", Token)).Message!;
        var live = await SessionAsync(client, tenant, "s-live", "zanzibar's browser");
        await SessionAsync(client, tenant, "s-ended", "zanzibar's phone");
        (await client.Sessions.RevokeAsync(tenant, "u-1", new RevokeSessionsRequest("logout", "s-ended"), Token)).Ok();
        (await client.Directory.RecordLoginAttemptAsync(
            tenant, "zanzibar", new LoginAttemptRequest(Succeeded: false, [new LoginThrottle("zanzibar's address", 5, 1, 1), new LoginThrottle("", 50, 1, 1)]), Token)).Ok();
        Assert.Equal(["credentials", "login_throttles", "sessions", "users"], await TablesWithAsync(database, "zanzibar", "quuxley"));

        var removed = await RemoveAsync(client, tenant, "u-1");

        Assert.False(removed.More);
        Assert.Equal([live], removed.Revoked);
        Assert.Equal(new LeftRoom(room), Assert.Single(removed.Rooms));
        Assert.Empty(await TablesWithAsync(database, "zanzibar", "quuxley"));
        (await client.Directory.GetUserAsync(tenant, "u-1", Token)).Refused(404, ProblemTypes.UserNotFound);
        (await client.Directory.GetCredentialAsync(tenant, "zanzibar", Token)).Refused(404, ProblemTypes.UserNotFound);
        var tombstone = (await client.Directory.GetUsersAsync(tenant, new UsersByIdRequest(["u-1"]), Token)).Ok().Users.Single();
        Assert.Equal(("u-1", "", "Removed user", UserStatuses.Removed), (tombstone.Id, tombstone.Username, tombstone.DisplayName, tombstone.Status));
        Assert.Equal(["admin"], (await client.Directory.ListUsersAsync(tenant, null, 10, Token)).Ok().Items.Select(static user => user.Id));
        Assert.Equal(["u-1"], (await client.Messages.GetAfterAsync(tenant, room, 0, 10, Token)).Ok().Messages.Select(static message => message.Sender));
        Assert.Equal(1, (await client.Rooms.GetAsync(tenant, room, Token)).Ok().Members);

        // A call whose answer was lost is retried; so is a post.
        Assert.Equivalent(new RemoveUserResponse(false, [], []), await RemoveAsync(client, tenant, "u-1"), strict: true);
        Assert.Equal(posted.Seq, (await client.AppendAsync(tenant, room, "u-1", "m-1", "what was said", Token)).Message!.Seq);
        Assert.Equal(ProblemTypes.NotAMember, (await client.AppendAsync(tenant, room, "u-1", "m-2", "what was not", Token)).Problem!.Type);

        // Anybody can take the name now, and is a different user.
        (await client.Directory.CreateUserAsync(tenant, new CreateUserRequest("u-2", "zanzibar", "Z", TenantRoles.Member, "hash", "zanzibar"), Token)).Ok();
        (await client.Directory.CreateUserAsync(tenant, new CreateUserRequest("u-1", "other", "O", TenantRoles.Member, "hash"), Token)).Refused(409, ProblemTypes.Conflict);
        Assert.Equal("u-2", (await client.Directory.GetCredentialAsync(tenant, "zanzibar", Token)).Ok().User.Id);
    }

    [Fact]
    public async Task NothingIsDoneForATombstone()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var (client, directory) = (app.Client, app.Client.Directory);
        var tenant = await client.TenantAsync(Token);
        await client.UserAsync(tenant, "u-1", Token);
        var room = await client.RoomAsync(tenant, Token);
        await RemoveAsync(client, tenant, "u-1");

        (await directory.RenameUserAsync(tenant, "u-1", new RenameUserRequest("Back"), Token)).Refused(404, ProblemTypes.UserNotFound);
        (await directory.SetUserActiveAsync(tenant, "u-1", new SetUserActiveRequest(true, "test"), Token)).Refused(404, ProblemTypes.UserNotFound);
        (await directory.ReplacePasswordAsync(tenant, "u-1", new ReplacePasswordRequest("hash", "test"), Token)).Refused(404, ProblemTypes.UserNotFound);
        (await client.Sessions.CreateAsync(tenant, new CreateSessionRequest("s-1", "u-1", "r-1", Later, 10), Token)).Refused(404, ProblemTypes.UserNotFound);
        (await client.Rooms.PutMemberAsync(tenant, room, "u-1", new PutMemberRequest("u-1"), Token)).Refused(404, ProblemTypes.UserNotFound);
        (await client.Rooms.PutMemberAsync(tenant, room, "u-1", new PutMemberRequest("admin"), Token)).Refused(404, ProblemTypes.UserNotFound);
        (await client.Rooms.CreateAsync(tenant, new CreateRoomRequest("r-1", "R", RoomVisibilities.Public, "u-1"), Token)).Refused(404, ProblemTypes.UserNotFound);
        (await client.Files.ReserveAsync(tenant, new Contracts.Files.ReserveFileRequest("f-1", "u-1", "f", "text/plain", 1, 60), Token)).Refused(404, ProblemTypes.UserNotFound);
        (await directory.RemoveUserAsync(tenant, "nobody", new RemoveUserRequest("test"), Token)).Refused(404, ProblemTypes.UserNotFound);
    }

    [Fact]
    public async Task RoomsPassToTheModeratorElseTheMemberOfLongest_ElseToTheFirstAdmin()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var client = app.Client;
        var tenant = await client.TenantAsync(Token);
        (await client.Directory.CreateUserAsync(tenant, Seed.NewUser("admin-2", TenantRoles.Admin), Token)).Ok();
        foreach (var user in new[] { "leaver", "old", "mod", "away", "co" })
        {
            await client.UserAsync(tenant, user, Token);
        }

        await MakeAsync("a-shared", ("old", RoomRoles.Member), ("co", RoomRoles.Owner));
        await MakeAsync("b-moderated", ("old", RoomRoles.Member), ("away", RoomRoles.Moderator), ("mod", RoomRoles.Moderator));
        await MakeAsync("c-plain", ("away", RoomRoles.Member), ("old", RoomRoles.Member), ("co", RoomRoles.Member));
        await MakeAsync("d-owner-away", ("away", RoomRoles.Owner), ("old", RoomRoles.Member));
        await MakeAsync("e-all-away", ("away", RoomRoles.Moderator));
        await MakeAsync("f-alone");
        (await client.Rooms.CreateAsync(tenant, new CreateRoomRequest("g-guest", "G", RoomVisibilities.Public, "old"), Token)).Ok();
        (await client.Rooms.PutMemberAsync(tenant, "g-guest", "leaver", new PutMemberRequest("leaver"), Token)).Ok();
        await client.AppendAsync(tenant, "f-alone", "leaver", "m-1", "a note", Token);
        (await client.Directory.SetUserActiveAsync(tenant, "away", new SetUserActiveRequest(false, "test"), Token)).Ok();

        var removed = await RemoveAsync(client, tenant, "leaver");

        LeftRoom[] expected =
        [
            new("a-shared"),
            new("b-moderated", "mod"),
            new("c-plain", "old"),
            new("d-owner-away", "old"),
            new("e-all-away", "admin", HeirJoined: true),
            new("f-alone", "admin", HeirJoined: true),
            new("g-guest"),
        ];
        Assert.Equal(expected, removed.Rooms);
        foreach (var (room, heir, _) in removed.Rooms)
        {
            var members = (await client.Rooms.ListMembersAsync(tenant, room, null, 10, Token)).Ok().Items;
            Assert.Equal(members.Count, (await client.Rooms.GetAsync(tenant, room, Token)).Ok().Members);
            Assert.DoesNotContain(members, static member => member.UserId == "leaver");
            Assert.True(heir is null || members.Single(member => member.UserId == heir).Role == RoomRoles.Owner, $"{room}: {heir}");
        }

        // As for every new member: nothing is unread.
        Assert.Equal(1, (await client.Rooms.GetMemberAsync(tenant, "f-alone", "admin", Token)).Ok().ReadSeq);

        async Task MakeAsync(string room, params (string User, string Role)[] members)
        {
            (await client.Rooms.CreateAsync(tenant, new CreateRoomRequest(room, room, RoomVisibilities.Public, "leaver"), Token)).Ok();
            foreach (var (user, role) in members)
            {
                (await client.Rooms.PutMemberAsync(tenant, room, user, new PutMemberRequest("leaver", role), Token)).Ok();
            }
        }
    }

    [Fact]
    public async Task UserOfMoreRoomsThanATransactionLeaves_IsRemovedInRounds_AndIsThereUntilTheLast()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await app.Client.UserAsync(tenant, "u-1", Token);
        await database.ExecuteAsync(
            $"""
            INSERT INTO rooms (tenant_id, id, visibility, created_by, name, member_count) SELECT '{tenant}', 'r' || n, 'private', 'u-1', 'R', 1 FROM generate_series(1001, 1501) n;
            INSERT INTO members (tenant_id, room_id, user_id, role) SELECT '{tenant}', 'r' || n, 'u-1', 'owner' FROM generate_series(1001, 1501) n;
            """,
            Token);

        var first = await RemoveAsync(app.Client, tenant, "u-1");
        Assert.Equal((true, 500, 0), (first.More, first.Rooms.Count, first.Revoked.Count));
        (await app.Client.Directory.GetCredentialAsync(tenant, "u-1", Token)).Ok();

        var second = await RemoveAsync(app.Client, tenant, "u-1");
        Assert.Equal((false, "r1501"), (second.More, second.Rooms.Single().Room));
        (await app.Client.Directory.GetCredentialAsync(tenant, "u-1", Token)).Refused(404, ProblemTypes.UserNotFound);
        Assert.Equal(501, await database.ReadAsync<long>($"SELECT count(*) FROM members WHERE tenant_id = '{tenant}' AND user_id = 'admin' AND role = 'owner'", Token));
    }

    [Fact]
    public async Task LastAdminWhoMaySignIn_IsNeitherRemovedNorDeactivated()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var (client, directory) = (app.Client, app.Client.Directory);
        var tenant = await client.TenantAsync(Token);
        (await directory.RemoveUserAsync(tenant, "admin", new RemoveUserRequest("test"), Token)).Refused(409, ProblemTypes.LastAdmin);
        (await directory.SetUserActiveAsync(tenant, "admin", new SetUserActiveRequest(false, "test"), Token)).Refused(409, ProblemTypes.LastAdmin);

        (await directory.CreateUserAsync(tenant, Seed.NewUser("admin-2", TenantRoles.Admin), Token)).Ok();
        (await directory.SetUserActiveAsync(tenant, "admin-2", new SetUserActiveRequest(false, "test"), Token)).Ok();
        (await directory.RemoveUserAsync(tenant, "admin", new RemoveUserRequest("test"), Token)).Refused(409, ProblemTypes.LastAdmin);
        (await directory.SetUserActiveAsync(tenant, "admin-2", new SetUserActiveRequest(true, "test"), Token)).Ok();
        await RemoveAsync(client, tenant, "admin");
        (await directory.RemoveUserAsync(tenant, "admin-2", new RemoveUserRequest("test"), Token)).Refused(409, ProblemTypes.LastAdmin);
    }

    [Fact]
    public async Task EndedSessionsAreHeardOf_UntilNoTokenOfTheirsCanLive_AndThenForgotten()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, ("Dbman:Housekeeping:KeepSessions", "00:00:00"));
        var tenant = await app.Client.TenantAsync(Token);
        await app.Client.UserAsync(tenant, "u-1", Token);
        await SessionAsync(app.Client, tenant, "s-1", "browser");
        await RemoveAsync(app.Client, tenant, "u-1");

        await app.Get<global::Dbman.Housekeeping.Housekeeper>().RunOnceAsync(Token);
        Assert.Contains((await app.Client.Sessions.ListRevokedAsync(null, TimeSpan.FromHours(1), Token)).Ok().Sessions, static session => session.Id == "s-1");

        await database.ExecuteAsync("UPDATE sessions SET expires_at = expires_at - interval '1 day'", Token);
        await app.Get<global::Dbman.Housekeeping.Housekeeper>().RunOnceAsync(Token);
        Assert.Equal(0, await database.ReadAsync<long>("SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM refresh_tokens)", Token));
    }

    private static async Task<RemoveUserResponse> RemoveAsync(DbmanClient client, string tenant, string user) =>
        (await client.Directory.RemoveUserAsync(tenant, user, new RemoveUserRequest("removed"), Token)).Ok();

    private static async Task<string> SessionAsync(DbmanClient client, string tenant, string id, string userAgent) =>
        (await client.Sessions.CreateAsync(tenant, new CreateSessionRequest(id, "u-1", "token of " + id, Later, 10, userAgent, userAgent), Token)).Ok().Id;

    /// <summary>Tables any of whose rows holds any of the words, in whatever column.</summary>
    private static async Task<List<string>> TablesWithAsync(TestDatabase database, params string[] words)
    {
        var names = await database.ReadAsync<string[]>(
            "SELECT array_agg(c.relname::text ORDER BY c.relname) FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace", Token);
        List<string> found = [];
        foreach (var name in names)
        {
            var pattern = string.Join('|', words);
            var rows = await database.ReadAsync<long>(string.Create(CultureInfo.InvariantCulture, $"""SELECT count(*) FROM "{name}" r WHERE r::text ~* '{pattern}'"""), Token);
            if (rows > 0)
            {
                found.Add(name);
            }
        }

        return found;
    }
}
