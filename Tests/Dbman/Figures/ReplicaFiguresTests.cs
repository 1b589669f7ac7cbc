using Contracts;
using Contracts.Replicas;
using Dbman.Figures;
using Dbman.Housekeeping;
using Dbman.Postgres;
using Dbman.Requests;
using Tests.Infrastructure;

namespace Tests.Dbman.Figures;

/// <summary>What replicas of dbman report, on a real PostgreSQL.</summary>
public sealed class ReplicaFiguresTests(DataServers servers)
{
    private static readonly (string, string) Quick = ("Dbman:Figures:Report", "00:00:00.100");
    private static readonly (string, string) Never = ("Dbman:Figures:Report", "00:01:00");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryReplicaIsListed_WithWhatItsCallersGot_AndLeavesInOrder()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token, Quick);
        await using (var two = await DbmanApp.StartAsync(database, Token, Quick))
        {
            var tenant = await one.Client.TenantAsync(Token);
            for (var i = 0; i < 20; i++)
            {
                (await two.Client.Directory.GetTenantAsync(tenant, Token)).Ok();
            }

            // Either answers for both.
            var figures = await EventuallyAsync(one, two.Get<FiguresSource>().Replica, static view => view.Figures.Duration.Counts.Sum() >= 20);
            Assert.Equal((0, 0, 0), (figures.Failed, figures.Refused, figures.Timeouts));
            Assert.Equal((100, 20), (figures.ReportMilliseconds, figures.Pool.Max));
            Assert.True(figures.Pool.Idle >= 1, $"{figures.Pool}");
            Assert.True(figures.UptimeMilliseconds > 0);
            await EventuallyAsync(two, one.Get<FiguresSource>().Replica, static view => view.Figures.Duration.Counts.Sum() >= 1);
        }

        Assert.Equal([one.Get<FiguresSource>().Replica], await ListedAsync(one));
    }

    [Fact]
    public async Task ProbesAndScrapesAreNoRequests()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, Never);
        foreach (var path in (string[])["/health/live", "/health/ready", "/metrics", "/nothing"])
        {
            using var response = await app.Http.GetAsync(new Uri(path, UriKind.Relative), Token);
        }

        // Measured after they were answered, in turn: when this one is counted, those before it would be.
        (await app.Client.Directory.GetTenantAsync("t", Token)).Refused(404, ProblemTypes.TenantNotFound);
        await Eventually.ClearAsync(() => app.Get<FiguresSource>().Read().Duration.Counts.Sum() is not 1 and var count ? $"{count} are counted" : null);
    }

    [Fact]
    public async Task DeadReplicaIsNeitherListedNorKept_OnceItsTimeIsOver()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, Quick);
        var live = app.Get<FiguresSource>().Replica;
        await EventuallyAsync(app, live, static _ => true);

        // One that died a minute ago is shown as it was last; unknown members are of a newer version.
        await LeaveBehindAsync(database, live, "lately", "1 minute");
        await LeaveBehindAsync(database, live, "long-ago", "11 minutes");

        Assert.Equal([live, "lately"], await ListedAsync(app));
        var dead = (await app.Client.Replicas.ListAsync(Token)).Ok().Replicas.Single(static view => view.Replica == "lately");
        Assert.InRange(dead.SeenMilliseconds, 60_000, 600_000);

        var removed = await app.Get<Housekeeper>().RunOnceAsync(Token);
        Assert.Equal(1, removed.Replicas);
        Assert.Equal(2, await database.ReadAsync<long>("SELECT count(*) FROM dbman_replicas", Token));
    }

    [Fact]
    public async Task ReportIsDroppedAndCounted_WhileRequestsWait_ButNotEachOfThem()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(
            database, Token, Never, ("Dbman:Concurrency:Requests", "1"), ("Dbman:Database:StatementTimeout", "00:01:00"), ("Dbman:Database:LockTimeout", "00:00:59"));
        var reporter = app.Get<FiguresReporter>();
        var before = app.Get<FiguresTelemetry>().Unreported;
        Task<Contracts.Results.ServiceResult<Contracts.Tenants.TenantRecord>>[] calls;
        await using (await database.HoldAsync("LOCK TABLE tenants IN ACCESS EXCLUSIVE MODE", Token))
        {
            calls = [app.Client.Directory.GetTenantAsync("t", Token), app.Client.Directory.GetTenantAsync("t", Token)];
            await Eventually.ClearAsync(() => app.Get<RequestGate>().Waiting == 1 ? null : "nobody waits");
            for (var i = 0; i < FiguresReporter.MostDropped; i++)
            {
                await reporter.ReportAsync(Token);
            }

            Assert.Equal(before + FiguresReporter.MostDropped, app.Get<FiguresTelemetry>().Unreported);
            Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM dbman_replicas", Token));

            // The load is what operators want to see.
            await reporter.ReportAsync(Token);
            Assert.Equal(
                (1, before + FiguresReporter.MostDropped),
                (await database.ReadAsync<int>("SELECT (figures->'pool'->>'waiting')::int FROM dbman_replicas", Token), app.Get<FiguresTelemetry>().Unreported));
            await reporter.ReportAsync(Token);
            Assert.Equal(before + FiguresReporter.MostDropped + 1, app.Get<FiguresTelemetry>().Unreported);
        }

        foreach (var call in calls)
        {
            (await call).Refused(404, ProblemTypes.TenantNotFound);
        }
    }

    [Fact]
    public async Task ReportWaitsForNoConnection_AndHousekeepingForItsTurn()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, Never);
        var before = app.Get<FiguresTelemetry>().Unreported;
        var turn = await app.Get<OwnConnection>().EnterAsync(Token);

        await app.Get<FiguresReporter>().ReportAsync(Token);
        Assert.Equal(before + 1, app.Get<FiguresTelemetry>().Unreported);
        var round = app.Get<Housekeeper>().RunOnceAsync(Token);
        Assert.False(round.IsCompleted);

        turn.Dispose();
        await round;
        await app.Get<FiguresReporter>().ReportAsync(Token);
        Assert.Equal([app.Get<FiguresSource>().Replica], await ListedAsync(app));
    }

    [Fact]
    public async Task ReportThatPostgresqlDoesNotTakeIsCounted_AndTheNextOneIsTaken()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, Never, ("Dbman:Database:LockTimeout", "00:00:00.100"));
        var before = app.Get<FiguresTelemetry>().Unreported;
        await using (await database.HoldAsync("LOCK TABLE dbman_replicas IN ACCESS EXCLUSIVE MODE", Token))
        {
            await app.Get<FiguresReporter>().ReportAsync(Token);
            Assert.Equal(before + 1, app.Get<FiguresTelemetry>().Unreported);
            await app.Client.TenantAsync(Token);
        }

        await app.Get<FiguresReporter>().ReportAsync(Token);
        Assert.Equal(before + 1, (await app.Client.Replicas.ListAsync(Token)).Ok().Replicas.Single().Figures.Unreported);
    }

    [Fact]
    public async Task RefusedAndLateRequestsAreCounted_AmongThoseThatFailed()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(
            database, Token, Never, ("Dbman:Concurrency:Requests", "1"), ("Dbman:Concurrency:Queue", "0"), ("Dbman:Database:LockTimeout", "00:00:01"));
        await using (await database.HoldAsync("LOCK TABLE tenants IN ACCESS EXCLUSIVE MODE", Token))
        {
            var late = app.Client.Directory.GetTenantAsync("t", Token);
            await database.WaitForBlockedAsync(1, Token);
            (await app.Client.Directory.GetTenantAsync("t", Token)).Refused(503, ProblemTypes.Overloaded);
            (await late).Refused(503, ProblemTypes.DatabaseTimeout);
        }

        await Eventually.ClearAsync(() =>
        {
            var figures = app.Get<FiguresSource>().Read();
            return (figures.Failed, figures.Refused, figures.Timeouts, figures.Duration.Counts.Sum()) is (2, 1, 1, 2) ? null : figures.ToString();
        });
    }

    private static async Task<string[]> ListedAsync(DbmanApp app) => [.. (await app.Client.Replicas.ListAsync(Token)).Ok().Replicas.Select(static view => view.Replica)];

    private static async Task<ReplicaFigures> EventuallyAsync(DbmanApp asked, string replica, Func<ReplicaView, bool> holds)
    {
        ReplicaView? found = null;
        await Eventually.ClearAsync(async () =>
        {
            var listed = (await asked.Client.Replicas.ListAsync(Token)).Ok().Replicas;
            found = listed.FirstOrDefault(view => view.Replica == replica && holds(view));
            return found is null ? string.Join("; ", listed) : null;
        });
        return found!.Figures;
    }

    private static Task LeaveBehindAsync(TestDatabase database, string live, string dead, string age) => database.ExecuteAsync(
        $$$"""INSERT INTO dbman_replicas SELECT '{{{dead}}}', now() - interval '{{{age}}}', version, figures || '{"later": {"a": 1}}' FROM dbman_replicas WHERE replica_id = '{{{live}}}'""", Token);
}
