namespace Tests.Realtime.Model;

/// <summary>
/// Worlds that differ only by which node is which, or which family is which, have the same successors: one of them is enough. That families are
/// interchangeable is checked against the rules, not assumed.
/// </summary>
internal sealed class LayoutSymmetry
{
    private static readonly int[][] Permutations = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    private readonly int _nodes;

    // By permutation: routing to routing, and set of families to set of families.
    private readonly int[][] _routings = [.. Permutations.Select(RoutingsBy)];
    private readonly int[][] _sets = [.. Permutations.Select(SetsBy)];

    public LayoutSymmetry(int nodes)
    {
        _nodes = nodes;
        foreach (var routings in _routings)
        {
            for (var routing = 0; routing < RoomRouting.Count; routing++)
            {
                var renamed = Enumerable.Range(0, RoomRouting.Count).Where(next => (RoomRouting.Successors[routing] >> next & 1) != 0).Sum(next => 1 << routings[next]);
                if (RoomRouting.Successors[routings[routing]] != renamed)
                {
                    throw new InvalidOperationException("The rules treat families differently: the model must not take them for alike.");
                }
            }
        }
    }

    /// <summary>The newest layout's family is the first one, the other that it publishes to the second; nodes are in order of their bits.</summary>
    public ModelWorld Canonical(in ModelWorld world)
    {
        var listens = RoomRouting.Listens(world.Routing);
        var other = RoomRouting.Other(world.Routing);
        ModelWorld? least = null;
        for (var permutation = 0; permutation < Permutations.Length; permutation++)
        {
            var families = Permutations[permutation];
            if (families[listens] == 0 && (other == listens || families[other] == 1))
            {
                var renamed = Sort(Rename(world, _routings[permutation], _sets[permutation]));
                least = least is { } found && Compare(found, renamed) <= 0 ? found : renamed;
            }
        }

        return least!.Value;
    }

    private ModelWorld Rename(in ModelWorld world, int[] routings, int[] sets)
    {
        var renamed = world;
        renamed.Routing = routings[world.Routing];
        renamed.Copies = sets[world.Copies];
        for (var i = 0; i < _nodes; i++)
        {
            var node = world[i];
            node.Routing = routings[node.Routing];
            node.NextRouting = node.Applying == Applying.Nothing ? 0 : routings[node.NextRouting];
            node.Heard = sets[node.Heard];
            renamed[i] = node;
        }

        return renamed;
    }

    private ModelWorld Sort(ModelWorld world)
    {
        for (var end = _nodes - 1; end > 0; end--)
        {
            for (var i = 0; i < end; i++)
            {
                if (KeyOf(world, i) > KeyOf(world, i + 1))
                {
                    Swap(ref world, i);
                }
            }
        }

        return world;
    }

    // The node, and below it its part in the publish, so that equal nodes have an order too.
    private static ulong KeyOf(in ModelWorld world, int i) =>
        (world[i].Bits << 2)
        | (world.Publishing != Publishing.Nothing && world.Publisher == i ? 2ul : 0)
        | ((uint)world.Owed >> i & 1);

    private static void Swap(ref ModelWorld world, int i)
    {
        (world[i], world[i + 1]) = (world[i + 1], world[i]);
        world.Owed = SwapBits(world.Owed, i);
        if (world.Publishing != Publishing.Nothing)
        {
            world.Publisher = world.Publisher == i ? i + 1 : world.Publisher == i + 1 ? i : world.Publisher;
        }
    }

    private static int SwapBits(int set, int i) => (set & ~(3 << i)) | ((set >> i & 1) << (i + 1)) | ((set >> (i + 1) & 1) << i);

    private int Compare(in ModelWorld left, in ModelWorld right)
    {
        for (var i = 0; i < _nodes; i++)
        {
            if (left[i] != right[i])
            {
                return left[i].Bits.CompareTo(right[i].Bits);
            }
        }

        // Same nodes: what is left are the copies of the publish. Either will do.
        return left.Copies - right.Copies;
    }

    private static int[] RoutingsBy(int[] families) =>
        [.. Enumerable.Range(0, RoomRouting.Count).Select(routing => RoomRouting.Make(families[RoomRouting.Listens(routing)], families[RoomRouting.Other(routing)])), RoomRouting.None];

    private static int[] SetsBy(int[] families) =>
        [.. Enumerable.Range(0, 1 << RoomRouting.Families).Select(set => Enumerable.Range(0, RoomRouting.Families).Sum(family => (set >> family & 1) << families[family]))];
}
