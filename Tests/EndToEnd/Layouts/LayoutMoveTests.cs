using Aspire.Hosting.ApplicationModel;
using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Realtime.Channels;
using Tests.Infrastructure;

namespace Tests.EndToEnd.Layouts;

/// <summary>
/// A tenant's rooms walk through all layouts on the system as it runs, by the commands of the runbook, while processes die, freeze and are restarted
/// in the middle of steps: every subscriber gets every message once and in order, no signal or system event twice on a connection, and learns when it
/// may have missed one. Another tenant's rooms stay where they are.
/// </summary>
[Collection(SystemCollection.Name)]
public sealed class LayoutMoveTests(RunningSystem system) : IAsyncLifetime
{
    private const int Nodes = 2;
    private readonly List<string> _log = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var deadline = new Deadline();
        await system.ReviveAllAsync(deadline.Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task NothingIsLostDoubledOrMisordered_WhileRoomsMoveAndProcessesDieFreezeAndRestart()
    {
        using var deadline = new Deadline();
        using var operating = await Operating.StartAsync(system, deadline.Token);
        await using var load = await MovingLoad.StartAsync(system, deadline.Token);
        try
        {
            await operating.AllWellAsync(Nodes);
            await MoveAsync(operating, load, listens: null, NodeDiesAsync, "shadow");
            await MoveAsync(operating, load, listens: null, NodeFreezesAsync, "canary", "--percent", "50");
            await MoveAsync(operating, load, listens: 4, RedisRestartsAsync, "cutover");
            await MoveAsync(operating, load, listens: 4, DbmanIsAwayAsync, "complete");
            await MoveAsync(operating, load, listens: LayoutRules.Legacy, DriverDiesAsync, "rollback to legacy");
            await MoveAsync(operating, load, listens: 4, NothingAsync, "complete");
            await MoveAsync(operating, load, listens: 16, NodeDiesAsync, "reshard", "--shards", "16");
            await MoveAsync(operating, load, listens: 2, RedisRestartsAsync, "reshard", "--shards", "2");
            Say(await load.FinishAsync());
            Assert.True(load.Interruptions > 0, "Redis was restarted, and no subscriber that stayed connected was notified.");
        }
        catch (Exception exception) when (!Token.IsCancellationRequested)
        {
            Assert.Fail($"{exception}\n{string.Join('\n', _log)}\n{await operating.DescribeAsync()}");
        }
    }

    /// <summary>One command, with something that happens once its first record is there.</summary>
    private async Task MoveAsync(Operating operating, MovingLoad load, int? listens, Func<Operating, MovingLoad, Func<Task>, Task> fault, params string[] command)
    {
        Say($"{string.Join(' ', command)}, {fault.Method.Name}");
        await fault(operating, load, () => operating.RunAsync([.. command, "--scope", load.Moved, "--yes", "--wait", "60s"]));
        await operating.AllWellAsync(Nodes);
        await load.TakeMoreAsync(150);

        // Channels that are no longer needed are left a little later.
        if (listens is { } shards)
        {
            await operating.ListenAsync(load.Moved, [.. load.MovedRooms.SelectMany(room => Channels(room, shards))]);
        }

        await operating.ListenAsync(load.Other.Tenant, [.. Channels(load.Other, LayoutRules.Legacy)]);
    }

    private static IEnumerable<string> Channels(RoomKey room, int shards) => shards == LayoutRules.Legacy
        ? [ChannelNames.Legacy(room)]
        : [.. Enumerable.Range(0, shards).Select(shard => ChannelNames.Message(room, shard)), ChannelNames.Signal(room), ChannelNames.System(room)];

    private static Task NothingAsync(Operating operating, MovingLoad load, Func<Task> move) => move();

    private async Task NodeDiesAsync(Operating operating, MovingLoad load, Func<Task> move)
    {
        var moving = await BeginAsync(operating, move);
        await system.KillAsync(ServiceNames.Realtime, AnyNode(), Token);
        await moving;
        await system.ReviveAsync(ServiceNames.Realtime, Token);
    }

    /// <summary>Until its lease has expired and the others have continued without it; then it resumes.</summary>
    private async Task NodeFreezesAsync(Operating operating, MovingLoad load, Func<Task> move)
    {
        var moving = await BeginAsync(operating, move);
        load.Trouble();
        using (new FrozenProcess(AnyNode()))
        {
            await moving;
            await operating.LiveAsync(Nodes - 1);
        }

        load.Trouble();
    }

    private async Task RedisRestartsAsync(Operating operating, MovingLoad load, Func<Task> move)
    {
        var moving = await BeginAsync(operating, move);
        load.Trouble();
        await system.CommandAsync(ServiceNames.Redis, KnownResourceCommands.RestartCommand, Token);
        await system.HealthyAsync(Token);
        load.Trouble();
        await moving;
    }

    /// <summary>All of it, for ten seconds: longer than leases.</summary>
    private async Task DbmanIsAwayAsync(Operating operating, MovingLoad load, Func<Task> move)
    {
        var moving = await BeginAsync(operating, move);
        var frozen = system.Processes(ServiceNames.Dbman).Values.Select(static pid => new FrozenProcess(pid)).ToArray();
        var since = TimeProvider.System.GetTimestamp();
        try
        {
            await Eventually.ClearAsync(() => TimeProvider.System.GetElapsedTime(since) is var away && away > TimeSpan.FromSeconds(10) ? null : $"dbman is away for {away} only");
        }
        finally
        {
            foreach (var process in frozen)
            {
                process.Dispose();
            }
        }

        await moving;
    }

    /// <summary>One node is frozen, so that a step waits for it; then the one that drives is killed, and the other one thaws.</summary>
    private async Task DriverDiesAsync(Operating operating, MovingLoad load, Func<Task> move)
    {
        var nodes = system.Processes(ServiceNames.Realtime).Values.ToArray();
        load.Trouble();
        string silent;
        using (new FrozenProcess(nodes[0]))
        {
            silent = await operating.SilentAsync();
        }

        load.Trouble();
        await operating.AllWellAsync(Nodes);
        var (driver, follower, name) = await operating.DriverAsync() is var holder && holder == silent
            ? (nodes[0], nodes[1], await operating.OtherAsync(silent))
            : (nodes[1], nodes[0], silent);
        load.Trouble();
        using (new FrozenProcess(follower))
        {
            // Not by the command line: the balancer does not know yet that a node is frozen.
            await operating.AskForLegacyAsync(load.Moved);
            await operating.WaitsForAsync(name);
            await system.KillAsync(ServiceNames.Realtime, driver, Token);
        }

        load.Trouble();
        await operating.IsLegacyAsync(load.Moved);
        await system.ReviveAsync(ServiceNames.Realtime, Token);
    }

    /// <summary>Asks for the goal, and comes back when its first step is made.</summary>
    private static async Task<Task> BeginAsync(Operating operating, Func<Task> move)
    {
        var before = await operating.RevisionAsync();
        var moving = move();
        await operating.StepAsync(before);
        return moving;
    }

    private int AnyNode()
    {
        var pids = system.Processes(ServiceNames.Realtime).Values.ToArray();
        return pids[Random.Shared.Next(pids.Length)];
    }

    private void Say(string text)
    {
        _log.Add($"{TimeProvider.System.GetUtcNow():HH:mm:ss.f} {text}");
        TestContext.Current.TestOutputHelper?.WriteLine(_log[^1]);
        TestContext.Current.SendDiagnosticMessage(_log[^1]);
    }
}
