using System.Net;
using System.Net.Http.Json;
using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Layouts.Driving;
using Realtime.Node;
using Tests.Infrastructure;
using Tests.Realtime;
using Tests.Realtime.Node;

namespace Tests.Layouts.Driving;

/// <summary>Goals are reached over a real dbman, by real nodes on a real Redis, whatever happens to the driver.</summary>
public sealed class LayoutDriverTests(DataServers servers)
{
    private static readonly string[] Up =
        ["legacy (4 shards)", "shadow (4 shards)", "canary (4 shards, 10 % of rooms)", "cutover/listen (4 shards)", "cutover (4 shards)", "sharded (4 shards)"];

    private static readonly string[] Down = [.. Up.Reverse().Skip(1)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EverybodyGetsEverythingOnce_WhileGoalsAreDrivenThroughShardsAndBackAndReshards()
    {
        await using var rig = await DriverRig.StartAsync(servers);
        await using var load = await LayoutLoad.StartAsync(rig.Nodes, rig.Rooms, [new RoomKey(rig.Scope.Tenant!, "hot"), new RoomKey(rig.Scope.Tenant!, "calm")]);
        await rig.GoAsync(LayoutStages.Sharded);
        await rig.ArrivedAsync("sharded (4 shards)");
        await load.SendMoreAsync(300);
        await rig.RollBackAsync(LayoutStages.Legacy);
        await rig.ArrivedAsync("legacy (4 shards)");
        await load.SendMoreAsync(300);
        await rig.GoAsync(LayoutStages.Sharded);
        await rig.ArrivedAsync("sharded (4 shards)");
        await rig.ReshardAsync(16);
        await rig.ArrivedAsync("sharded (16 shards)");
        await load.SendMoreAsync(300);
        await rig.ReshardAsync(2);
        await rig.ArrivedAsync("sharded (2 shards)");
        await load.SendMoreAsync(300);

        var history = await rig.HistoryAsync();
        Assert.Equal(
            [
                .. Up,
                .. Down,
                .. Up.Skip(1),
                "sharded/widen (4 -> 16 shards)", "sharded/listen (4 -> 16 shards)", "sharded (16 shards)",
                "sharded/widen (16 -> 2 shards)", "sharded/listen (16 -> 2 shards)", "sharded (2 shards)",
            ],
            history);
        TestContext.Current.SendDiagnosticMessage(await load.FinishAsync());
    }

    [Fact]
    public async Task AnotherNodeGoesOn_WhenTheDriverDiesBetweenAddingAStepAndAnnouncingIt()
    {
        await using var rig = await DriverRig.StartAsync(servers);
        var driver = await rig.DriverAsync();
        var dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wire = rig.WireOf(driver);
        var changes = 0;
        wire.Rule = request =>
        {
            // The third step takes effect, and then this node is dead.
            if (dead.Task.IsCompleted)
            {
                return PlaneWire.Fault.Refused;
            }

            if (!PlaneWire.IsChange(request) || ++changes < 3)
            {
                return null;
            }

            dead.SetResult();
            return PlaneWire.Fault.AnswerLost;
        };
        var other = rig.Nodes.Single(node => node != driver);
        await rig.AskAsync(HttpMethod.Put, global::Layouts.Admin.AdminRoutes.Goal, new { scope = rig.Scope.ToString(), stage = "sharded" }, other);
        await dead.Task.WaitAsync(Token);
        await rig.KillAsync(driver);

        await rig.ArrivedAsync("sharded (4 shards)");
        Assert.Equal(Up, await rig.HistoryAsync());
        Assert.True(other.Get<LayoutDriver>().IsDriving);
    }

    [Fact]
    public async Task EachStepIsMadeOnce_WhenTwoNodesBelieveThatTheyDrive()
    {
        await using var rig = await DriverRig.StartAsync(servers);
        foreach (var node in rig.Nodes)
        {
            rig.WireOf(node).Rule = request => PlaneWire.IsDrive(request)
                ? new PlaneWire.Fault(Sends: false, () => new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = JsonContent.Create(new DriverLease(node.Get<NodeAgent>().Node, 1, 5_000), ContractsJsonContext.Default.DriverLease),
                })
                : null;
        }

        await Eventually.ClearAsync(() => rig.Nodes.All(static node => node.Get<LayoutDriver>().IsDriving) ? null : "not both drive");
        await rig.GoAsync(LayoutStages.Sharded);
        await rig.ArrivedAsync("sharded (4 shards)");
        await rig.RollBackAsync(LayoutStages.Legacy);
        await rig.ArrivedAsync("legacy (4 shards)");

        var history = await rig.HistoryAsync();
        Assert.Equal([.. Up, .. Down], history);
    }

    [Fact]
    public async Task EachStepIsMadeAndNotedOnce_WhenAnswersToChangesAreLost()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        rig.WireOf(rig.Nodes[0]).Rule = static request => PlaneWire.IsChange(request) ? PlaneWire.Fault.AnswerLost : null;
        await rig.GoAsync(LayoutStages.Sharded);
        await rig.ArrivedAsync("sharded (4 shards)");

        Assert.Equal(Up, await rig.HistoryAsync());
        await Eventually.ClearAsync(async () =>
        {
            var decisions = await rig.DecisionsAsync();
            return decisions.LastOrDefault()?.Decision == "reached" ? null : $"{decisions.Length} decisions";
        });
        Assert.Equal([.. Enumerable.Repeat("step", Up.Length), "reached"], (await rig.DecisionsAsync()).Select(static decision => decision.Decision));
    }

    [Fact]
    public async Task StatusAndHistoryNameTheNode_WhenAStepWaitsForIt()
    {
        await using var rig = await DriverRig.StartAsync(servers, 2, ("Driver:Patience", "00:00:00.300"));
        var driver = await rig.DriverAsync();
        var late = rig.Nodes.Single(node => node != driver);
        var name = late.Get<NodeAgent>().Node;
        rig.WireOf(late).Rule = static request => PlaneWire.IsHeartbeat(request) ? PlaneWire.Fault.Refused : null;
        await rig.GoAsync(LayoutStages.Sharded);
        await Eventually.ClearAsync(async () =>
        {
            var goal = (await rig.StatusAsync()).Scopes.Single().Goal;
            return goal?.WaitsFor is [var only] && only.StartsWith($"{name} has applied 0 of 1", StringComparison.Ordinal) ? null : $"waits for {string.Join("; ", goal?.WaitsFor ?? [])}";
        });
        await Eventually.ClearAsync(async () =>
        {
            var decisions = await rig.DecisionsAsync();
            return decisions.Any(decision => decision.Decision == "wait" && decision.Text.Contains(name, StringComparison.Ordinal)) ? null : $"{decisions.Length} decisions";
        });
        Assert.Equal(["legacy (4 shards)"], await rig.HistoryAsync());

        rig.WireOf(late).Mend();
        await rig.ArrivedAsync("sharded (4 shards)");
    }

    [Fact]
    public async Task ANewGoalTakesOver_WhenItReplacesOneThatIsUnderWay()
    {
        await using var rig = await DriverRig.StartAsync(servers);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var changes = 0;
        foreach (var node in rig.Nodes)
        {
            rig.WireOf(node).Rule = request =>
            {
                // Behind the third step nothing happens until the test says so.
                if (!PlaneWire.IsChange(request) || Interlocked.Increment(ref changes) <= 3)
                {
                    return null;
                }

                held.TrySetResult();
                return PlaneWire.Fault.Refused;
            };
        }

        await rig.GoAsync(LayoutStages.Sharded);
        await held.Task.WaitAsync(Token);
        var plan = await rig.RollBackAsync();
        Assert.Equal("shadow (4 shards)", plan.To);
        Assert.Contains(plan.Undoes, static text => text.Contains("takes the place of the goal sharded", StringComparison.Ordinal));
        foreach (var node in rig.Nodes)
        {
            rig.WireOf(node).Mend();
        }

        await rig.ArrivedAsync("shadow (4 shards)");
    }

    [Fact]
    public async Task AScopeIsOpenedAsItsWiderOneAndGivenUpAgain()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        await rig.AskAsync(HttpMethod.Put, global::Layouts.Admin.AdminRoutes.Goal, new { scope = "all", stage = "sharded", shards = 8 });
        await rig.ArrivedAsync("sharded (8 shards)");
        await rig.ReshardAsync(16);
        await rig.ArrivedAsync("sharded (16 shards)");
        await rig.AskAsync(HttpMethod.Put, global::Layouts.Admin.AdminRoutes.Goal, new { scope = rig.Scope.ToString(), giveUp = true });
        await rig.ArrivedAsync("sharded (8 shards)");

        Assert.Equal(
            [
                "sharded (8 shards)",
                "sharded/widen (8 -> 16 shards)", "sharded/listen (8 -> 16 shards)", "sharded (16 shards)",
                "sharded/widen (16 -> 8 shards)", "sharded/listen (16 -> 8 shards)", "sharded (8 shards)",
                "as the wider layout",
            ],
            await rig.HistoryAsync());
    }
}
