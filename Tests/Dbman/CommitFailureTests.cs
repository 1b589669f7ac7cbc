using Contracts;
using Contracts.Messages;
using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>A fault of one item, one room or one caller affects no others.</summary>
public sealed class CommitFailureTests(DataServers servers)
{
    private static readonly (string Name, string Value)[] OneLane = [("Dbman:Commit:Lanes", "1")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ItemFailsAlone_WhenPostgresRefusesIt()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, OneLane);
        var tenant = await app.Client.TenantAsync(Token);
        var room = await app.Client.RoomAsync(tenant, Token);
        await database.ExecuteAsync("ALTER TABLE messages ADD CHECK (body <> 'poison')", Token);

        var items = Enumerable.Range(0, 50).Select(index => new AppendItem(tenant, room, $"m{index}", "admin", index is 7 or 33 ? "poison" : "text"));
        var outcomes = (await app.Client.Messages.AppendAsync(new AppendRequest([.. items]), Token)).Ok().Outcomes;

        Assert.All(new[] { 7, 33 }, index => Assert.Equal(ProblemTypes.InternalError, outcomes[index].Problem!.Type));
        Assert.Equal(
            Enumerable.Range(1, 48).Select(static seq => (long)seq),
            outcomes.Where(static outcome => outcome.Message is not null).Select(static outcome => outcome.Message!.Seq));
        Assert.Equal(48, (await app.Client.Messages.GetAfterAsync(tenant, room, 0, 100, Token)).Ok().LastSeq);
    }

    [Fact]
    public async Task OtherRoomsAreStored_WhenOneRoomStaysLocked()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token, [.. OneLane, ("Dbman:Database:LockTimeout", "00:00:00.200")]);
        var tenant = await app.Client.TenantAsync(Token);
        var stuck = await app.Client.RoomAsync(tenant, Token);
        var free = await app.Client.RoomAsync(tenant, Token);
        var both = new AppendRequest([new AppendItem(tenant, stuck, "m", "admin", "stuck"), new AppendItem(tenant, free, "m", "admin", "free")]);

        await using (await database.HoldAsync($"SELECT FROM rooms WHERE id = '{stuck}' FOR UPDATE", Token))
        {
            var refused = (await app.Client.Messages.AppendAsync(both, Token)).Refused(503, ProblemTypes.DatabaseTimeout);
            Assert.NotNull(refused.RetryAfter);
        }

        Assert.Equal(0, (await app.Client.Messages.GetAfterAsync(tenant, stuck, 0, 10, Token)).Ok().LastSeq);
        Assert.Equal(1, (await app.Client.Messages.GetAfterAsync(tenant, free, 0, 10, Token)).Ok().LastSeq);
        var outcomes = (await app.Client.Messages.AppendAsync(both, Token)).Ok().Outcomes;
        Assert.Equal([(1L, false), (1L, true)], outcomes.Select(static outcome => (outcome.Message!.Seq, outcome.Duplicate)));
    }

    [Fact]
    public async Task CallIsRefusedAtOnce_WhenTheQueueIsFull()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(
            database,
            Token,
            [
                .. OneLane,
                ("Dbman:Commit:LaneQueue", "256"),
                ("Dbman:Commit:MaxBatch", "256"),
                ("Dbman:Commit:MaxWait", "00:01:00"),
                ("Dbman:Database:StatementTimeout", "00:01:00"),
                ("Dbman:Database:LockTimeout", "00:00:59"),
            ]);
        var tenant = await app.Client.TenantAsync(Token);
        var room = await app.Client.RoomAsync(tenant, Token);
        Task<Contracts.Results.ServiceResult<AppendResponse>> inFlight;
        Task<Contracts.Results.ServiceResult<AppendResponse>> waiting;
        await using (await database.HoldAsync($"SELECT FROM rooms WHERE id = '{room}' FOR UPDATE", Token))
        {
            inFlight = Append("a", 256);
            await database.WaitForBlockedAsync(1, Token);
            waiting = Append("b", 255);
            await Sql.EventuallyAsync(() => Task.FromResult((Waiting() == 255, $"{Waiting()} wait")), Token);

            var refused = (await Append("c", 2)).Refused(503, ProblemTypes.Overloaded);
            Assert.True(refused.RetryAfter > TimeSpan.Zero);
            Assert.Equal(255, Waiting());
        }

        Assert.Equal(256, (await inFlight).Ok().Outcomes.Count);
        Assert.Equal(Enumerable.Range(257, 255).Select(static seq => (long)seq), (await waiting).Ok().Outcomes.Select(static outcome => outcome.Message!.Seq));
        (await Append("c", 2)).Ok();

        int Waiting() => app.Get<global::Dbman.Messages.Commit.GroupCommit>().Waiting;

        Task<Contracts.Results.ServiceResult<AppendResponse>> Append(string prefix, int count) =>
            app.Client.Messages.AppendAsync(
                new AppendRequest([.. Enumerable.Range(0, count).Select(index => new AppendItem(tenant, room, $"{prefix}{index}", "admin", "text"))]), Token);
    }

    [Fact]
    public async Task OthersAreStored_WhenSomeCallersGoAway()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(
            database, Token, [.. OneLane, ("Dbman:Database:StatementTimeout", "00:01:00"), ("Dbman:Database:LockTimeout", "00:00:59")]);
        var tenant = await app.Client.TenantAsync(Token);
        var room = await app.Client.RoomAsync(tenant, Token);
        var commit = app.Get<global::Dbman.Messages.Commit.GroupCommit>();
        using var leaves = new CancellationTokenSource();
        Task<Contracts.Results.ServiceResult<AppendResponse>> inFlight;
        Task<Contracts.Results.ServiceResult<AppendResponse>> waits;
        Task<Contracts.Results.ServiceResult<AppendResponse>> stays;
        await using (await database.HoldAsync($"SELECT FROM rooms WHERE id = '{room}' FOR UPDATE", Token))
        {
            inFlight = Append("in-flight", leaves.Token);
            await database.WaitForBlockedAsync(1, Token);
            waits = Append("waits", leaves.Token);
            stays = Append("stays", Token);
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inFlight);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        }

        // The one in flight was stored without an answer; the one that waited was not.
        Assert.Equal(2, (await stays).Ok().Outcomes.Single().Message!.Seq);
        var history = (await app.Client.Messages.GetAfterAsync(tenant, room, 0, 10, Token)).Ok();
        Assert.Equal([(1L, "in-flight"), (2L, "stays")], history.Messages.Select(static message => (message.Seq, message.Id)));

        Task<Contracts.Results.ServiceResult<AppendResponse>> Append(string id, CancellationToken cancellationToken) =>
            commit.AppendAsync([new AppendItem(tenant, room, id, "admin", "text")], new AppendOutcome?[1], cancellationToken);
    }

    [Fact]
    public async Task ReplicaLeavesNoLock_WhenItIsDisposedInTheMiddle()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var stays = await DbmanApp.StartAsync(database, Token);
        var goes = await DbmanApp.StartAsync(database, Token);
        var tenant = await stays.Client.TenantAsync(Token);
        var room = await stays.Client.RoomAsync(tenant, Token);
        var senders = Enumerable.Range(0, 8).Select(sender => SendAsync(goes, stays, sender)).ToArray();
        await Sql.EventuallyAsync(
            async () => ((await stays.Client.Messages.GetAfterAsync(tenant, room, 0, 1, Token)).Ok().LastSeq > 20, "few messages"), Token);

        await goes.DisposeAsync();

        var seqs = (await Task.WhenAll(senders)).SelectMany(static seq => seq).Order();
        Assert.Equal(Enumerable.Range(1, 8 * 50).Select(static seq => (long)seq), seqs);

        async Task<List<long>> SendAsync(DbmanApp first, DbmanApp second, int sender)
        {
            var app = first;
            var own = new List<long>();
            for (var index = 0; index < 50; index++)
            {
                var request = new AppendRequest([new AppendItem(tenant, room, $"{sender}-{index}", "admin", "text")]);
                Contracts.Results.ServiceResult<AppendResponse> result;
                while (!(result = await TryAsync(app, request)).IsSuccess)
                {
                    Assert.Equal(503, result.Problem.Status);
                    app = second;
                }

                own.Add(result.Value.Outcomes.Single().Message!.Seq);
            }

            return own;
        }

        static async Task<Contracts.Results.ServiceResult<AppendResponse>> TryAsync(DbmanApp app, AppendRequest request)
        {
            try
            {
                return await app.Client.Messages.AppendAsync(request, Token);
            }
            catch (ObjectDisposedException exception)
            {
                return new Contracts.Results.ServiceProblem(503, "disposed", exception.Message);
            }
        }
    }
}
