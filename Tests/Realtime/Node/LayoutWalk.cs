using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Channels;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime.Node;

/// <summary>Two nodes on a real broker, with the real agent, and a walk through all layouts under load.</summary>
internal sealed class LayoutWalk : IAsyncDisposable
{
    public const string Hot = "hot";

    private static readonly string[] Rooms = [Hot, "calm", "quiet"];

    /// <summary>Of the nodes: a publish to both sides counts only if it took less than half of it, however busy the machine is.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private readonly ForwardTime _time = new();
    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly MemoryPlane _plane = new();
    private readonly List<RealtimeNode> _nodes = [];

    private LayoutWalk()
    {
    }

    public string Tenant { get; } = "t" + Ids.New(TimeProvider.System);

    public IReadOnlyList<RealtimeNode> Nodes => _nodes;

    /// <summary>Back and forth through all stages, then from 4 shards to 16 and to 2, and home.</summary>
    private IEnumerable<LayoutState> Walk
    {
        get
        {
            LayoutState Of(string stage, string step = LayoutSteps.None, int shards = 4, int? next = null) => new(
                stage, step, shards, next, ShardKeys.Message, stage == LayoutStages.Canary ? new CanaryRule([], [$"{Tenant}/hot"], 300) : null);
            LayoutState[] up =
            [
                Of(LayoutStages.Shadow), Of(LayoutStages.Canary), Of(LayoutStages.Cutover, LayoutSteps.Listen), Of(LayoutStages.Cutover), Of(LayoutStages.Sharded),
            ];
            LayoutState[] down = [.. up.Reverse().Skip(1), Of(LayoutStages.Legacy)];
            return
            [
                .. up,
                .. down,
                .. up,
                Of(LayoutStages.Sharded, LayoutSteps.Widen, 4, 16), Of(LayoutStages.Sharded, LayoutSteps.Listen, 4, 16), Of(LayoutStages.Sharded, shards: 16),
                Of(LayoutStages.Sharded, LayoutSteps.Widen, 16, 2), Of(LayoutStages.Sharded, LayoutSteps.Listen, 16, 2), Of(LayoutStages.Sharded, shards: 2),
                Of(LayoutStages.Cutover, shards: 2), Of(LayoutStages.Cutover, LayoutSteps.Listen, 2), Of(LayoutStages.Canary, shards: 2), Of(LayoutStages.Shadow, shards: 2),
                Of(LayoutStages.Legacy),
            ];
        }
    }

    private static Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Channels:Overlap"] = $"{Overlap:c}",
        ["ControlPlane:Heartbeat"] = "00:00:00.100",
        ["ControlPlane:Lease"] = $"{Overlap * 2:c}",

        // Sockets stay where the clock is put forward.
        ["Sockets:PingInterval"] = "00:10:00",
        ["Sockets:IdleTimeout"] = "01:00:00",
        ["Sockets:MessageTimeout"] = "00:10:00",
        ["Sockets:FramesPerSecond"] = "5000",
        ["Sockets:FramesBurst"] = "5000",
    };

    public static async Task<LayoutWalk> StartAsync(string redis, params (string Name, string Value)[] settings)
    {
        var walk = new LayoutWalk();
        var all = Settings;
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        for (var i = 0; i < 2; i++)
        {
            walk._nodes.Add(await RealtimeNode.StartAsync(redis, walk._rooms, walk._issuer, all, walk._plane, services => services.AddSingleton<TimeProvider>(walk._time)));
        }

        return walk;
    }

    public async Task RunAsync()
    {
        await using var load = await LayoutLoad.StartAsync(_nodes, _rooms, [.. Rooms.Select(room => new RoomKey(Tenant, room))]);
        var before = LayoutRules.Initial;
        foreach (var next in Walk)
        {
            Assert.True(LayoutRules.AreCompatible(before, next), $"{before} to {next}");
            await Eventually.ClearAsync(() => _plane.TryChange(new LayoutScope(Tenant), next));
            await Eventually.ClearAsync(_plane.Late);

            // Channels that are no longer needed are left under load, too.
            _time.Forward(Overlap);
            await load.SendMoreAsync(300);
            Assert.All(_nodes, node => Assert.Equal(LayoutRules.RoutesOf(next).CanaryListen != LayoutRules.Legacy, ListensToShards(node)));
            before = next;
        }

        TestContext.Current.SendDiagnosticMessage(await load.FinishAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        _issuer.Dispose();
    }

    /// <summary>Whether the hot room, which is among the canaries, is heard over shards: a walk that changed nothing would prove nothing.</summary>
    private bool ListensToShards(RealtimeNode node) =>
        node.Get<ChannelLayouts>().Listening.RoutesOf(new RoomKey(Tenant, Hot)).Listen != LayoutRules.Legacy
        && node.Get<RedisRoomChannels>().Counts.Any(static count => count.Key.Layout == "sharded" && count.Value > 0);
}
