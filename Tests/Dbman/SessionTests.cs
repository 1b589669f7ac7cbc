using Contracts;
using Contracts.Sessions;
using Contracts.Users;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class SessionTests(DataServers servers)
{
    private static readonly DateTimeOffset Later = TimeProvider.System.GetUtcNow().AddHours(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TokenRotates_WhenPresentedOnce()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        var session = await CreateAsync(app, tenant, "s1", "r1");

        var rotated = await RotateAsync(app, "r1", "r2");

        Assert.Equal(RotateOutcome.Rotated, rotated.Outcome);
        Assert.Equal(("s1", "admin", tenant), (rotated.Session!.Id, rotated.User!.Id, rotated.User.Tenant));
        Assert.True(rotated.Session.LastUsedAt >= session.LastUsedAt);
        Assert.Equal(RotateOutcome.Rotated, (await RotateAsync(app, "r2", "r3")).Outcome);
        Assert.Equal(new RotateRefreshTokenResponse(RotateOutcome.Unknown), await RotateAsync(app, "never", "x"));
    }

    [Fact]
    public async Task SessionIsRevoked_WhenAnOldTokenIsUsedAgain()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await CreateAsync(app, tenant, "s1", "r1");
        await RotateAsync(app, "r1", "r2");
        await RotateAsync(app, "r2", "r3");

        // Within the grace time, but its successor was used: somebody else holds it.
        var stolen = await RotateAsync(app, "r1", "thief");

        Assert.Equal(RotateOutcome.Reused, stolen.Outcome);
        Assert.NotNull(stolen.Session!.RevokedAt);
        Assert.Equal(RotateOutcome.Revoked, (await RotateAsync(app, "r3", "r4")).Outcome);
        Assert.Equal(RotateOutcome.Unknown, (await RotateAsync(app, "thief", "x")).Outcome);
        Assert.Empty((await app.Client.Sessions.ListAsync(tenant, "admin", null, 10, Token)).Ok().Items);
    }

    [Fact]
    public async Task TokenMayBeRepeatedWithinTheGrace_AndHasTheSameSuccessor()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await CreateAsync(app, tenant, "s1", "r1");
        await RotateAsync(app, "r1", "r2");

        var again = await RotateAsync(app, "r1", "never-stored");
        Assert.Equal((RotateOutcome.Rotated, "sealed r2"), (again.Outcome, again.SealedSuccessor));
        Assert.Equal(RotateOutcome.Unknown, (await RotateAsync(app, "never-stored", "x")).Outcome);
        Assert.Equal(RotateOutcome.Rotated, (await RotateAsync(app, "r2", "r3")).Outcome);

        // A late caller may get r2 again while r3 is unused, and r1 is theft now.
        Assert.Equal("sealed r3", (await RotateAsync(app, "r2", "x")).SealedSuccessor);
        Assert.Equal(RotateOutcome.Reused, (await RotateAsync(app, "r1", "x")).Outcome);
    }

    /// <summary>The exchange kept no successor to hand out again, as earlier versions did.</summary>
    [Fact]
    public async Task RepetitionIsPlainlyInvalid_WhenThereIsNoSuccessorToGiveAgain()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await CreateAsync(app, tenant, "s1", "r1");
        Assert.Equal(RotateOutcome.Rotated, (await app.Client.Sessions.RotateAsync(new RotateRefreshTokenRequest("r1", "r2", 60), Token)).Ok().Outcome);

        var again = await RotateAsync(app, "r1", "never-stored");

        Assert.Equal((RotateOutcome.Superseded, null), (again.Outcome, again.SealedSuccessor));
        Assert.Equal(RotateOutcome.Rotated, (await RotateAsync(app, "r2", "r3")).Outcome);
    }

    [Fact]
    public async Task RepetitionIsReuse_WhenTheGraceIsOver()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await CreateAsync(app, tenant, "s1", "r1");
        await RotateAsync(app, "r1", "r2");

        Assert.Equal(RotateOutcome.Reused, (await RotateAsync(app, "r1", "r3", grace: 0)).Outcome);
    }

    [Fact]
    public async Task AllHaveOneSuccessor_WhenATokenIsPresentedManyTimesAtOnceWithinTheGrace()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        await CreateAsync(one, tenant, "s1", "r1");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(index => RotateAsync(index % 2 == 0 ? one : two, "r1", $"next-{index}")));

        Assert.All(outcomes, static outcome => Assert.Equal(RotateOutcome.Rotated, outcome.Outcome));
        Assert.Single(outcomes, static outcome => outcome.SealedSuccessor is null);
        Assert.Single(outcomes.Select(static outcome => outcome.SealedSuccessor).OfType<string>().Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task OneOfThemWins_WhenATokenIsPresentedManyTimesAtOnceWithoutGrace()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        await CreateAsync(one, tenant, "s1", "r1");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(index =>
            RotateAsync(index % 2 == 0 ? one : two, "r1", $"next-{index}", grace: 0)));

        Assert.Single(outcomes, static outcome => outcome.Outcome == RotateOutcome.Rotated);
        Assert.Single(outcomes, static outcome => outcome.Outcome == RotateOutcome.Reused);
        Assert.Equal(14, outcomes.Count(static outcome => outcome.Outcome == RotateOutcome.Revoked));
    }

    [Fact]
    public async Task TokenIsExpired_WhenItsSessionHasEnded()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await CreateAsync(app, tenant, "s1", "r1", Later.AddHours(-2));

        Assert.Equal(RotateOutcome.Expired, (await RotateAsync(app, "r1", "r2")).Outcome);
        Assert.Empty((await app.Client.Sessions.ListAsync(tenant, "admin", null, 10, Token)).Ok().Items);
    }

    [Fact]
    public async Task OldestSessionsAreDisplaced_WhenThereAreTooMany()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await CreateAsync(app, tenant, "s1", "r1");
        await CreateAsync(app, tenant, "s2", "r2");

        var third = await CreateAsync(app, tenant, "s3", "r3", max: 2);

        Assert.Equal(["s1"], third.Displaced!);
        var page = (await app.Client.Sessions.ListAsync(tenant, "admin", null, 1, Token)).Ok();
        Assert.Equal(("s2", "s2"), (page.Items.Single().Id, page.Next));
        Assert.Equal(["s3"], (await app.Client.Sessions.ListAsync(tenant, "admin", page.Next, 1, Token)).Ok().Items.Select(static session => session.Id));

        await Task.WhenAll(Enumerable.Range(0, 10).Select(index => CreateAsync(app, tenant, $"p{index}", $"pr{index}", max: 2)));
        Assert.Equal(2, (await app.Client.Sessions.ListAsync(tenant, "admin", null, 100, Token)).Ok().Items.Count);
    }

    [Fact]
    public async Task OnlyTheNamedSessionsEnd_WhenRevoked()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        foreach (var id in new[] { "s1", "s2", "s3" })
        {
            await CreateAsync(app, tenant, id, "r" + id);
        }

        Assert.Equal(["s2"], await RevokeAsync(new RevokeSessionsRequest("logout", "s2")));
        Assert.Empty(await RevokeAsync(new RevokeSessionsRequest("logout", "s2")));
        Assert.Equal(["s1"], await RevokeAsync(new RevokeSessionsRequest("others", Except: "s3")));
        Assert.Equal(["s3"], await RevokeAsync(new RevokeSessionsRequest("all")));
        Assert.Equal(RotateOutcome.Revoked, (await RotateAsync(app, "rs1", "x")).Outcome);
        (await app.Client.Sessions.RevokeAsync(tenant, "nobody", new RevokeSessionsRequest("all"), Token)).Refused(404, ProblemTypes.UserNotFound);

        async Task<IReadOnlyList<string>> RevokeAsync(RevokeSessionsRequest request) =>
            (await app.Client.Sessions.RevokeAsync(tenant, "admin", request, Token)).Ok().Revoked;
    }

    [Fact]
    public async Task EndedSessionsAreListed_HoweverTheyEnded_AndAgainWhileATransactionCouldTake()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var (tenant, other) = (await app.Client.TenantAsync(Token), await app.Client.TenantAsync(Token));
        var before = await ListAsync(since: null);
        Assert.Empty(before.Sessions);
        await CreateAsync(app, tenant, "s1", "r1");
        await CreateAsync(app, tenant, "s2", "r2");
        await CreateAsync(app, tenant, "s3", "r3", max: 2);
        await CreateAsync(app, other, "s4", "r4");
        await RotateAsync(app, "r2", "r2b");
        await RotateAsync(app, "r2", "x", grace: 0);
        (await app.Client.Directory.ReplacePasswordAsync(other, "admin", new ReplacePasswordRequest("new", "changed"), Token)).Ok();
        (await app.Client.Sessions.RevokeAsync(tenant, "admin", new RevokeSessionsRequest("logout", "s3"), Token)).Ok();

        var answer = await ListAsync(before.Next);
        Assert.Equal(
            [(tenant, "admin", "s1"), (tenant, "admin", "s2"), (other, "admin", "s4"), (tenant, "admin", "s3")],
            answer.Sessions.Select(static session => (session.Tenant, session.UserId, session.Id)));
        Assert.False(answer.More);
        Assert.True(answer.Next < answer.Sessions[0].RevokedAt);
        Assert.Equal(answer.Sessions, (await ListAsync(answer.Next)).Sessions);
        Assert.Equal(answer.Sessions, (await ListAsync(since: null)).Sessions);
        Assert.Single((await ListAsync(answer.Sessions[^1].RevokedAt)).Sessions);

        async Task<RevokedSessionsResponse> ListAsync(DateTimeOffset? since) => (await app.Client.Sessions.ListRevokedAsync(since, TimeSpan.FromMinutes(1), Token)).Ok();
    }

    [Fact]
    public async Task EndedSessionsAreListedInPages_WhenThereAreMany()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await using (var source = Npgsql.NpgsqlDataSource.Create(database.ConnectionString))
        await using (var command = source.CreateCommand(
            "INSERT INTO sessions (tenant_id, id, user_id, expires_at, revoked_at) "
            + $"SELECT '{tenant}', 's' || n, 'admin', now() + interval '1 hour', now() - n * interval '10 milliseconds' FROM generate_series(1, 2500) n"))
        {
            await command.ExecuteNonQueryAsync(Token);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pages = 0;
        for (DateTimeOffset? since = null; ; pages++)
        {
            var page = (await app.Client.Sessions.ListRevokedAsync(since, TimeSpan.FromMinutes(1), Token)).Ok();
            seen.UnionWith(page.Sessions.Select(static session => session.Id));
            since = page.Next;
            if (!page.More)
            {
                break;
            }
        }

        Assert.Equal((2_500, 2), (seen.Count, pages));
    }

    [Fact]
    public async Task OneKeyIsAdded_WhenManyReplicasFindThatOneIsDue()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(index =>
            (index % 2 == 0 ? one : two).Client.Sessions.AddKeyAsync(new AddSigningKeyRequest(Key($"k{index}", Later), Later.AddMinutes(-1)), Token)));

        Assert.Single(results, static result => result.IsSuccess);
        Assert.All(results.Where(static result => !result.IsSuccess), static result => result.Refused(409, ProblemTypes.Conflict));
        (await one.Client.Sessions.AddKeyAsync(new AddSigningKeyRequest(Key("newer", Later.AddHours(1)), Later.AddMinutes(1)), Token)).Ok();
        (await one.Client.Sessions.AddKeyAsync(new AddSigningKeyRequest(Key("gone", Later.AddDays(-2)), Later.AddDays(9)), Token)).Ok();
        var keys = (await two.Client.Sessions.ListKeysAsync(Token)).Ok().Keys;
        Assert.Equal(2, keys.Count);
        Assert.Equal("newer", keys[0].Kid);
    }

    [Fact]
    public async Task EndedSessionsAndOldFailuresGo_WhenHousekeepingRuns()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, ("Dbman:Housekeeping:KeepSessions", "00:00:00"), ("Dbman:Housekeeping:Batch", "1"));
        var tenant = await app.Client.TenantAsync(Token);
        await CreateAsync(app, tenant, "ended1", "r1", Later.AddHours(-2));
        await CreateAsync(app, tenant, "ended2", "r2", Later.AddHours(-2));
        await CreateAsync(app, tenant, "live", "r3");

        var removed = await app.Get<global::Dbman.Housekeeping.Housekeeper>().RunOnceAsync(Token);

        Assert.Equal((2, 0), (removed.Sessions, removed.Attempts));
        Assert.Equal(RotateOutcome.Unknown, (await RotateAsync(app, "r1", "x")).Outcome);
        Assert.Equal(RotateOutcome.Rotated, (await RotateAsync(app, "r3", "y")).Outcome);
    }

    private static async Task<SessionRecord> CreateAsync(
        DbmanApp app, string tenant, string id, string hash, DateTimeOffset? expires = null, int max = 10) =>
        (await app.Client.Sessions.CreateAsync(tenant, new CreateSessionRequest(id, "admin", hash, expires ?? Later, max, "agent", "127.0.0.1"), Token)).Ok();

    private static async Task<RotateRefreshTokenResponse> RotateAsync(DbmanApp app, string presented, string next, int grace = 60) =>
        (await app.Client.Sessions.RotateAsync(new RotateRefreshTokenRequest(presented, next, grace, "sealed " + next), Token)).Ok();

    private static SigningKeyRecord Key(string kid, DateTimeOffset signsUntil) =>
        new(kid, "ES256", "{}", "protected", signsUntil.AddHours(-1), signsUntil, signsUntil.AddHours(1));
}
