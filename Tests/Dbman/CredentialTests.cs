using Contracts;
using Contracts.Sessions;
using Contracts.Users;
using Npgsql;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class CredentialTests(DataServers servers)
{
    private static readonly LoginThrottle Throttle = new("address:one", LockAfter: 3, LockSeconds: 10, MaxLockSeconds: 25);
    private static readonly LoginAttemptRequest Failure = new(Succeeded: false, [Throttle]);
    private static readonly LoginAttemptRequest Success = Failure with { Succeeded = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CredentialIsFoundByNameInAnyCase_AndOnlyInItsTenant()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var (tenant, other) = (await app.Client.TenantAsync(Token), await app.Client.TenantAsync(Token));
        await app.Client.UserAsync(tenant, "Bob", Token);

        var credential = (await app.Client.Directory.GetCredentialAsync(tenant, "bOB", Token)).Ok();

        Assert.Equal(("Bob", "hash of Bob", CredentialRecord.FirstGeneration), (credential.User.Username, credential.PasswordHash, credential.Generation));
        (await app.Client.Directory.GetCredentialAsync(other, "Bob", Token)).Refused(404, ProblemTypes.UserNotFound);
        (await app.Client.Directory.GetCredentialAsync(Seed.Id("t"), "Bob", Token)).Refused(404, ProblemTypes.UserNotFound);
        (await app.Client.Directory.CreateUserAsync(tenant, Seed.NewUser("bob2", TenantRoles.Member) with { Username = "BOB" }, Token))
            .Refused(409, ProblemTypes.UsernameTaken);
        (await app.Client.Directory.CreateUserAsync(tenant, Seed.NewUser("Bob", TenantRoles.Member) with { Username = "x" }, Token))
            .Refused(409, ProblemTypes.Conflict);
        (await app.Client.Directory.CreateUserAsync(Seed.Id("t"), Seed.NewUser("x", TenantRoles.Member), Token))
            .Refused(404, ProblemTypes.TenantNotFound);
    }

    [Fact]
    public async Task PasswordHashIsRenewed_WhenTheExpectedOneIsStored()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        var before = (await app.Client.Directory.GetCredentialAsync(tenant, "admin", Token)).Ok();

        (await app.Client.Directory.RenewPasswordHashAsync(tenant, "admin", new RenewPasswordHashRequest("other", "guess"), Token))
            .Refused(409, ProblemTypes.CredentialChanged);
        (await app.Client.Directory.RenewPasswordHashAsync(tenant, "admin", new RenewPasswordHashRequest("stronger", before.PasswordHash), Token)).Ok();

        // The same password: what was checked before is as good as what is checked now.
        Assert.Equal(before with { PasswordHash = "stronger" }, (await app.Client.Directory.GetCredentialAsync(tenant, "admin", Token)).Ok());
        (await app.Client.Directory.RenewPasswordHashAsync(tenant, "nobody", new RenewPasswordHashRequest("x", "y"), Token)).Refused(404, ProblemTypes.UserNotFound);
    }

    [Fact]
    public async Task ChangeEndsSessions_AndWhatWasCheckedBeforeBeginsNone()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        var before = (await app.Client.Directory.GetCredentialAsync(tenant, "admin", Token)).Ok();
        await StartAsync("kept", before.Generation);
        await StartAsync("other", before.Generation);

        var change = new ReplacePasswordRequest("next", "password-changed", before.Generation, "kept");
        Assert.Equal(["other"], (await app.Client.Directory.ReplacePasswordAsync(tenant, "admin", change, Token)).Ok().Revoked);

        var after = (await app.Client.Directory.GetCredentialAsync(tenant, "admin", Token)).Ok();
        Assert.Equal(("next", before.Generation + 1), (after.PasswordHash, after.Generation));
        (await CreateAsync("late", before.Generation)).Refused(409, ProblemTypes.CredentialChanged);
        (await app.Client.Directory.ReplacePasswordAsync(tenant, "admin", change with { PasswordHash = "late" }, Token)).Refused(409, ProblemTypes.CredentialChanged);
        (await app.Client.Directory.ReplacePasswordAsync(tenant, "admin", change with { Generation = after.Generation, KeepSession = "other" }, Token))
            .Refused(404, ProblemTypes.SessionNotFound);
        (await app.Client.Directory.ReplacePasswordAsync(tenant, "nobody", change, Token)).Refused(404, ProblemTypes.UserNotFound);
        Assert.Equal("next", (await app.Client.Directory.GetCredentialAsync(tenant, "admin", Token)).Ok().PasswordHash);

        // Without a session to keep and whatever was checked: all end.
        Assert.Equal(["kept"], (await app.Client.Directory.ReplacePasswordAsync(tenant, "admin", new ReplacePasswordRequest("reset", "reset"), Token)).Ok().Revoked);
        await StartAsync("new", after.Generation + 1);

        Task<Contracts.Results.ServiceResult<SessionRecord>> CreateAsync(string id, long? generation) => app.Client.Sessions.CreateAsync(
            tenant, new CreateSessionRequest(id, "admin", "hash-" + id, TimeProvider.System.GetUtcNow().AddHours(1), 10, Generation: generation), Token);

        async Task StartAsync(string id, long? generation) => (await CreateAsync(id, generation)).Ok();
    }

    [Fact]
    public async Task NoSessionOfTheOldPasswordIsLeft_WhenManyBeginWhileItChanges()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        var generation = (await one.Client.Directory.GetCredentialAsync(tenant, "admin", Token)).Ok().Generation;

        var starts = Enumerable.Range(0, 24).Select(index => (index % 2 == 0 ? one : two).Client.Sessions.CreateAsync(
            tenant, new CreateSessionRequest($"s{index}", "admin", $"h{index}", TimeProvider.System.GetUtcNow().AddHours(1), 100, Generation: generation), Token)).ToList();
        (await two.Client.Directory.ReplacePasswordAsync(tenant, "admin", new ReplacePasswordRequest("next", "changed", generation), Token)).Ok();
        await Task.WhenAll(starts);

        Assert.Empty((await one.Client.Sessions.ListAsync(tenant, "admin", null, 100, Token)).Ok().Items);
    }

    [Fact]
    public async Task EveryGuessCounts_WhenManyFailAtOnceThroughTwoReplicas()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        var patient = Failure with { Throttles = [Throttle with { LockAfter = 1_000 }, new LoginThrottle("", 1_000, 10, 25)] };

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async index =>
            (await (index % 2 == 0 ? one : two).Client.Directory.RecordLoginAttemptAsync(tenant, "admin", patient, Token)).Ok()));

        var count = (await one.Client.Directory.GetLoginAttemptsAsync(tenant, "ADMIN", ["address:one"], Token)).Ok();
        Assert.Equal((40, null), (count.FailedAttempts, count.LockedUntil));
    }

    [Fact]
    public async Task SourceIsLockedOutLongerEachTime_AndNothingChangesWhileItIs()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        Task<LoginAttemptResponse> Record(LoginAttemptRequest attempt) => RecordAsync(app, tenant, attempt);

        Assert.Null((await Record(Failure)).LockedUntil);
        Assert.Null((await Record(Failure)).LockedUntil);
        var locked = await Record(Failure);
        Assert.Equal(3, locked.FailedAttempts);
        Assert.InRange(locked.LockedForSeconds!.Value, 5, 10);

        var during = await Record(Failure);
        Assert.Equal((3, locked.LockedUntil), (during.FailedAttempts, during.LockedUntil));
        Assert.Equal(locked.LockedUntil, (await Record(Success)).LockedUntil);
        Assert.Equal(locked.LockedUntil, (await app.Client.Directory.GetLoginAttemptsAsync(tenant, "admin", ["", "address:one"], Token)).Ok().LockedUntil);

        // Nobody else is.
        Assert.Equal(new LoginAttemptResponse(0), (await app.Client.Directory.GetLoginAttemptsAsync(tenant, "admin", ["", "address:two"], Token)).Ok());

        await EndLocksAsync(database);
        Assert.InRange((await Record(Failure)).LockedForSeconds!.Value, 15, 20);
        await EndLocksAsync(database);
        Assert.InRange((await Record(Failure)).LockedForSeconds!.Value, 20, 25);

        await EndLocksAsync(database);
        Assert.Equal(new LoginAttemptResponse(0), await Record(Success));
        Assert.Equal(1, (await Record(Failure)).FailedAttempts);
    }

    [Fact]
    public async Task NamesThatNobodyBearsAreCounted_ButNotInTenantsThatDoNotExist()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);

        var count = (await app.Client.Directory.RecordLoginAttemptAsync(tenant, "no one", Failure with { Throttles = [Throttle with { LockAfter = 1 }] }, Token)).Ok();

        Assert.NotNull(count.LockedUntil);
        Assert.Equal(
            new LoginAttemptResponse(0, TenantExists: false), (await app.Client.Directory.GetLoginAttemptsAsync(Seed.Id("t"), "no one", [""], Token)).Ok());
        (await app.Client.Directory.RecordLoginAttemptAsync(Seed.Id("t"), "x", Failure, Token)).Refused(404, ProblemTypes.TenantNotFound);
    }

    [Fact]
    public async Task SourcesAreCountedTogether_AndTheStrictestLocks()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        for (var i = 0; i < 4; i++)
        {
            Assert.Null((await RecordAsync(app, tenant, From($"address:{i}", all: 5))).LockedUntil);
        }

        Assert.NotNull((await RecordAsync(app, tenant, From("address:4", all: 5))).LockedUntil);
        Assert.NotNull((await app.Client.Directory.GetLoginAttemptsAsync(tenant, "admin", ["address:9", ""], Token)).Ok().LockedForSeconds);
        Assert.Null((await app.Client.Directory.GetLoginAttemptsAsync(tenant, "admin", ["device:d"], Token)).Ok().LockedForSeconds);

        // A success of one source forgets the failures of that one.
        await EndLocksAsync(database);
        await RecordAsync(app, tenant, new LoginAttemptRequest(Succeeded: true, [Throttle with { Source = "address:0" }]));
        Assert.Equal(0, (await app.Client.Directory.GetLoginAttemptsAsync(tenant, "admin", ["address:0"], Token)).Ok().FailedAttempts);
        Assert.Equal(5, (await app.Client.Directory.GetLoginAttemptsAsync(tenant, "admin", [""], Token)).Ok().FailedAttempts);

        static LoginAttemptRequest From(string source, int all) => new(
            Succeeded: false, [new LoginThrottle(source, 3, 10, 25), new LoginThrottle("", all, 10, 25)]);
    }

    [Fact]
    public async Task CountBeginsAgain_WhenItsWindowIsOver()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        var windowed = Failure with { Throttles = [Throttle with { WindowSeconds = 3_600 }] };
        await RecordAsync(app, tenant, windowed);
        Assert.Equal(2, (await RecordAsync(app, tenant, windowed)).FailedAttempts);
        await using (var source = NpgsqlDataSource.Create(database.ConnectionString))
        await using (var command = source.CreateCommand("UPDATE login_throttles SET counted_since = counted_since - interval '3601 seconds'"))
        {
            await command.ExecuteNonQueryAsync(Token);
        }

        Assert.Equal(1, (await RecordAsync(app, tenant, windowed)).FailedAttempts);
        Assert.Equal(2, (await RecordAsync(app, tenant, windowed)).FailedAttempts);
    }

    [Fact]
    public async Task AttemptsAreRefused_WithoutSourcesOrWithTooMany()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        var many = Enumerable.Range(0, 9).Select(static index => Throttle with { Source = $"{index}" }).ToArray();
        foreach (var throttles in (LoginThrottle[][])[[], many, [Throttle, Throttle], [Throttle with { Source = new string('x', 129) }], [Throttle with { LockAfter = 0 }]])
        {
            (await app.Client.Directory.RecordLoginAttemptAsync(tenant, "admin", new LoginAttemptRequest(false, throttles), Token))
                .Refused(400, ProblemTypes.InvalidRequest);
        }

        (await app.Client.Directory.GetLoginAttemptsAsync(tenant, "admin", [], Token)).Refused(400, ProblemTypes.InvalidRequest);
    }

    private static async Task<LoginAttemptResponse> RecordAsync(DbmanApp app, string tenant, LoginAttemptRequest attempt) =>
        (await app.Client.Directory.RecordLoginAttemptAsync(tenant, "admin", attempt, Token)).Ok();

    /// <summary>The lock runs by the database's clock; instead of waiting for it, the test moves the lock.</summary>
    private static async Task EndLocksAsync(TestDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("UPDATE login_throttles SET locked_until = now() - interval '1 second'");
        await command.ExecuteNonQueryAsync(Token);
    }
}
