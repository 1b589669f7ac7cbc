using Contracts;
using Contracts.Frames;
using Contracts.Layouts;
using Contracts.Messages;
using Contracts.Publish;
using Realtime.Channels;
using Realtime.Counting;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime.Channels;

/// <summary>A slot moves to another master while its channel is listened to.</summary>
public sealed class ClusterSlotTests : IAsyncLifetime
{
    private static readonly LayoutState Shadow = new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);

    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly MemoryPlane _plane = new();
    private readonly RoomKey _room = new("t" + Ids.New(TimeProvider.System), "lobby");
    private int _told;
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

        await _cluster.MoveSlotAsync(ChannelNames.Message(_room, 0), TestContext.Current.CancellationToken);
        await _cluster.MoveSlotAsync(ChannelNames.Signal(_room), TestContext.Current.CancellationToken);

        await PublishAsync(40);
        Assert.Equal(Enumerable.Range(41, 40).Select(static seq => (long)seq), await MessagesAsync(ann, 40));

        // Received, and not only repaired: rounds repeat until one needs no repair.
        var telemetry = _node.Get<RealtimeTelemetry>();
        await Eventually.ClearAsync(async () =>
        {
            var repaired = telemetry.Retransmitted.Value;
            await PublishAsync(40);
            await MessagesAsync(ann, 40);
            return _told == 0 ? "no subscriber was notified that signals may be missing" : telemetry.Retransmitted.Value == repaired ? null : $"{telemetry.Retransmitted.Value - repaired} of 40 messages had to be fetched";
        });
    }

    /// <summary>The seqs of the next messages; a notice of an interruption may come in between.</summary>
    private async Task<List<long>> MessagesAsync(TestSocket socket, int count)
    {
        var seqs = new List<long>(count);
        while (seqs.Count < count)
        {
            var frame = await socket.NextAsync();
            if (frame is { Type: FrameTypes.System, Event: SystemEvents.StreamInterrupted })
            {
                _told++;
                continue;
            }

            Assert.Equal(FrameTypes.Message, frame.Type);
            seqs.Add(frame.Seq!.Value);
        }

        return seqs;
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
}
