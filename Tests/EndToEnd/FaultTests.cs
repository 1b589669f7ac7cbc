using System.Net;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Contracts;
using Npgsql;
using Tests.Infrastructure;

namespace Tests.EndToEnd;

/// <summary>
/// Processes die while messages flow: posts are acknowledged or refused clearly, and every subscriber sees each acknowledged message once and in
/// order.
/// </summary>
[Collection(SystemCollection.Name)]
public sealed class FaultTests(RunningSystem system) : IAsyncLifetime
{
    /// <summary>A test that failed halfway must not fail those that come after it.</summary>
    public async ValueTask InitializeAsync()
    {
        using var deadline = new Deadline();
        await system.ReviveAllAsync(deadline.Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task NothingIsLost_WhenARealtimeReplicaIsKilled()
    {
        using var deadline = new Deadline();
        await using var room = await BusyRoom.OpenAsync(system, "node-loss", readers: 6, deadline.Token);

        await room.PostWhileAsync(2_000, at: 500, async () =>
        {
            var victim = system.Processes(ServiceNames.Realtime).First().Value;
            await system.KillAsync(ServiceNames.Realtime, victim, deadline.Token);
        }, deadline.Token);

        await system.ReviveAsync(ServiceNames.Realtime, deadline.Token);
    }

    [Fact]
    public async Task NothingIsLost_WhenRedisIsStoppedAndStarted()
    {
        using var deadline = new Deadline();
        await using var room = await BusyRoom.OpenAsync(system, "redis-loss", readers: 4, deadline.Token);

        await room.PostWhileAsync(1_500, at: 300, async () =>
        {
            await system.CommandAsync(ServiceNames.Redis, KnownResourceCommands.StopCommand, deadline.Token);
            await room.AcknowledgedAsync(900, deadline.Token);
            await system.CommandAsync(ServiceNames.Redis, KnownResourceCommands.StartCommand, deadline.Token);
        }, deadline.Token);

        await system.HealthyAsync(deadline.Token);
    }

    [Fact]
    public async Task DbmanIsLiveButNotReadyAndRecovers_WhenPostgresIsStoppedAndStarted()
    {
        using var deadline = new Deadline();
        await using var room = await BusyRoom.OpenAsync(system, "pg-loss", readers: 4, deadline.Token);
        using var dbman = new HttpClient { BaseAddress = system.Address(ServiceNames.Dbman) };

        await room.PostWhileAsync(1_500, at: 300, async () =>
        {
            await system.CommandAsync("postgres", KnownResourceCommands.StopCommand, deadline.Token);
            await UntilAsync(dbman, "/health/ready", HttpStatusCode.ServiceUnavailable, deadline.Token);
            Assert.Equal(HttpStatusCode.OK, (await dbman.GetAsync("/health/live", deadline.Token)).StatusCode);
            var refused = await room.Owner.Messages.GetAfterAsync(room.Name, 0, cancellationToken: deadline.Token);
            Assert.Equal(503, refused.Problem?.Status);
            Assert.NotNull(refused.Problem?.RetryAfter);
            await system.CommandAsync("postgres", KnownResourceCommands.StartCommand, deadline.Token);
            await UntilAsync(dbman, "/health/ready", HttpStatusCode.OK, deadline.Token);
        }, deadline.Token);

        await system.HealthyAsync(deadline.Token);
    }

    [Fact]
    public async Task NothingIsLost_WhenADbmanReplicaIsKilled()
    {
        using var deadline = new Deadline();
        await using var room = await BusyRoom.OpenAsync(system, "dbman-loss", readers: 2, deadline.Token);

        await room.PostWhileAsync(1_500, at: 300, async () =>
        {
            var victim = system.Processes(ServiceNames.Dbman).First().Value;
            await system.KillAsync(ServiceNames.Dbman, victim, deadline.Token);
        }, deadline.Token);

        await system.ReviveAsync(ServiceNames.Dbman, deadline.Token);
    }

    /// <summary>
    /// Realtime is away, so that what is committed cannot be published; then every chat process is killed with the unpublished messages in its memory. What remains is relayed_seq behind last_seq.
    /// </summary>
    [Fact]
    public async Task MessagesArePublishedByTheSweeper_WhenChatDiesBetweenCommitAndPublish()
    {
        using var deadline = new Deadline();
        await using var room = await BusyRoom.OpenAsync(system, "relay-loss", readers: 2, deadline.Token);
        await room.PostWhileAsync(100, at: 50, () => Task.CompletedTask, deadline.Token);

        await system.CommandAsync(ServiceNames.Realtime, KnownResourceCommands.StopCommand, deadline.Token);
        await room.PostAsync(50, deadline.Token);
        foreach (var pid in system.Processes(ServiceNames.Chat).Values)
        {
            await system.KillAsync(ServiceNames.Chat, pid, deadline.Token);
        }

        Assert.True(await RelayLagAsync(room, deadline.Token) > 0, "The crash left nothing unpublished: the test proves nothing.");
        await system.ReviveAsync(ServiceNames.Realtime, deadline.Token);
        await system.ReviveAsync(ServiceNames.Chat, deadline.Token);

        await room.ReadAllAsync(deadline.Token);
        await Eventually.ClearByAsync(
            deadline.Token,
            async () => await RelayLagAsync(room, deadline.Token) is var lag and > 0 ? $"{lag} messages are unpublished" : null);
    }

    private async Task<long> RelayLagAsync(BusyRoom room, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(await system.App.GetConnectionStringAsync(ServiceNames.Database, cancellationToken));
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT last_seq - relayed_seq FROM rooms JOIN room_relays ON room_relays.tenant_id = rooms.tenant_id AND room_id = id WHERE rooms.tenant_id = $1 AND id = $2";
        command.Parameters.Add(new NpgsqlParameter { Value = room.Owner.SignedIn!.Tenant });
        command.Parameters.Add(new NpgsqlParameter { Value = room.Name });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static Task UntilAsync(HttpClient http, string path, HttpStatusCode status, CancellationToken cancellationToken) => Eventually.ClearByAsync(
        cancellationToken,
        async () =>
        {
            using var response = await http.GetAsync(path, cancellationToken);
            return response.StatusCode == status ? null : $"{path} is {response.StatusCode} instead of {status}";
        });
}
