using System.Net.Http.Json;
using System.Text.Json;
using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Sessions;
using Contracts.Tenants;
using Contracts.Users;
using Layouts.Admin;
using Layouts.Driving;
using Layouts.Steps;
using Npgsql;
using Realtime.Node;
using Tests.Dbman;
using Tests.Infrastructure;
using Tests.Realtime;
using Tests.ServiceDefaults;

namespace Tests.Layouts.Driving;

/// <summary>Nodes with their drivers, over a real dbman on PostgreSQL and a real Redis.</summary>
internal sealed class DriverRig : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly string _redis;
    private readonly TestIssuer _issuer = new();
    private readonly List<(RealtimeNode Node, PlaneWire Wire)> _nodes = [];

    private DriverRig(TestDatabase database, DbmanApp dbman, string redis)
    {
        _database = database;
        _redis = redis;
        Dbman = dbman;
    }

    public DbmanApp Dbman { get; }

    /// <summary>Connection string of dbman's database.</summary>
    public string Database => _database.ConnectionString;

    public MemoryRooms Rooms { get; } = new();

    public LayoutScope Scope { get; } = new("t" + Ids.New(TimeProvider.System));

    public IReadOnlyList<RealtimeNode> Nodes => [.. _nodes.Select(static node => node.Node)];

    public LayoutsClient Plane => Dbman.Client.Layouts;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<DriverRig> StartAsync(DataServers servers, int nodes = 2, params (string Name, string Value)[] settings) =>
        await StartAsync(servers, await servers.GetRedisConnectionStringAsync(Token), nodes, settings);

    /// <summary>dbman with these settings, and no node yet.</summary>
    public static async Task<DriverRig> StartDbmanAsync(DataServers servers, params IEnumerable<(string Name, string Value)> dbman)
    {
        var database = await servers.CreateDatabaseAsync(Token);
        return new DriverRig(database, await DbmanApp.StartAsync(database, Token, dbman), await servers.GetRedisConnectionStringAsync(Token));
    }

    /// <summary>The same with another connection to Redis.</summary>
    public static async Task<DriverRig> StartAsync(DataServers servers, string redis, int nodes, params (string Name, string Value)[] settings)
    {
        var database = await servers.CreateDatabaseAsync(Token);
        var rig = new DriverRig(database, await DbmanApp.StartAsync(database, Token), redis);
        for (var i = 0; i < nodes; i++)
        {
            await rig.AddAsync(settings);
        }

        return rig;
    }

    public async Task<(RealtimeNode Node, PlaneWire Wire)> AddAsync(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {

            // A publish to both sides counts only if it took less than half of it, however busy the machine is.
            ["Channels:Overlap"] = "00:01:00",
            ["ControlPlane:Heartbeat"] = "00:00:00.200",
            ["Driver:Interval"] = "00:00:00.200",
            ["Driver:FirstLook"] = "00:00:00.050",
            ["Sockets:FramesPerSecond"] = "5000",
            ["Sockets:FramesBurst"] = "5000",
            ["Operators:Tenant"] = "operators",
            ["Console:Enabled"] = "false",
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        var wire = new PlaneWire();
        var node = (await RealtimeNode.StartAsync(_redis, Rooms, _issuer, Dbman.Address, wire, all), wire);
        _nodes.Add(node);

        // A node begins to serve after a while without a lease, too; clients that came before its first lease are sent away with it.
        await Eventually.ClearAsync(() => node.Item1.Get<NodeAgent>().Problem);
        return node;
    }

    public PlaneWire WireOf(RealtimeNode node) => _nodes.Single(known => known.Node == node).Wire;

    /// <summary>An operator's live session, and its token for a node.</summary>
    public async Task<(string User, string Token)> OperatorAsync(RealtimeNode node)
    {
        var id = Seed.Id("olga");
        (await Dbman.Client.Directory.CreateTenantAsync(
            new CreateTenantRequest("operators", "Operators", true, 0, Seed.NewUser(id, TenantRoles.Admin)), Token)).Ok();
        (await Dbman.Client.Sessions.CreateAsync(
            "operators", new CreateSessionRequest("s1", id, Seed.Id("hash"), TimeProvider.System.GetUtcNow().AddHours(1), 10), Token)).Ok();
        return (id, node.Token("operators", id, "s1", role: TenantRoles.Admin));
    }

    /// <summary>Ends a node without notice to dbman, as a crash does, so long ago that all its leases have expired.</summary>
    public async Task KillAsync(RealtimeNode node)
    {
        var known = _nodes.Single(candidate => candidate.Node == node);
        known.Wire.Cut();
        _nodes.Remove(known);
        var name = node.Get<NodeAgent>().Node;
        await node.DisposeAsync();

        // Short leases would expire by themselves, also those of a node that is alive and slow.
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(
            "UPDATE layout_nodes SET lease_until = 'epoch' WHERE node_id = @node; UPDATE layout_driver SET lease_until = 'epoch' WHERE holder = @node", connection);
        command.Parameters.AddWithValue("node", name);
        Assert.True(await command.ExecuteNonQueryAsync(Token) > 0);
    }

    /// <summary>The node that drives.</summary>
    public async Task<RealtimeNode> DriverAsync()
    {
        RealtimeNode? found = null;
        await Eventually.ClearAsync(() =>
        {
            found = Nodes.FirstOrDefault(static node => node.Get<LayoutDriver>().IsDriving);
            return found is null ? "nobody drives" : null;
        });
        return found!;
    }

    /// <summary>Sets a goal as an operator does.</summary>
    public async Task<LayoutPlan> AskAsync<T>(HttpMethod method, string route, T body, RealtimeNode? by = null)
    {
        using var request = new HttpRequestMessage(method, route) { Content = JsonContent.Create(body, options: JsonSerializerOptions.Web) };
        using var response = await (by ?? _nodes[0].Node).Http.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {text}");
        return JsonSerializer.Deserialize(text, AdminJsonContext.Default.LayoutPlan)!;
    }

    public Task<LayoutPlan> GoAsync(string stage, int? shards = null) =>
        AskAsync(HttpMethod.Put, AdminRoutes.Goal, new GoalRequest(Scope.ToString(), stage, shards, Canary: stage == LayoutStages.Canary ? new CanaryRequest(PerMille: 300) : null));

    public Task<LayoutPlan> RollBackAsync(string? to = null) => AskAsync(HttpMethod.Post, AdminRoutes.Rollback, new RollbackRequest(Scope.ToString(), to));

    public Task<LayoutPlan> ReshardAsync(int shards) => AskAsync(HttpMethod.Post, AdminRoutes.Reshard, new ReshardRequest(Scope.ToString(), shards));

    public Task<LayoutPlan> FlyAsync(bool dryRun = false) => AskAsync(HttpMethod.Put, AdminRoutes.Autopilot, new AutopilotRequest(Scope.ToString(), DryRun: dryRun));

    /// <summary>The state of the scope's autopilot, as any node reports it; null: it is not on.</summary>
    public async Task<AutopilotRow?> AutopilotAsync(RealtimeNode? of = null)
    {
        using var response = await (of ?? _nodes[0].Node).Http.GetAsync(new Uri($"{AdminRoutes.Autopilot}?scope={Scope}", UriKind.Relative), Token);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        return (await response.Content.ReadFromJsonAsync(AdminJsonContext.Default.AutopilotsView, Token))!.Scopes.SingleOrDefault();
    }

    public async Task<LayoutStatus> StatusAsync(RealtimeNode? of = null)
    {
        using var response = await (of ?? _nodes[0].Node).Http.GetAsync(new Uri($"{AdminRoutes.Layouts}?scope={Scope}", UriKind.Relative), Token);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        return (await response.Content.ReadFromJsonAsync(AdminJsonContext.Default.LayoutStatus, Token))!;
    }

    /// <summary>Waits until the scope's goal is gone, and checks that every node has applied what it is then.</summary>
    public async Task ArrivedAsync(string name)
    {
        await Eventually.ClearAsync(async () =>
        {
            var status = await StatusAsync();
            var scope = status.Scopes.Single();
            return scope.Goal is null && scope.Name == name ? null : $"{scope.Name}; goal {scope.Goal?.Name}, waits for {string.Join("; ", scope.Goal?.WaitsFor ?? [])}";
        });
        var revision = (await StatusAsync()).Revision;
        Assert.All(Nodes, node => Assert.Equal(revision, node.Get<NodeAgent>().Applied));
    }

    /// <summary>Every record of the scope in words, oldest first.</summary>
    public async Task<string[]> HistoryAsync()
    {
        var page = await Plane.GetHistoryAsync(null, Limits.Page, Token);
        return [.. page.Value.Items.Where(record => record.Scope == Scope).Reverse().Select(static record => StepText.Name(record.State))];
    }

    /// <summary>Every decision about the scope, oldest first.</summary>
    public async Task<LayoutDecision[]> DecisionsAsync()
    {
        var page = await Plane.GetDecisionsAsync(null, Limits.Page, Token);
        return [.. page.Value.Items.Where(decision => decision.Scope == Scope || decision.Scope == LayoutScope.All).Reverse()];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (node, _) in _nodes)
        {
            await node.DisposeAsync();
        }

        await Dbman.DisposeAsync();
        await _database.DisposeAsync();
        _issuer.Dispose();
    }
}
