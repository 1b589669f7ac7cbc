namespace Tests.Realtime.Model;

/// <summary>
/// The protocol by which channel layouts change, as a model: dbman, up to three nodes, the network between, and one publish at a time into one room.
/// </summary>
/// <remarks>
/// <para><b>What it claims.</b> A publish counts when its node says so to the sender. No node ever has a lease while clients of it, who were there from before a publish
/// that counts until after it, have not got it. So nothing that counts is missed, except by clients that are sent away before their node goes on. And from every state all
/// nodes can get to the newest layouts and to their leases by moves of their own.</para>
///
/// <para><b>Who moves.</b> Anything that can happen may happen next, or never. Dbman adds any record that the rules allow, whenever the barrier is
/// open, without end: forwards, backwards, resharding, the room a canary or not, or a record of another scope, which changes nothing here but counts.
/// Nodes ask, apply in steps and publish; they crash and restart. Publishes begin, reach the broker channel by channel in either order, end, and are
/// checked once more.</para>
///
/// <para><b>Faults without a flag.</b> A node that is frozen, or cut off from the broker or from dbman, is one that makes no move, or whose answers
/// are lost: it is in the model for any length of time, any number of times. Announcements carry nothing but a reason to ask, and nodes may ask at
/// any time, so that lost, late, duplicated and reordered ones are all covered. A heartbeat counts with what its node knows when dbman gets it: one
/// that was delayed, duplicated or overtaken reports less, and at most makes barriers wait longer. A refusal takes effect at once or, as when it is
/// lost, not at all, as meanwhile its node can do nothing that it could not do before.</para>
///
/// <para><b>Time</b> is an order of events, not a count of ticks, and so represents all durations that keep this order: dbman's lease for a node ends
/// after the node's own, and after the last answer that could still prolong that. A channel that is no longer needed is kept until the broker has
/// taken all copies of a publish that began before; a publish whose copies take longer than that does not count. In all other cases channels are left
/// at the first moment, as a node that keeps them only receives more.</para>
///
/// <para><b>More than in reality</b> can happen here, so that there are fewer states: barriers know what was applied before it is reported, and do
/// not wait for the dead; a publish that can no longer matter does not keep applying from ending. <b>Far behind:</b> a node without a lease that was
/// passed over by two records gets one only by applying the newest and sending its clients away, and what it was publishing cannot count; with
/// <c>forgetsFarBehind</c> its past is forgotten. Weakened protocols are explored without that, so that their counterexamples are real.</para>
///
/// <para><b>What it assumes.</b> One room: rooms meet only in that applying ends for all of them at once, and when that is, is open here. One
/// publish: others only keep applying from ending. Families are assumed to share no channel; in reality the shards of two numbers share names, and a
/// node that listens to more receives more. Two nodes show what any number would: take a publisher and a listener who missed it; other nodes change
/// nothing for these two, but make barriers wait. A third node is explored all the same, up to a bound.</para>
///
/// <para><b>What it does not cover.</b> Whether the broker delivers what it took (a broken connection loses events, which is repaired elsewhere);
/// clocks whose rates differ by more than dbman's margin; clients of a node that stays without a lease, which learn it when it is back; scopes that
/// open and close (they must mean the same as the wider scope, so that no room sees a change); shard keys; the code itself.</para>
/// </remarks>
/// <param name="nodes">1 to <see cref="ModelWorld.MaxNodes"/>.</param>
/// <param name="weakness">Rule to leave out.</param>
/// <param name="forgetsFarBehind">See "Far behind"; only for the protocol as it is.</param>
/// <param name="startsSettled">Whether all nodes are up from the start: shorter ways to what goes wrong.</param>
internal sealed partial class LayoutModel(int nodes, Weakness weakness = Weakness.None, bool forgetsFarBehind = false, bool startsSettled = false) : IModel<ModelWorld, LayoutMove>
{
    private readonly IReadOnlyList<int> _successors = weakness == Weakness.NeighboursNotChecked ? RoomRouting.Anything : RoomRouting.Successors;
    private readonly LayoutSymmetry _symmetry = new(nodes);

    private ModelNode New => ModelNode.New with { IsPassedOver = weakness is not (Weakness.PassedOverKeepClients or Weakness.NewNodesKeepClients) };

    private ModelNode Settled => new()
    {
        Routing = RoomRouting.Initial,
        Heard = 1 << RoomRouting.Listens(RoomRouting.Initial),
        HasLease = true,
        IsLive = true,
        HadLease = weakness == Weakness.NewNodesKeepClients,
    };

    /// <inheritdoc/>
    public ModelWorld Initial
    {
        get
        {
            var world = new ModelWorld { Routing = RoomRouting.Initial };
            for (var i = 0; i < nodes; i++)
            {
                world[i] = startsSettled ? Settled : New;
            }

            return world;
        }
    }

    /// <inheritdoc/>
    public void AddMoves(in ModelWorld state, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        AddChanges(state, moves);
        for (var i = 0; i < nodes; i++)
        {
            AddTalk(state, i, moves);
            AddLeases(state, i, moves);
            AddApplying(state, i, moves);
        }

        AddPublish(state, moves);
    }

    /// <inheritdoc/>
    public ModelWorld Canonical(in ModelWorld state) => _symmetry.Canonical(state);

    /// <inheritdoc/>
    public string? Violation(in ModelWorld state)
    {
        for (var i = 0; i < nodes; i++)
        {
            if (state[i] is { HasMissed: true, HasLease: true })
            {
                return "A node with a lease has clients that missed a publish that counts.";
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public bool IsFromOutside(LayoutMove move) =>
        move.Kind is MoveKind.Change or MoveKind.LeaseEndsAtPlane or MoveKind.Lose or MoveKind.GetOld or MoveKind.LeaseEnds or MoveKind.GiveUp or MoveKind.Crash
             or MoveKind.Begin or MoveKind.Outlast or MoveKind.Fail;

    /// <summary>Whether every node has applied the newest revision, and has its lease.</summary>
    public bool IsSettled(ModelWorld state)
    {
        for (var i = 0; i < nodes; i++)
        {
            if (state[i] is not { HasLease: true, IsLive: true, Applying: Applying.Nothing, Lag: 0 })
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public string Describe(LayoutMove move, in ModelWorld before, in ModelWorld after) => LayoutTrace.Describe(move, before, after);

    /// <inheritdoc/>
    public string Describe(in ModelWorld state) => LayoutTrace.Describe(state, nodes);

    /// <summary>The barrier: every live node has reported the newest revision.</summary>
    private void AddChanges(in ModelWorld state, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        for (var i = 0; i < nodes && weakness != Weakness.BarrierIgnored; i++)
        {
            if (state[i] is { IsLive: true } node && !HasReported(node))
            {
                return;
            }
        }

        for (var routing = 0; routing < RoomRouting.Count; routing++)
        {
            if ((_successors[state.Routing] >> routing & 1) == 0)
            {
                continue;
            }

            var next = state;
            var isGone = false;
            next.Routing = routing;
            for (var i = 0; i < nodes; i++)
            {
                var node = next[i];
                node.FallBehind();
                if (forgetsFarBehind && node is { Lag: ModelNode.Behind, IsLive: false, HasLease: false })
                {
                    // Nor can its publish count: it will be overtaken by two at least before there is a lease again.
                    node.Forget();
                    isGone |= IsPublishing(state, i);
                    next.Owed &= ~(1 << i);
                }

                next[i] = node;
            }

            if (isGone || (next.Publishing != Publishing.Nothing && next.Owed == 0))
            {
                next.EndPublish(nodes);
            }

            moves.Add((new LayoutMove(MoveKind.Change, Value: routing), next));
        }
    }

    private void AddTalk(in ModelWorld state, int i, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var was = state[i];
        var node = was;
        if (was.Grant == Grant.None)
        {
            // An expired lease is granted again only to a node that has applied the newest revision.
            if (was.IsLive || HasReported(was) || weakness == Weakness.LeaseForNodesBehind)
            {
                node.IsLive = true;
                node.Grant = Grant.Fresh;
                node.GrantIsNewest = true;
                node.IsLeaving = weakness == Weakness.LateLeaveHolds && was.IsLeaving;
                Add(MoveKind.Grant, state, i, node, moves);
                return;
            }

            // Others continued without it.
            var refused = state;
            node.IsPassedOver = SendsAway(node);
            node.HasMissed &= !node.IsPassedOver;
            if (weakness != Weakness.RefusalsBringNothing)
            {
                node.BeginToApply(state.Routing);
            }

            refused[i] = node;
            if (node.IsPassedOver)
            {
                refused.Release(i, nodes);
            }

            moves.Add((new LayoutMove(MoveKind.Refuse, i), refused));
            return;
        }

        AddReceive(state, i, moves);
        node.Grant = Grant.None;
        node.GrantIsNewest = false;
        Add(MoveKind.Lose, state, i, node, moves);
        if (was.Grant == Grant.Fresh)
        {
            node = was;
            node.Grant = Grant.Stale;
            Add(MoveKind.GetOld, state, i, node, moves);
        }
    }

    private bool SendsAway(in ModelNode node) => weakness switch
    {
        Weakness.PassedOverKeepClients => false,
        Weakness.NewNodesKeepClients => node.HadLease,
        _ => true,
    };

    private bool HasReported(in ModelNode node) =>
        (weakness == Weakness.ReportBeforeListening && node.Applying != Applying.Nothing)
        || (weakness == Weakness.ReportBeforePublishesEnd && node.Applying == Applying.Switched)
            ? node.NextLag == 0
            : node.Routing != RoomRouting.None && node.Lag == 0;

    private void AddReceive(in ModelWorld state, int i, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var next = state;
        var node = state[i];

        // Closes its clients, if it was passed over. They resume in the present state of the room.
        node.IsPassedOver = false;
        node.HasLease = node.Grant == Grant.Fresh || weakness == Weakness.LeaseFromAnswer;
        node.HadLease = weakness == Weakness.NewNodesKeepClients;
        if (node.GrantIsNewest)
        {
            node.BeginToApply(state.Routing);
        }

        node.Grant = Grant.None;
        node.GrantIsNewest = false;
        next[i] = node;
        moves.Add((new LayoutMove(MoveKind.Receive, i), next));
    }

    private void AddLeases(in ModelWorld state, int i, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var was = state[i];
        var node = was;
        if (was.HasLease)
        {
            node.HasLease = false;
            Add(MoveKind.LeaseEnds, state, i, node, moves);
            if (was.Applying != Applying.Nothing && was.Grant == Grant.None)
            {
                var gone = state;
                node.IsPassedOver = SendsAway(node);
                node.IsLeaving = weakness == Weakness.LateLeaveHolds;
                gone[i] = node;
                if (node.IsPassedOver)
                {
                    gone.Release(i, nodes);
                }

                moves.Add((new LayoutMove(MoveKind.GiveUp, i), gone));
            }
        }
        else if (was.IsLive && (weakness == Weakness.LeaseFromAnswer || was.Grant != Grant.Fresh))
        {
            // This also handles a node's notice that it leaves, which counts only until dbman hears from the node again.
            node.IsLive = false;
            Add(MoveKind.LeaseEndsAtPlane, state, i, node, moves);
        }

        if (was.IsLeaving)
        {
            node = was;
            node.IsLeaving = node.IsLive = false;
            Add(MoveKind.LeaveArrives, state, i, node, moves);
        }

        if (was != New)
        {
            var next = state;
            next[i] = New;
            if (IsPublishing(state, i))
            {
                next.EndPublish(nodes);
            }

            next.Release(i, nodes);
            moves.Add((new LayoutMove(MoveKind.Crash, i), next));
        }
    }

    private void AddApplying(in ModelWorld state, int i, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var node = state[i];
        var next = state;
        switch (node.Applying)
        {
            case Applying.Following:
                node.Applying = Applying.Listening;
                node.Heard |= 1 << RoomRouting.Listens(node.NextRouting);
                if (weakness == Weakness.NoOverlap || state.IsOld || !state.IsSplit)
                {
                    // No publish is in flight that requires keeping channels that are no longer needed.
                    node.Heard &= 1 << ModelWorld.NeededBy(node);
                }

                Add(MoveKind.Listen, state, i, node, moves);
                return;
            case Applying.Listening:
                node.Applying = Applying.Switched;
                next[i] = node;
                if (IsPublishing(state, i))
                {
                    // Exact while the node has a lease, as then it is one behind at most; else as few as it can be.
                    next.Overtaken = Math.Min(state.Overtaken + Math.Max(1, node.Lag - node.NextLag), 2);
                    if (next.Overtaken == 2 && weakness != Weakness.RevisionNotCheckedAfterwards)
                    {
                        // It will not count.
                        next.EndPublish(nodes);
                    }
                }

                moves.Add((new LayoutMove(MoveKind.Switch, i), next));
                return;
            case Applying.Switched when state is not { Publishing: Publishing.Sending, Overtaken: > 0 } || state.Publisher != i:
                node.Routing = node.NextRouting;
                node.Lag = node.NextLag;
                node.NextRouting = node.NextLag = 0;
                node.Applying = Applying.Nothing;
                Add(MoveKind.Report, state, i, node, moves);
                return;
        }
    }

    private static bool IsPublishing(in ModelWorld state, int i) => state.Publishing != Publishing.Nothing && state.Publisher == i;

    private static void Add(MoveKind kind, in ModelWorld state, int i, in ModelNode node, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var next = state;
        next[i] = node;
        moves.Add((new LayoutMove(kind, i), next));
    }
}
