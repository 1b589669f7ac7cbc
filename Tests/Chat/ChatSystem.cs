using Chat.Rooms;
using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Users;
using Tests.Dbman;
using Tests.Infrastructure;

namespace Tests.Chat;

/// <summary>Real PostgreSQL, real Dbman, Chat replicas as a test asks for, and a Realtime that does what the test says. One for all tests of a class; each makes its own tenant.</summary>
public sealed class ChatSystem(DataServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;

    internal DbmanApp Dbman { get; private set; } = null!;

    internal ScriptedRealtime Realtime { get; private set; } = null!;

    /// <summary>The replica for tests that need no other.</summary>
    internal RunningService<RoomEvents> Chat { get; private set; } = null!;

    internal DbmanClient Store => Dbman.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync(Token);
        Dbman = await DbmanApp.StartAsync(_database, Token);
        Realtime = await ScriptedRealtime.StartAsync(Token);
        Chat = StartChat(Realtime);
    }

    public async ValueTask DisposeAsync()
    {
        await Chat.DisposeAsync();
        await Realtime.DisposeAsync();
        await Dbman.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>One more replica. Its sweeper sleeps unless the settings wake it.</summary>
    internal RunningService<RoomEvents> StartChat(ScriptedRealtime realtime, params IEnumerable<(string Key, string Value)> settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["services:dbman:http:0"] = Dbman.Address.ToString(),
            ["services:realtime:http:0"] = realtime.Address.ToString(),
            ["Sweeper:Interval"] = "00:10:00",
            ["ServiceClients:realtime:MaxRetries"] = "0",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return RunningService<RoomEvents>.Start(all);
    }

    /// <summary>A tenant with its admin <c>admin</c> and these users, as callers of a replica.</summary>
    internal async Task<TestTenant> CreateTenantAsync(params string[] users) => await CreateTenantAsync(Chat, users);

    internal async Task<TestTenant> CreateTenantAsync(RunningService<RoomEvents> chat, params string[] users)
    {
        var tenant = await Store.TenantAsync(Token);
        foreach (var user in users)
        {
            await Store.UserAsync(tenant, user, Token);
        }

        return new TestTenant(tenant, user => new Caller(chat.Address, tenant, user, user == "admin" ? TenantRoles.Admin : TenantRoles.Member));
    }

    /// <summary>Waits until every position of the tenant has caught up.</summary>
    internal Task WaitForRelayedAsync(string tenant) => Eventually.ClearAsync(async () =>
        await UnrelayedAsync(tenant) is { Count: > 0 } behind ? $"not relayed: {string.Join(", ", behind)}" : null);

    /// <summary>
    /// The position of the tenant's room r, when it is behind. Read by a report that changes nothing (it lies beyond the last message), since a claim
    /// skips rooms that a sweeper holds.
    /// </summary>
    internal async Task<List<RelayPosition>> UnrelayedAsync(string tenant)
    {
        const long Beyond = long.MaxValue - 2;
        var asked = (await Store.Messages.MarkRelayedAsync(new MarkRelayedRequest([new RelayedRange(tenant, "r", Beyond, Beyond)]), Token)).Ok();
        return [.. asked.Positions.Where(static position => position.RelayedSeq < position.LastSeq)];
    }
}
