using System.Net.Http.Json;
using Contracts.Layouts;
using Contracts.Messages;
using Layouts.Admin;
using Layouts.Steps;
using Tests.Infrastructure;
using Tests.Layouts.Driving;
using Tests.Realtime;

namespace Tests.Layouts.Planning;

/// <summary>The planner over nodes, a real dbman and a real Redis: a hot room is found, proposed for, and moved if that is allowed.</summary>
public sealed class PlannerTests(DataServers servers)
{
    private static readonly (string Name, string Value)[] Settings =
    [
        ("Figures:Report", "00:00:00.200"),
        ("Figures:HotWindow", "00:00:00.300"),
        ("Figures:Poll", "00:00:00.100"),
        ("Figures:Window", "00:00:01"),
        ("Planner:Window", "00:00:00.300"),
        ("Planner:GrowWindows", "2"),
        ("Planner:ShrinkWindows", "2"),
        ("Planner:CoolDown", "00:00:00.500"),

        // However slowly a machine publishes, a busy room has more than this, and one that is left alone less.
        ("Planner:MessagesPerShard", "0.5"),
        ("Planner:MaxShards", "8"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HotRoomIsProposedFor_OnEveryNode_AndNothingIsDone()
    {
        await using var rig = await DriverRig.StartAsync(servers, 2, Settings);
        await rig.GoAsync(LayoutStages.Sharded);
        await rig.ArrivedAsync("sharded (4 shards)");
        var revision = (await rig.StatusAsync()).Revision;
        var hot = Create(rig, "hot");
        foreach (var node in rig.Nodes)
        {
            await BusyUntilAsync(rig, hot, async () =>
            {
                var view = await ProposalsAsync(node);
                return view is { IsApplied: false, Proposals: [{ Shards: 8, CanFollow: true, FollowsWider: false } row] } && row.Scope == hot.ToString() && row.Figures["messages_per_second"] > 2
                    ? null
                    : $"{view.Proposals.Count} proposals: {string.Join("; ", view.Proposals)}";
            });
        }

        Assert.Equal(revision, (await rig.StatusAsync()).Revision);

        // Written once, and not again by the next driver.
        await rig.KillAsync(await rig.DriverAsync());
        await rig.DriverAsync();
        await BusyUntilAsync(rig, hot, async () => (await ProposalsAsync(rig.Nodes[0])).Proposals.Count == 1 ? null : "no proposal");

        // A calm room needs none, and the proposal is withdrawn.
        await Eventually.ClearAsync(async () => (await ProposalsAsync(rig.Nodes[0])).Proposals.Count == 0 ? null : "still proposed");

        // Where this test pauses for longer than a few windows the room is calm, too, and is proposed for again afterwards: each time once.
        var planned = (await PlannedAsync(rig, hot)).Select(static decision => decision.Decision).ToArray();
        Assert.Equal(Enumerable.Range(0, planned.Length).Select(static number => number % 2 == 0 ? "propose" : "withdraw"), planned);
        Assert.Equal("withdraw", planned[^1]);
    }

    [Fact]
    public async Task HotRoomMovesByItself_WhereThatIsAllowed_AndColdItFollowsTheOthersAgain()
    {
        await using var rig = await DriverRig.StartAsync(servers, 2, [.. Settings, ("Planner:Apply", "true")]);
        await rig.GoAsync(LayoutStages.Sharded, shards: 2);
        await rig.ArrivedAsync("sharded (2 shards)");
        var hot = Create(rig, "hot");
        var scope = new LayoutScope(hot.Tenant, hot.Room);
        await BusyUntilAsync(rig, hot, async () => await OwnAsync(rig, scope) is { Stage: LayoutStages.Sharded, Step: LayoutSteps.None, Shards: 8 } ? null : "not at 8 shards");
        await Eventually.ClearAsync(async () => await OwnAsync(rig, scope) is { } own ? $"still {StepText.Name(own)}" : null);
        Assert.Contains(await PlannedAsync(rig, hot), static decision => decision.Decision == "apply");
        var goals = await rig.Plane.GetGoalsAsync(Token);
        Assert.DoesNotContain(goals.Value.Goals, goal => goal.Scope != scope);
    }

    private static RoomKey Create(DriverRig rig, string name)
    {
        var room = new RoomKey(rig.Scope.Tenant!, name);
        rig.Rooms.Create(room, "ann");
        return room;
    }

    /// <summary>Publishes into the room, without a pause, until the condition holds.</summary>
    private static Task BusyUntilAsync(DriverRig rig, RoomKey room, Func<Task<string?>> obstacle)
    {
        var sent = 0;
        return Eventually.ClearAsync(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await rig.Nodes[sent++ % rig.Nodes.Count].PublishAsync(rig.Rooms.Append(room));
            }

            return await obstacle();
        });
    }

    private static async Task<ProposalsView> ProposalsAsync(RealtimeNode node) =>
        (await node.Http.GetFromJsonAsync(AdminRoutes.Proposals, AdminJsonContext.Default.ProposalsView, Token))!;

    private static async Task<LayoutDecision[]> PlannedAsync(DriverRig rig, RoomKey room)
    {
        var page = await rig.Plane.GetDecisionsAsync(null, Contracts.Limits.Page, Token);
        return [.. page.Value.Items.Where(decision => decision.By == "planner" && decision.Scope == new LayoutScope(room.Tenant, room.Room)).Reverse()];
    }

    private static async Task<LayoutState?> OwnAsync(DriverRig rig, LayoutScope scope) =>
        new LayoutCatalog((await rig.Plane.GetAsync(0, Token)).Value).Own(scope);
}
