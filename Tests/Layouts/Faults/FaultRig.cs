using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Messages;
using Layouts.Steps;
using StackExchange.Redis;
using Tests.Dbman;
using Tests.Infrastructure;
using Tests.Realtime;
using Tests.ServiceDefaults;

namespace Tests.Layouts.Faults;

/// <summary>
/// Three nodes with drivers over a real dbman, PostgreSQL and Redis, each behind proxies of its own; one tenant's layouts are changed, another's
/// never.
/// </summary>
internal sealed class FaultRig : IAsyncDisposable
{
    private const int Nodes = 3;

    private readonly TestDatabase _database;
    private readonly DbmanApp _dbman;
    private readonly ConfigurationOptions _redis;
    private readonly TestIssuer _issuer = new();
    private readonly Lock _gate = new();
    private readonly List<FaultNode> _nodes = [];
    private readonly List<Task> _dying = [];

    private FaultRig(TestDatabase database, DbmanApp dbman, ConfigurationOptions redis)
    {
        _database = database;
        _dbman = dbman;
        _redis = redis;
    }

    public const string Reader = "reader";
    public const string Sender = "sender";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Whose layouts change.</summary>
    public LayoutScope Scope { get; private set; }

    /// <summary>The hot one first, the other tenant's last.</summary>
    public IReadOnlyList<RoomKey> Rooms { get; private set; } = [];

    /// <summary>dbman without a proxy.</summary>
    public DbmanApp Dbman => _dbman;

    public LayoutsClient Plane => _dbman.Client.Layouts;

    /// <summary>Called with every call to dbman of every node; the answer decides what happens to the call.</summary>
    public Func<FaultNode, HttpRequestMessage, PlaneWire.Fault?> OnCall { get; set; } = static (_, _) => null;

    /// <summary>Called when a node's call was answered.</summary>
    public Action<FaultNode, HttpRequestMessage> OnAnswered { get; set; } = static (_, _) => { };

    /// <summary>Configuration that differs from the rig's own.</summary>
    public Dictionary<string, string?> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Several servers are one Redis Cluster.</summary>
    private bool IsCluster => _redis.EndPoints.Count > 1;

    public IReadOnlyList<FaultNode> Alive
    {
        get
        {
            lock (_gate)
            {
                return [.. _nodes.Where(static node => !node.IsDead)];
            }
        }
    }

    public static async Task<FaultRig> StartAsync(TestDatabase database, string redis, params (string Name, string Value)[] settings)
    {
        var rig = new FaultRig(database, await DbmanApp.StartAsync(database, Token), ConfigurationOptions.Parse(redis));
        foreach (var (name, value) in settings)
        {
            rig.Settings[name] = value;
        }

        var tenant = await rig.TenantAsync();
        var other = await rig.TenantAsync();
        rig.Scope = new LayoutScope(tenant);
        rig.Rooms = [await rig.RoomAsync(tenant), await rig.RoomAsync(tenant), await rig.RoomAsync(other)];
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(_ => rig.AddAsync()));
        return rig;
    }

    /// <summary>One more node.</summary>
    public async Task AddAsync()
    {
        var dbman = new TcpProxy(_dbman.Address.Host, _dbman.Address.Port);
        var options = _redis.Clone();
        TcpProxy? redis = null;
        if (!IsCluster)
        {
            var (host, port) = _redis.EndPoints[0] is System.Net.DnsEndPoint name ? (name.Host, name.Port) : ("127.0.0.1", ((System.Net.IPEndPoint)_redis.EndPoints[0]).Port);
            redis = new TcpProxy(host, port);
            options.EndPoints.Clear();
            options.EndPoints.Add("127.0.0.1", redis.Port);
        }

        // A lost connection is retried soon, and a command that waits in a stalled proxy fails soon.
        options.ConnectTimeout = 1_000;
        options.AsyncTimeout = 1_000;
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Channels:Overlap"] = "00:00:00.400",
            ["ControlPlane:Heartbeat"] = "00:00:00.100",
            ["ControlPlane:Lease"] = "00:00:01",
            ["ControlPlane:ApplyPatience"] = "00:00:01",
            ["Driver:Interval"] = "00:00:00.100",
            ["Driver:FirstLook"] = "00:00:00.020",
            ["Driver:Lease"] = "00:00:01",
            ["Fanout:TailCheckInterval"] = "00:00:00.500",
            ["Fanout:JoinTimeout"] = "00:00:01",
            ["Fanout:MaxRetryDelay"] = "00:00:00.200",
            ["Sockets:FramesPerSecond"] = "5000",
            ["Sockets:FramesBurst"] = "5000",
        };
        if (IsCluster)
        {
            all["Channels:Cluster"] = "true";
            all["Channels:ClusterLook"] = "00:00:00.500";
        }

        foreach (var (name2, value) in Settings)
        {
            all[name2] = value;
        }

        var plane = new PlaneWire();
        var node = await RealtimeNode.StartAsync(
            options.ToString(includePassword: true), rooms: null, _issuer, new Uri($"http://127.0.0.1:{dbman.Port}"), plane, all);
        var known = new FaultNode(node, redis, dbman, plane);
        plane.Rule = request => OnCall(known, request);
        plane.Answered = request => OnAnswered(known, request);
        lock (_gate)
        {
            _nodes.Add(known);
        }
    }

    /// <summary>A node ends; its process is stopped in the background.</summary>
    public void Kill(FaultNode node)
    {
        node.Die();
        lock (_gate)
        {
            _nodes.Remove(node);

            // Not here: the caller may be one of the node's own calls.
            _dying.Add(Task.Run(async () => await node.DisposeAsync(), Token));
        }
    }

    /// <summary>A node to connect to, as picked by a balancer without health checks.</summary>
    public FaultNode Pick()
    {
        var alive = Alive;
        return alive[Random.Shared.Next(alive.Count)];
    }

    /// <summary>The node of that number among those that are there.</summary>
    public FaultNode Victim(int number)
    {
        var alive = Alive;
        return alive[number % alive.Count];
    }

    public FaultNode? Driver() => Alive.FirstOrDefault(static node => node.Drives);

    /// <summary>Which channels of the other tenant are listened to, as Redis itself has it.</summary>
    public async Task<IReadOnlyList<string>> ChannelsOfAsync(string tenant)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.ToString(includePassword: true) + ",allowAdmin=true");
        var answer = (RedisResult[])(await redis.GetServer(redis.GetEndPoints()[0]).ExecuteAsync("PUBSUB", "CHANNELS", $"tenant:{tenant}:*"))!;
        return [.. answer.Select(static channel => (string)channel!).Order(StringComparer.Ordinal)];
    }

    /// <summary>Null when the scope is what was asked for, no goal is left, and every node that is there has applied it.</summary>
    public async Task<string?> ObstacleAsync(LayoutState target)
    {
        var goals = await Plane.GetGoalsAsync(Token);
        var layouts = await Plane.GetAsync(0, Token);
        var nodes = await Plane.GetNodesAsync(Token);
        if (!goals.IsSuccess || !layouts.IsSuccess || !nodes.IsSuccess)
        {
            return "dbman does not answer";
        }

        var state = layouts.Value.Records.FirstOrDefault(record => record.Scope == Scope)?.State;
        var late = Laggards.Of(nodes.Value);
        return goals.Value.Goals.Count > 0 ? $"the goal is left; layout {StepText.Name(state)}; {Laggards.Describe(late, nodes.Value.Revision)}; driver {Driver()?.Name}"
            : state is null || !LayoutPath.AreSame(state, target) ? $"the layout is {StepText.Name(state)}"
            : late.Count > 0 ? Laggards.Describe(late, nodes.Value.Revision)
            : Alive.FirstOrDefault(node => !node.HasLease) is { } fenced ? $"{fenced.Name} has no lease: loop {fenced.Agent.ExecuteTask?.Status}: {fenced.Agent.Problem}, has applied {fenced.Agent.Applied} of {nodes.Value.Revision}; dbman sees {string.Join(" | ", nodes.Value.Nodes)}"
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Alive)
        {
            Kill(node);
        }

        await Task.WhenAll(_dying);
        await _dbman.DisposeAsync();
        await _database.DisposeAsync();
        _issuer.Dispose();
    }

    private async Task<string> TenantAsync()
    {
        var tenant = await _dbman.Client.TenantAsync(Token);
        await _dbman.Client.UserAsync(tenant, Reader, Token);
        await _dbman.Client.UserAsync(tenant, Sender, Token);
        return tenant;
    }

    private async Task<RoomKey> RoomAsync(string tenant) => new(tenant, await _dbman.Client.RoomAsync(tenant, Token, Reader, Sender));
}
