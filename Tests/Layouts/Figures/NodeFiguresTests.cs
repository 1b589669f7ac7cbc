using System.Net.Http.Json;
using Contracts.Layouts;
using Contracts.Messages;
using Layouts.Admin;
using Tests.Infrastructure;
using Tests.Layouts.Driving;

namespace Tests.Layouts.Figures;

/// <summary>What nodes count reaches operators, over a real dbman and a real Redis.</summary>
public sealed class NodeFiguresTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CopiesOfBothLayoutsAndTheHottestRoomAreSeenFromAnyNode()
    {
        await using var rig = await DriverRig.StartAsync(
            servers, 2, ("Figures:Report", "00:00:00.200"), ("Figures:HotWindow", "00:00:00.500"), ("Figures:Poll", "00:00:00.100"), ("Figures:Window", "00:00:01"));
        await rig.GoAsync(LayoutStages.Shadow);
        await rig.ArrivedAsync("shadow (4 shards)");
        var hot = new RoomKey(rig.Scope.Tenant!, "hot");
        rig.Rooms.Create(hot, "ann");
        var sent = 0;
        await Eventually.ClearAsync(async () =>
        {
            await rig.Nodes[sent++ % 2].PublishAsync(rig.Rooms.Append(hot));
            var view = (await rig.Nodes[1].Http.GetFromJsonAsync(AdminRoutes.Figures, AdminJsonContext.Default.FiguresView, Token))!;
            var rooms = (await rig.Nodes[1].Http.GetFromJsonAsync(AdminRoutes.Hot, AdminJsonContext.Default.HotRoomsView, Token))!;
            var copies = view.Total.Publish.Where(static row => row is { Kind: "message", Copies: > 0, P99: > 0 }).Select(static row => row.Layout);
            var scope = view.Scopes.FirstOrDefault(row => row.Scope == rig.Scope.ToString());
            return copies.SequenceEqual(["legacy", "sharded"]) && view.Nodes.Count == 2 && view.Silent.Count == 0 && !view.IsSinceStart
                && scope is { LegacyCopies: > 0 } && scope.LegacyCopies == scope.ShardedCopies
                && rooms.Rooms is [var first] && first.Room == hot.ToString() && first.MessagesPerSecond > 0 && first.Channels.Count == 1
                ? null
                : $"{string.Join(' ', copies)}; {view.Nodes.Count} nodes, {scope}; {rooms.Rooms.Count} hot rooms";
        });
    }
}
