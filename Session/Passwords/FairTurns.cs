using Session.Throttling;

namespace Session.Passwords;

/// <summary>
/// A bounded number of turns, granted fairly. A waiter queues in its lane. A free turn goes to the tenant whose turn it is, and of that to the
/// address whose turn it is: tenants share alike however many wait in them, and so do a tenant's addresses. So a flood delays another tenant's caller
/// by one turn for each tenant that waits, and a caller of the same tenant by one more for each address that floods.
/// <para>
/// Places to wait are bounded, for an address and in all. When all are taken, a newcomer takes the place of the last one in the longest line, if that
/// is longer than its own: only a caller that is behind many of the same lane is refused.
/// </para>
/// </summary>
/// <param name="turns">Turns at once.</param>
/// <param name="places">Most callers that wait.</param>
/// <param name="placesPerAddress">Most callers of one address that wait.</param>
internal sealed class FairTurns(int turns, int places, int placesPerAddress)
{
    private readonly Lock _gate = new();

    // All under the gate. A tenant is in the ring while somebody waits in it, and an address in its tenant's.
    private readonly LinkedList<Tenant> _ring = new();
    private readonly Dictionary<string, LinkedListNode<Tenant>> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<AddressKey, int> _waitingOfAddress = [];
    private int _running;
    private int _waiting;

    /// <summary>Callers that have a turn or wait for one.</summary>
    public int Callers
    {
        get
        {
            lock (_gate)
            {
                return _running + _waiting;
            }
        }
    }

    /// <summary>Waits for a turn; give it back with <see cref="Leave"/> when the answer is <see cref="TurnOutcome.Taken"/>.</summary>
    public async ValueTask<TurnOutcome> EnterAsync(HashingLane lane, CancellationToken cancellationToken)
    {
        Waiter waiter;
        Waiter? displaced = null;
        lock (_gate)
        {
            if (_running < turns)
            {
                // Nobody waits while a turn is free.
                _running++;
                return TurnOutcome.Taken;
            }

            if (_waitingOfAddress.GetValueOrDefault(lane.Address) >= placesPerAddress)
            {
                return TurnOutcome.AddressCrowded;
            }

            if (_waiting >= places)
            {
                displaced = LastOfLongerLine_NeedsLock(lane);
                if (displaced is null)
                {
                    return TurnOutcome.Crowded;
                }

                Remove_NeedsLock(displaced);
            }

            waiter = Add_NeedsLock(lane);
        }

        displaced?.Finish(TurnOutcome.Crowded);
        await using var _ = cancellationToken.Register(
            static state =>
            {
                var (queue, waiter) = ((FairTurns, Waiter))state!;
                queue.GiveUp(waiter);
            },
            (this, waiter));
        var outcome = await waiter.Task;
        if (outcome == TurnOutcome.GivenUp)
        {
            throw new OperationCanceledException(cancellationToken);
        }

        return outcome;
    }

    /// <summary>Gives a turn back: it goes to the next one who waits.</summary>
    public void Leave()
    {
        Waiter next;
        lock (_gate)
        {
            if (_ring.First is not { } tenant)
            {
                _running--;
                return;
            }

            next = tenant.Value.Lines.First!.Value.Waiters.First!.Value;
            Remove_NeedsLock(next);

            // The lane that had its turn moves to the end if it still has waiters.
            MoveToEnd(_ring, tenant);
            if (next.Line.List is not null)
            {
                MoveToEnd(tenant.Value.Lines, next.Line);
            }
        }

        next.Finish(TurnOutcome.Taken);
    }

    private static void MoveToEnd<T>(LinkedList<T> list, LinkedListNode<T> node)
    {
        if (node.List is not null)
        {
            list.Remove(node);
            list.AddLast(node);
        }
    }

    private void GiveUp(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Place.List is null)
            {
                // It has its turn, or its refusal, already.
                return;
            }

            Remove_NeedsLock(waiter);
        }

        waiter.Finish(TurnOutcome.GivenUp);
    }

    private Waiter Add_NeedsLock(HashingLane lane)
    {
        if (!_tenants.TryGetValue(lane.Tenant, out var tenant))
        {
            tenant = _ring.AddLast(new Tenant());
            _tenants.Add(lane.Tenant, tenant);
        }

        if (!tenant.Value.Addresses.TryGetValue(lane.Address, out var line))
        {
            line = tenant.Value.Lines.AddLast(new Line());
            tenant.Value.Addresses.Add(lane.Address, line);
        }

        _waiting++;
        _waitingOfAddress[lane.Address] = _waitingOfAddress.GetValueOrDefault(lane.Address) + 1;
        var waiter = new Waiter(lane, line);
        waiter.Place = line.Value.Waiters.AddLast(waiter);
        return waiter;
    }

    private void Remove_NeedsLock(Waiter waiter)
    {
        var tenant = _tenants[waiter.Lane.Tenant];
        waiter.Line.Value.Waiters.Remove(waiter.Place);
        _waiting--;
        if (--_waitingOfAddress[waiter.Lane.Address] == 0)
        {
            _waitingOfAddress.Remove(waiter.Lane.Address);
        }

        if (waiter.Line.Value.Waiters.Count == 0)
        {
            tenant.Value.Lines.Remove(waiter.Line);
            tenant.Value.Addresses.Remove(waiter.Lane.Address);
        }

        if (tenant.Value.Lines.Count == 0)
        {
            _ring.Remove(tenant);
            _tenants.Remove(waiter.Lane.Tenant);
        }
    }

    /// <summary>At most as many lines as places: a look at all of them, when every place is taken, costs less than the hash that it decides about.</summary>
    private Waiter? LastOfLongerLine_NeedsLock(HashingLane lane)
    {
        var own = _tenants.TryGetValue(lane.Tenant, out var tenant) && tenant.Value.Addresses.TryGetValue(lane.Address, out var line) ? line.Value.Waiters.Count : 0;
        var longest = _ring.SelectMany(static other => other.Lines).MaxBy(static other => other.Waiters.Count);
        return longest is not null && longest.Waiters.Count > own + 1 ? longest.Waiters.Last!.Value : null;
    }

    private sealed class Tenant
    {
        public LinkedList<Line> Lines { get; } = new();

        public Dictionary<AddressKey, LinkedListNode<Line>> Addresses { get; } = [];
    }

    private sealed class Line
    {
        public LinkedList<Waiter> Waiters { get; } = new();
    }

    private sealed class Waiter(HashingLane lane, LinkedListNode<Line> line)
    {
        // Continuations run elsewhere, not on the stack of the caller that releases the turn.
        private readonly TaskCompletionSource<TurnOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HashingLane Lane { get; } = lane;

        public LinkedListNode<Line> Line { get; } = line;

        /// <summary>Set once, under the gate, before anybody else can see the waiter.</summary>
        public LinkedListNode<Waiter> Place { get; set; } = null!;

        public Task<TurnOutcome> Task => _done.Task;

        public void Finish(TurnOutcome outcome) => _done.TrySetResult(outcome);
    }
}

/// <summary>What became of a wait.</summary>
internal enum TurnOutcome
{
    /// <summary>It is the caller's turn.</summary>
    Taken,

    /// <summary>As many as may wait do so, and none of them in a longer line.</summary>
    Crowded,

    /// <summary>As many of the address as may wait do so.</summary>
    AddressCrowded,

    /// <summary>The caller did not wait.</summary>
    GivenUp,
}
