namespace Tests.Realtime.Model;

// The one publish that is watched: its copies reach the broker in either order, and then its node checks whether it counts.
internal sealed partial class LayoutModel
{
    private void AddPublish(in ModelWorld state, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        switch (state.Publishing)
        {
            case Publishing.Nothing:
                for (var i = 0; i < nodes; i++)
                {
                    if (state[i] is { HasLease: true } node && node.Publishing != RoomRouting.None)
                    {
                        AddBegin(state, i, RoomRouting.Publishes(node.Publishing), moves);
                    }
                }

                return;
            case Publishing.Sending:
                for (var family = 0; family < RoomRouting.Families; family++)
                {
                    if ((state.Copies & (1 << family)) != 0)
                    {
                        AddTake(state, family, moves);
                    }
                }

                AddFailures(state, moves);
                return;
            case Publishing.Sent:
                AddFinish(state, moves);
                return;
        }
    }

    private void AddBegin(in ModelWorld state, int publisher, int copies, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var next = state;
        next.Publishing = Publishing.Sending;
        next.Publisher = publisher;
        next.Copies = copies;
        for (var i = 0; i < nodes; i++)
        {
            next.Owed |= state[i].HasClients ? 1 << i : 0;
        }

        if (next.Owed != 0)
        {
            moves.Add((new LayoutMove(MoveKind.Begin, publisher), next));
        }
    }

    private void AddTake(in ModelWorld state, int family, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var next = state;
        next.Copies &= ~(1 << family);
        for (var i = 0; i < nodes; i++)
        {
            next.Owed &= ~((state[i].Heard >> family & 1) << i);
        }

        if (next.Owed == 0)
        {
            // It has reached everybody: whether it counts no longer matters.
            next.EndPublish(nodes);
        }
        else if (next.Copies == 0)
        {
            next.Publishing = Publishing.Sent;
            next.IsOld = next.IsSplit = false;
            next.LeaveChannels(nodes);
        }
        else
        {
            next.IsSplit = true;
        }

        moves.Add((new LayoutMove(MoveKind.Take, state.Publisher, family), next));
    }

    private void AddFailures(in ModelWorld state, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var next = state;
        next.EndPublish(nodes);
        moves.Add((new LayoutMove(MoveKind.Fail, state.Publisher), next));
        if (weakness == Weakness.SlowCopiesCount && state is { IsSplit: true, IsOld: false })
        {
            next = state;
            next.IsOld = true;
            next.LeaveChannels(nodes);
            moves.Add((new LayoutMove(MoveKind.Outlast, state.Publisher), next));
        }
    }

    /// <summary>The look at the lease and at the revision, after the publish no longer keeps applying from ending.</summary>
    private void AddFinish(in ModelWorld state, List<(LayoutMove Move, ModelWorld Next)> moves)
    {
        var next = state;
        var counts = (state[state.Publisher].HasLease || weakness == Weakness.LeaseNotCheckedAfterwards)
            && (state.Overtaken < 2 || weakness == Weakness.RevisionNotCheckedAfterwards);
        next.EndPublish(nodes);
        for (var i = 0; i < nodes && counts; i++)
        {
            if ((state.Owed & (1 << i)) != 0)
            {
                var node = next[i];
                node.HasMissed = true;
                next[i] = node;
            }
        }

        moves.Add((new LayoutMove(MoveKind.Finish, state.Publisher, counts ? 1 : 0), next));
    }
}
