using Contracts;
using Contracts.Layouts;
using Contracts.Publish;
using Microsoft.Extensions.Hosting;
using Realtime.Channels;
using Tests.Dbman;
using Tests.Infrastructure;
using Tests.Realtime;

namespace Tests.Layouts.Faults;

/// <summary>
/// A Redis Cluster changes under load: masters die, hand over to their replicas, or lose slots, in the middle of migration steps and at rest behind
/// them. No reader loses, duplicates or reorders a message, gets a signal or a system event twice on a connection, or misses one without notice.
/// </summary>
public sealed class ClusterFaultTests(DataServers servers)
{
    /// <summary>So many events between two faults, tried by all senders together.</summary>
    private const int Between = 150;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What happens to the cluster.</summary>
    public enum Change
    {
        MasterDies,
        MasterHandsOver,
        SlotMoves,
    }

    [Theory]
    [InlineData(Change.MasterDies)]
    [InlineData(Change.MasterHandsOver)]
    [InlineData(Change.SlotMoves)]
    public async Task NothingIsLostDoubledOrMisordered_WhenTheClusterChanges_InStepsAndBehindThem(Change change)
    {
        await using var cluster = await RedisCluster.StartAsync(Token, replicas: 1);
        await using var rig = await FaultRig.StartAsync(await servers.CreateDatabaseAsync(Token), cluster.ConnectionString);
        await using var load = new FaultLoad(rig);
        var hot = rig.Rooms[0];
        await ReachAsync(rig, load, LayoutStages.Canary);
        await load.TryMoreAsync(Between);

        // In the step that stops publishing to the legacy channel, and behind it.
        await ReachAsync(rig, load, LayoutStages.Cutover, 2, () => ChangeAsync(cluster, rig, change, ChannelNames.Message(hot, 0)));
        await load.TryMoreAsync(Between);
        await ChangeAtRestAsync(cluster, rig, load, change, ChannelNames.Signal(hot));

        await ReachAsync(rig, load, LayoutStages.Sharded, 1, () => ChangeAsync(cluster, rig, change, ChannelNames.System(hot)));
        await load.TryMoreAsync(Between);
        await ChangeAtRestAsync(cluster, rig, load, change, ChannelNames.Message(hot, 1));

        await ControlIsHeardAsync(rig);

        // A slot of one room's channels must not affect other rooms.
        if (change == Change.SlotMoves)
        {
            Assert.Equal(0, load.ToldAtMost(rig.Rooms[^1]));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(await load.FinishAsync());
    }

    /// <summary>
    /// The silent one: no connection breaks, the old master still has all subscribers when it resumes, and misses what is published meanwhile.
    /// </summary>
    [Fact]
    public async Task NothingIsLostDoubledOrMisordered_WhenAMasterFreezesUntilItsReplicaHasTakenOver()
    {
        await using var cluster = await RedisCluster.StartAsync(Token, replicas: 1);
        await using var rig = await FaultRig.StartAsync(await servers.CreateDatabaseAsync(Token), cluster.ConnectionString);
        await using var load = new FaultLoad(rig);
        var hot = rig.Rooms[0];
        await ReachAsync(rig, load, LayoutStages.Sharded);
        await load.TryMoreAsync(Between);

        var before = load.Notices(hot);
        var thaw = await cluster.FreezeMasterAsync(ChannelNames.Signal(hot), Token);
        try
        {
            await Eventually.ClearAsync(() => load.Ended() ?? (load.Notices(hot) > before ? null : $"some of the room's readers were not notified that a master was frozen; {Describe(rig, ChannelNames.Signal(hot))}"));
            await load.TryMoreAsync(Between);
        }
        finally
        {
            await thaw();
        }

        await load.TryMoreAsync(Between);
        TestContext.Current.TestOutputHelper?.WriteLine(await load.FinishAsync());
    }

    /// <summary>Nodes notify each other over a channel that any of the servers may carry.</summary>
    private static async Task ControlIsHeardAsync(FaultRig rig)
    {
        var room = rig.Rooms[0];
        foreach (var node in rig.Alive)
        {
            // One that was revoked gets no other socket.
            var session = "s-" + Ids.New(TimeProvider.System);
            await using var socket = await node.Node.ConnectAsync(room.Tenant, FaultRig.Reader, session);
            await Eventually.ClearAsync(async () =>
            {
                (await rig.Alive[0].Node.Client.SessionRevokedAsync(new SessionRevokedRequest(room.Tenant, FaultRig.Reader, [session]), Token)).Ok();
                return socket.Raw.CloseStatus is null ? $"{node.Name} does not hear of a revoked session" : null;
            });
            Assert.Equal(CloseCodes.SessionRevoked, (await socket.ClosedAsync()).Code);
        }
    }

    /// <summary>Walks to a stage; <paramref name="fault"/> begins when the record of that number on the way has just been written, before any node knows of it.</summary>
    private static async Task ReachAsync(FaultRig rig, FaultLoad load, string stage, int step = 0, Func<Task>? fault = null)
    {
        var target = Schedule.State(stage, 4);
        Task? striking = null;
        var steps = 0;
        rig.OnAnswered = (_, request) =>
        {
            if (PlaneWire.IsChange(request) && Interlocked.Increment(ref steps) == step && fault is not null)
            {
                striking = Task.Run(fault, Token);
            }
        };
        (await rig.Plane.SetGoalAsync(new SetLayoutGoalRequest(rig.Scope, target, Autopilot: false, "test", stage), Token)).Ok();
        await Eventually.ClearAsync(async () => load.Ended() ?? await rig.ObstacleAsync(target));
        rig.OnAnswered = static (_, _) => { };
        if (fault is not null)
        {
            Assert.NotNull(striking);
            await striking;
            await Eventually.ClearAsync(async () => load.Ended() ?? await rig.ObstacleAsync(target));
        }

        Assert.True(load.Faults.Count == 0, string.Join("; ", load.Faults.Take(20)));
    }

    private static async Task ChangeAtRestAsync(RedisCluster cluster, FaultRig rig, FaultLoad load, Change change, string channel)
    {
        var before = load.Notices(rig.Rooms[0]);
        await ChangeAsync(cluster, rig, change, channel);

        // Its subscribers are notified, and everything that is sent from then on arrives.
        await Eventually.ClearAsync(() => load.Ended() ?? (load.Notices(rig.Rooms[0]) > before ? null : $"some of the room's readers were not notified that {channel} was interrupted; {Describe(rig, channel)}"));
        await load.TryMoreAsync(Between);
        Assert.True(load.Faults.Count == 0, string.Join("; ", load.Faults.Take(20)));
    }

    /// <summary>Where nodes have a channel, for messages of failures.</summary>
    private static string Describe(FaultRig rig, string channel) => string.Join(
        "; ",
        from node in rig.Alive
        let view = node.Node.Get<ClusterView>()
        let watch = node.Node.Get<IEnumerable<IHostedService>>().OfType<ClusterWatch>().Single().ExecuteTask
        from listener in node.Node.Get<RedisRoomChannels>().Listeners
        from subscription in listener.Subscriptions.ToArray()
        where subscription.Channel.Name == channel
        let owner = view.OwnerOf(subscription)
        select $"{node.Name} (watch {watch?.Status} {watch?.Exception?.InnerException}) has it at {view.Standing(subscription)}, noted {subscription.Place}, is {(subscription.Queue is null ? "not " : string.Empty)}subscribed; its slot is {owner}'s, {(owner is not null && view.IsConnected(owner) ? "reached" : "not reached")}");

    private static async Task ChangeAsync(RedisCluster cluster, FaultRig rig, Change change, string channel)
    {
        // A step that cannot be applied in time costs nodes their leases, and their clients the connections: the close tells them that they may have
        // missed something.
        foreach (var node in change == Change.SlotMoves ? [] : rig.Alive)
        {
            node.Trouble();
        }

        switch (change)
        {
            case Change.MasterDies:
                await cluster.RestartAsync(await cluster.KillMasterAsync(channel, Token), Token);
                break;
            case Change.MasterHandsOver:
                await cluster.FailOverAsync(channel, Token);
                break;
            case Change.SlotMoves:
                await cluster.MoveSlotAsync(channel, Token);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(change));
        }
    }
}
