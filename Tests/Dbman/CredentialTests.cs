using Contracts;
using Contracts.Users;
using Npgsql;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class CredentialTests(DataServers servers)
{
    private static readonly LoginAttemptRequest Failure = new(false, LockAfter: 3, LockSeconds: 10, MaxLockSeconds: 25);
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

        Assert.Equal(("Bob", "hash of Bob", 0, null), (credential.User.Username, credential.PasswordHash, credential.FailedAttempts, credential.LockedUntil));
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
    public async Task PasswordHashIsReplaced_WhenSet()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);

        (await app.Client.Directory.SetPasswordHashAsync(tenant, "admin", new SetPasswordHashRequest("stronger"), Token)).Ok();

        Assert.Equal("stronger", (await app.Client.Directory.GetCredentialAsync(tenant, "admin", Token)).Ok().PasswordHash);
        (await app.Client.Directory.SetPasswordHashAsync(tenant, "nobody", new SetPasswordHashRequest("x"), Token)).Refused(404, ProblemTypes.UserNotFound);
    }

    [Fact]
    public async Task EveryGuessCounts_WhenManyFailAtOnceThroughTwoReplicas()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        var patient = Failure with { LockAfter = 1_000 };

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async index =>
            (await (index % 2 == 0 ? one : two).Client.Directory.RecordLoginAttemptAsync(tenant, "admin", patient, Token)).Ok()));

        var count = (await one.Client.Directory.GetLoginAttemptsAsync(tenant, "ADMIN", Token)).Ok();
        Assert.Equal((40, null), (count.FailedAttempts, count.LockedUntil));
    }

    [Fact]
    public async Task NameLocksLongerEachTime_AndNothingChangesWhileLocked()
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
        Assert.Equal(locked.LockedUntil, (await app.Client.Directory.GetCredentialAsync(tenant, "admin", Token)).Ok().LockedUntil);

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

        var count = (await app.Client.Directory.RecordLoginAttemptAsync(tenant, "no one", Failure with { LockAfter = 1 }, Token)).Ok();

        Assert.NotNull(count.LockedUntil);
        Assert.Equal(new LoginAttemptResponse(0), (await app.Client.Directory.GetLoginAttemptsAsync(Seed.Id("t"), "no one", Token)).Ok());
        (await app.Client.Directory.RecordLoginAttemptAsync(Seed.Id("t"), "x", Failure, Token)).Refused(404, ProblemTypes.TenantNotFound);
    }

    private static async Task<LoginAttemptResponse> RecordAsync(DbmanApp app, string tenant, LoginAttemptRequest attempt) =>
        (await app.Client.Directory.RecordLoginAttemptAsync(tenant, "admin", attempt, Token)).Ok();

    /// <summary>The lock runs by the database's clock; instead of waiting for it, the test moves the lock.</summary>
    private static async Task EndLocksAsync(TestDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("UPDATE login_attempts SET locked_until = now() - interval '1 second'");
        await command.ExecuteNonQueryAsync(Token);
    }
}
