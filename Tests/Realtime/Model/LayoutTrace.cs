using System.Globalization;

namespace Tests.Realtime.Model;

/// <summary>Moves and states of <see cref="LayoutModel"/> in words.</summary>
internal static class LayoutTrace
{
    public static string Describe(LayoutMove move, in ModelWorld before, in ModelWorld after)
    {
        var node = Name(move.Node);
        return move.Kind switch
        {
            MoveKind.Change => $"dbman adds a record: {RoomRouting.Describe(before.Routing)} becomes {RoomRouting.Describe(move.Value)}",
            MoveKind.LeaseEndsAtPlane => $"dbman takes the lease of {node} for ended",
            MoveKind.LeaveArrives => $"dbman hears that {node} leaves, as it said once",
            MoveKind.Refuse => $"{node} asks dbman and gets no lease{Learns(before[move.Node], after[move.Node])}",
            MoveKind.Grant => $"{node} asks dbman, which grants the lease",
            MoveKind.Receive => $"{node} gets the grant{SentAway(before[move.Node], after[move.Node])}{Learns(before[move.Node], after[move.Node])}",
            MoveKind.Lose => $"the answer to {node} is lost",
            MoveKind.GetOld => $"the answer to {node} takes so long that the lease, counted from the question, has ended",
            MoveKind.LeaseEnds => $"{node}'s lease ends",
            MoveKind.GiveUp => $"{node} cannot apply, gives its lease up and says that it leaves",
            MoveKind.Crash => $"{node} dies; a new process replaces it",
            MoveKind.Listen => $"{node} listens to {RoomRouting.NameOf(RoomRouting.Listens(after[move.Node].NextRouting))}",
            MoveKind.Switch => $"{node} publishes by {RoomRouting.Describe(after[move.Node].NextRouting)} from now on",
            MoveKind.Report => $"{node} has applied {RoomRouting.Describe(after[move.Node].Routing)}",
            MoveKind.Begin => $"{node} begins to publish to {Families(after.Copies)}",
            MoveKind.Take => $"the broker takes {node}'s copy for {RoomRouting.NameOf(move.Value)}",
            MoveKind.Outlast => $"{node}'s publish has taken longer than old channels are kept",
            MoveKind.Fail => $"{node}'s publish fails or takes too long",
            MoveKind.Finish => $"{node} finds that its publish {(move.Value == 1 ? "counts" : "does not count")}",
            _ => throw new ArgumentOutOfRangeException(nameof(move), move.Kind, message: null),
        };
    }

    public static string Describe(in ModelWorld world, int nodes)
    {
        var parts = new List<string> { $"newest {RoomRouting.Describe(world.Routing)}" };
        for (var i = 0; i < nodes; i++)
        {
            parts.Add(Describe(world[i], i));
        }

        if (world.Publishing != Publishing.Nothing)
        {
            parts.Add($"publish of {Name(world.Publisher)} has not reached clients of {Nodes(world.Owed)}");
        }

        return string.Join(" | ", parts);
    }

    private static string Describe(in ModelNode node, int i) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name(i)}: {RoomRouting.Describe(node.Routing)}{(node.Lag == 0 ? "" : $" -{node.Lag}")}{Next(node)}, hears {Families(node.Heard)}{Lease(node)}{(node.HasMissed ? ", MISSED" : "")}");

    private static string Next(in ModelNode node) =>
        node.Applying == Applying.Nothing ? "" : string.Create(CultureInfo.InvariantCulture, $" -> {RoomRouting.Describe(node.NextRouting)}{(node.NextLag == 0 ? "" : $" -{node.NextLag}")}");

    private static string Lease(in ModelNode node) =>
        (node.HasLease ? ", lease" : "") + (node.IsLive ? ", live at dbman" : "") + (node.IsPassedOver ? ", passed over" : "");

    private static string SentAway(in ModelNode before, in ModelNode after) =>
        (before.IsPassedOver && !after.IsPassedOver ? ", sends its clients away" : "")
        + (!after.HasLease ? ", too late" : "");

    private static string Learns(in ModelNode before, in ModelNode after) =>
        before.Applying == Applying.Nothing && after.Applying != Applying.Nothing ? $", begins to apply {RoomRouting.Describe(after.NextRouting)}" : "";

    private static string Families(int set) =>
        set == 0 ? "nothing" : string.Join(" and ", Enumerable.Range(0, RoomRouting.Families).Where(family => (set >> family & 1) != 0).Select(RoomRouting.NameOf));

    private static string Nodes(int set) =>
        set == 0 ? "nobody" : string.Join(", ", Enumerable.Range(0, ModelWorld.MaxNodes).Where(node => (set >> node & 1) != 0).Select(Name));

    private static string Name(int node) => ((char)('A' + node)).ToString();
}
