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
    internal async Task WaitForRelayedAsync(string tenant, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        var last = new List<RelayPosition>();
        try
        {
            while ((last = await UnrelayedAsync(tenant)).Count > 0)
            {
                await tick.WaitForNextTickAsync(either.Token);
            }
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"Still not relayed: {string.Join(", ", last)}", exception);
        }
    }

    /// <summary>Rooms of the tenant that a sweeper would find, without any grace.</summary>
    internal async Task<List<RelayPosition>> UnrelayedAsync(string tenant)
    {
        var claimed = (await Store.Messages.ClaimUnrelayedAsync(new ClaimUnrelayedRequest("test", 0, 1, 200), Token)).Ok();
        return [.. claimed.Positions.Where(position => position.Tenant == tenant)];
    }
}
