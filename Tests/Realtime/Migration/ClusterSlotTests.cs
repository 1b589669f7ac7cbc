using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Realtime;
using Realtime.Channels;
using StackExchange.Redis;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime.Migration;

/// <summary>A slot moves to another master while its channel is listened to.</summary>
public sealed class ClusterSlotTests : IAsyncLifetime
{
    private static readonly LayoutState Shadow = new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);

    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly MemoryPlane _plane = new();
    private readonly RoomKey _room = new("t" + Ids.New(TimeProvider.System), "lobby");
    private RedisCluster _cluster = null!;
    private RealtimeNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await RedisCluster.StartAsync(TestContext.Current.CancellationToken);
        _node = await RealtimeNode.StartAsync(
            _cluster.ConnectionString,
            _rooms,
            _issuer,
            new(StringComparer.Ordinal) { ["Channels:Cluster"] = "true", ["ControlPlane:Heartbeat"] = "00:00:00.100", ["Fanout:TailCheckInterval"] = "00:00:01" },
            _plane);
        _rooms.Create(_room, "ann");
        LayoutState[] walk =
        [
            Shadow,
            Shadow with { Stage = LayoutStages.Canary, Canary = new CanaryRule([], [], 1_000) },
            Shadow with { Stage = LayoutStages.Cutover, Step = LayoutSteps.Listen },
            Shadow with { Stage = LayoutStages.Cutover },
        ];
        foreach (var state in walk)
        {
            await Eventually.ClearAsync(() => _plane.TryChange(LayoutScope.All, state));
        }

        await Eventually.ClearAsync(_plane.Late);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _cluster.DisposeAsync();
        _issuer.Dispose();
    }

    [Fact]
    public async Task NothingIsMissed_AndTheChannelIsHeardAgainWithoutRepairs_WhenItsSlotMoves()
    {
        await using var ann = await _node.ConnectAsync(_room.Tenant, "ann");
        await ann.SubscribeAsync(_room.Room);
        await PublishAsync(40);
        Assert.Equal(Enumerable.Range(1, 40).Select(static seq => (long)seq), await ann.MessagesAsync(40));

        await MoveSlotAsync(ChannelNames.Message(_room, 0));
        await MoveSlotAsync(ChannelNames.Signal(_room));

        await PublishAsync(40);
        Assert.Equal(Enumerable.Range(41, 40).Select(static seq => (long)seq), await ann.MessagesAsync(40));

        // Heard, and not only found missing: rounds go by until one needs no repair.
        var telemetry = _node.Get<RealtimeTelemetry>();
        await Eventually.ClearAsync(async () =>
        {
            var repaired = telemetry.Retransmitted.Value;
            await PublishAsync(40);
            await ann.MessagesAsync(40);
            return telemetry.Retransmitted.Value == repaired ? null : $"{telemetry.Retransmitted.Value - repaired} of 40 messages had to be fetched";
        });
    }

    private async Task PublishAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var message = _rooms.Append(_room);
            await Eventually.ClearAsync(async () =>
            {
                var result = await _node.Client.PublishAsync(new([message], []), TestContext.Current.CancellationToken);
                return result.TryGet(out _, out var problem) ? null : $"publishing answers {problem.Status} {problem.Type}";
            });
        }
    }

    /// <summary>What an operator's tool does: import, migrate (there are no keys), and tell everybody of the new owner.</summary>
    private async Task MoveSlotAsync(string channel)
    {
        using var admin = await ConnectionMultiplexer.ConnectAsync(_cluster.ConnectionString + ",allowAdmin=true");
        var servers = _cluster.Ports.Select(port => admin.GetServer("127.0.0.1", port)).ToArray();
        var slot = admin.HashSlot(channel);
        var ids = await Task.WhenAll(servers.Select(static async server => (await server.ExecuteAsync("CLUSTER", "MYID")).ToString()));
        var owner = (System.Net.IPEndPoint)admin.GetDatabase().IdentifyEndpoint(channel)!;
        var from = Array.FindIndex([.. _cluster.Ports], port => port == owner.Port);
        var to = (from + 1) % servers.Length;
        await servers[to].ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[from]);
        await servers[from].ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to]);
        foreach (var server in (IServer[])[servers[to], servers[from], .. servers])
        {
            await server.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", ids[to]);
        }
    }
}
