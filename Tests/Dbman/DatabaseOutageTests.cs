using System.Collections.Concurrent;
using Contracts;
using Contracts.Messages;
using Npgsql;
using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>PostgreSQL goes away and comes back: nothing that was acknowledged is lost, and dbman recovers by itself.</summary>
public sealed class DatabaseOutageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NothingAcknowledgedIsLost_WhenPostgresCrashesAndStopsInBetween()
    {
        const int Senders = 16;
        const int Each = 60;
        await using var servers = await DataServers.StartOwnAsync(Token);
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        var room = await one.Client.RoomAsync(tenant, Token);
        var acknowledged = new ConcurrentDictionary<string, long>();
        var refusals = new ConcurrentBag<string>();
        var senders = Enumerable.Range(0, Senders).Select(SendAsync).ToArray();

        await AcknowledgedAsync(Senders * Each / 4);
        await CrashAsync(database);
        await AcknowledgedAsync(Senders * Each / 2);
        await servers.StopPostgresAsync(Token);
        await Task.WhenAll(one.WaitForUnreadyAsync(Token), two.WaitForUnreadyAsync(Token));
        using (var live = await one.Anonymous.GetAsync(new Uri("/health/live", UriKind.Relative), Token))
        {
            Assert.True(live.IsSuccessStatusCode);
        }

        var away = (await one.Client.Rooms.GetAsync(tenant, room, Token)).Refused(503, ProblemTypes.DatabaseUnavailable);
        Assert.NotNull(away.RetryAfter);
        await servers.StartPostgresAsync(Token);
        await Task.WhenAll(senders);

        var stored = await ReadAllAsync(one, tenant, room);
        Assert.Equal(Enumerable.Range(1, Senders * Each).Select(static seq => (long)seq), stored.Select(static message => message.Seq));
        Assert.Equal(Senders * Each, stored.Select(static message => message.Id).Distinct().Count());
        Assert.All(stored, message => Assert.Equal(message.Seq, acknowledged[message.Id]));
        Assert.NotEmpty(refusals);
        Assert.All(refusals, static type => Assert.Contains(
            type, new[] { ProblemTypes.DatabaseUnavailable, ProblemTypes.DatabaseTimeout, ProblemTypes.Overloaded }));

        async Task SendAsync(int sender)
        {
            var app = sender % 2 == 0 ? one : two;
            for (var index = 0; index < Each; index++)
            {
                var request = new AppendRequest([new AppendItem(tenant, room, $"{sender}-{index}", "admin", $"{sender}/{index}")]);
                while (true)
                {
                    var result = await app.Client.Messages.AppendAsync(request, Token);
                    if (result.TryGet(out var response, out var problem))
                    {
                        acknowledged[$"{sender}-{index}"] = response.Outcomes.Single().Message!.Seq;
                        break;
                    }

                    Assert.Equal(503, problem.Status);
                    Assert.NotNull(problem.RetryAfter);
                    refusals.Add(problem.Type);
                    await app.WaitForReadyAsync(Token);
                }
            }
        }

        Task AcknowledgedAsync(int count) =>
            Sql.EventuallyAsync(() => Task.FromResult((acknowledged.Count >= count, $"{acknowledged.Count} of {count} are acknowledged")), Token);
    }

    [Fact]
    public async Task ReplicaIsLiveAndBecomesReady_WhenPostgresComesUpAfterIt()
    {
        await using var servers = await DataServers.StartOwnAsync(Token);
        await using var database = await servers.CreateDatabaseAsync(Token);
        await servers.StopPostgresAsync(Token);
        await using var app = DbmanApp.StartUnready(database.ConnectionString, ("Dbman:Database:MaxRetryDelay", "00:00:00.500"));

        using (var live = await app.Anonymous.GetAsync(new Uri("/health/live", UriKind.Relative), Token))
        {
            Assert.True(live.IsSuccessStatusCode);
        }

        using (var ready = await app.Anonymous.GetAsync(new Uri("/health/ready", UriKind.Relative), Token))
        {
            Assert.False(ready.IsSuccessStatusCode);
        }

        (await app.Client.Directory.GetTenantAsync("t", Token)).Refused(503, ProblemTypes.DatabaseUnavailable);
        await servers.StartPostgresAsync(Token);
        await app.WaitForReadyAsync(Token);
        (await app.Client.Directory.GetTenantAsync("t", Token)).Refused(404, ProblemTypes.TenantNotFound);
    }

    /// <summary>
    /// The shell's parent is the server process of this connection. Killed, it makes PostgreSQL end all others at once and recover from its log, as after
    /// a loss of power; this works the same in a container.
    /// </summary>
    private static async Task CrashAsync(TestDatabase database) =>
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.ExecuteAsync("COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'", Token));

    private static async Task<List<MessageRecord>> ReadAllAsync(DbmanApp app, string tenant, string room)
    {
        var all = new List<MessageRecord>();
        while (true)
        {
            var page = (await app.Client.Messages.GetAfterAsync(tenant, room, all.Count == 0 ? 0 : all[^1].Seq, Limits.HistoryPage, Token)).Ok();
            all.AddRange(page.Messages);
            if (page.Messages.Count == 0)
            {
                return all;
            }
        }
    }
}
