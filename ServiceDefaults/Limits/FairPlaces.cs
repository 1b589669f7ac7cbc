using System.Runtime.InteropServices;

namespace ServiceDefaults.Limits;

/// <summary>A bounded number of places, shared fairly between users, tenants and addresses.</summary>
/// <remarks>
/// Shares. A user, a tenant and an address may each hold at most so many places, and have at most so many requests waiting. The last places are therefore always somebody else's.
/// Order. A free place goes to the waiter whose user holds fewest; among those, to the one whose tenant holds fewest; among those, to the oldest. When the queue is full, a caller with
/// fewer waiting takes the seat of the newest waiter of the caller with most.
/// Speed. Who holds a place while it waits for its own peer (the rest of a body, room to write an answer) is measured. While others wait, the slowest of those below the least rate lose
/// their places, one for each waiter that this helps. A place that waits for us is never taken away.
/// Invariant. Either no place is free, or no waiter may take one: so a caller that finds a free place within its shares takes it without looking at
/// the queue. All state is guarded by one lock; nothing is called under it but completions that continue elsewhere.
/// </remarks>
internal sealed class FairPlaces(FairBounds bounds, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PartyKey, Party> _parties = [];
    private readonly LinkedList<Waiter> _queue = [];
    private readonly HashSet<FairPlace> _places = [];

    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _places.Count;
            }
        }
    }

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>A place at once, a seat in the queue, or the reason why there is neither.</summary>
    public FairSeat Enter(CallerKeys caller)
    {
        lock (_gate)
        {
            var parties = Of_NeedsLock(caller);
            if (_places.Count < bounds.Places && MayRun(parties))
            {
                return new FairSeat(Add_NeedsLock(parties), null, null);
            }

            var hasItsShare = Array.Exists(parties, static party => party.Waiting >= party.MaxWaiting);
            var refusal = _queue.Count >= bounds.Queue && (hasItsShare || !Displace_NeedsLock(parties)) ? FairRefusals.QueueFull
                : hasItsShare ? FairRefusals.Share
                : null;
            if (refusal is not null)
            {
                Forget_NeedsLock(parties);
                return new FairSeat(null, null, refusal);
            }

            var waiter = new Waiter(parties);
            foreach (var party in parties)
            {
                party.Waiting++;
            }

            waiter.Node = _queue.AddLast(waiter);
            EvictFor_NeedsLock(waiter);
            return new FairSeat(null, waiter, null);
        }
    }

    /// <summary>Gives up waiting; false when the waiter has a place, or a refusal, by now.</summary>
    public bool Abandon(Waiter waiter)
    {
        lock (_gate)
        {
            return Leave_NeedsLock(waiter);
        }
    }

    public void Release(FairPlace place)
    {
        lock (_gate)
        {
            if (!_places.Remove(place))
            {
                return;
            }

            foreach (var party in place.Parties)
            {
                party.Running--;
            }

            Forget_NeedsLock(place.Parties);
            while (_places.Count < bounds.Places && Next_NeedsLock() is { } waiter)
            {
                Leave_NeedsLock(waiter);
                waiter.Outcome.TrySetResult(new FairSeat(Add_NeedsLock(waiter.Parties), null, null));
            }
        }
    }

    /// <summary>Measures those that hold places, and takes places from slow ones for those that wait.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            foreach (var place in _places)
            {
                place.Pace.Judge(bounds.MinBytesPerSecond, bounds.Grace);
            }

            foreach (var waiter in _queue)
            {
                EvictFor_NeedsLock(waiter);
            }
        }
    }

    private static bool MayRun(Party[] parties)
    {
        foreach (var party in parties)
        {
            if (party.Running >= party.MaxRunning)
            {
                return false;
            }
        }

        return true;
    }

    private Party[] Of_NeedsLock(CallerKeys caller) => caller is { User: { } user, Tenant: { } tenant }
        ? [Of_NeedsLock(user), Of_NeedsLock(tenant), Of_NeedsLock(caller.Address)]
        : [Of_NeedsLock(caller.Address)];

    private Party Of_NeedsLock(PartyKey key)
    {
        if (!_parties.TryGetValue(key, out var party))
        {
            _parties.Add(key, party = new Party(key, bounds.Running.Of(key.Kind), bounds.Waiting.Of(key.Kind)));
        }

        return party;
    }

    private void Forget_NeedsLock(Party[] parties)
    {
        foreach (var party in parties)
        {
            if (party is { Running: 0, Waiting: 0 })
            {
                _parties.Remove(party.Key);
            }
        }
    }

    private FairPlace Add_NeedsLock(Party[] parties)
    {
        var place = new FairPlace(parties, new Pace(time));
        foreach (var party in parties)
        {
            // It may have been evicted between the end of its last request and this one's turn.
            _parties[party.Key] = party;
            party.Running++;
        }

        _places.Add(place);
        return place;
    }

    private bool Leave_NeedsLock(Waiter waiter)
    {
        if (waiter.Node is not { } node)
        {
            return false;
        }

        waiter.Node = null;
        _queue.Remove(node);
        foreach (var party in waiter.Parties)
        {
            party.Waiting--;
        }

        Forget_NeedsLock(waiter.Parties);
        return true;
    }

    private Waiter? Next_NeedsLock()
    {
        Waiter? best = null;
        foreach (var waiter in _queue)
        {
            if (MayRun(waiter.Parties) && (best is null || Compare(waiter, best) < 0))
            {
                best = waiter;
            }
        }

        return best;
    }

    /// <summary>User before tenant: the hundredth user of a tenant gets its turn too.</summary>
    private static int Compare(Waiter x, Waiter y)
    {
        for (var i = 0; i < Math.Min(x.Parties.Length, y.Parties.Length); i++)
        {
            if (x.Parties[i].Running.CompareTo(y.Parties[i].Running) is var order and not 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <summary>Makes a seat free for a caller that has fewer than another one.</summary>
    private bool Displace_NeedsLock(Party[] newcomer)
    {
        var (greedy, most) = (default(Waiter), newcomer[0].Waiting + 1);
        for (var node = _queue.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Parties[0].Waiting > most)
            {
                (greedy, most) = (node.Value, node.Value.Parties[0].Waiting);
            }
        }

        if (greedy is null)
        {
            return false;
        }

        Leave_NeedsLock(greedy);
        greedy.Outcome.TrySetResult(new FairSeat(null, null, FairRefusals.QueueFull));
        return true;
    }

    /// <summary>Takes the slowest place whose end lets this waiter run, unless one was taken for it already.</summary>
    private void EvictFor_NeedsLock(Waiter waiter)
    {
        if (waiter.Cleared?.IsHeld(_places) == true || (_places.Count < bounds.Places && MayRun(waiter.Parties)))
        {
            return;
        }

        var full = Array.Find(waiter.Parties, static party => party.Running >= party.MaxRunning);
        FairPlace? slowest = null;
        foreach (var place in _places)
        {
            if (place.Pace.IsSlow && !place.Pace.IsEvicted && (full is null || place.Parties.Contains(full))
                && (slowest is null || place.Pace.BytesPerSecond < slowest.Pace.BytesPerSecond))
            {
                slowest = place;
            }
        }

        if (slowest is not null)
        {
            waiter.Cleared = slowest;
            slowest.Pace.Evict();
        }
    }

    /// <summary>A user, tenant or address that holds places or waits. Counts are changed under the lock.</summary>
    public sealed class Party(PartyKey key, int maxRunning, int maxWaiting)
    {
        public PartyKey Key { get; } = key;

        public int MaxRunning { get; } = maxRunning;

        public int MaxWaiting { get; } = maxWaiting;

        public int Running { get; set; }

        public int Waiting { get; set; }
    }

    /// <summary>A request in the queue.</summary>
    public sealed class Waiter(Party[] parties)
    {
        public Party[] Parties { get; } = parties;

        public TaskCompletionSource<FairSeat> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null once it has left the queue.</summary>
        public LinkedListNode<Waiter>? Node { get; set; }

        /// <summary>The place that was taken from somebody for it.</summary>
        public FairPlace? Cleared { get; set; }
    }
}

/// <summary>A place that is held.</summary>
internal sealed class FairPlace(FairPlaces.Party[] parties, Pace pace)
{
    public FairPlaces.Party[] Parties { get; } = parties;

    /// <summary>How fast its peer is.</summary>
    public Pace Pace { get; } = pace;

    public bool IsHeld(HashSet<FairPlace> places) => places.Contains(this);
}

/// <summary>A place, a seat in the queue, or a reason for neither.</summary>
internal sealed record FairSeat(FairPlace? Place, FairPlaces.Waiter? Waiter, string? Refusal);

/// <summary>Values of the reason tag of <c>concurrency.refused</c>.</summary>
internal static class FairRefusals
{
    public const string QueueFull = "queue_full";
    public const string QueueTimeout = "queue_timeout";

    /// <summary>The caller has as many requests waiting as its share allows.</summary>
    public const string Share = "share";
}

/// <summary>What <see cref="FairPlaces"/> keeps to.</summary>
/// <param name="Places">Most places.</param>
/// <param name="Queue">Most waiters.</param>
/// <param name="Running">Most places of one caller.</param>
/// <param name="Waiting">Most waiters of one caller.</param>
/// <param name="MinBytesPerSecond">Below it a place may be given to somebody who waits.</param>
/// <param name="Grace">Time over which that is measured.</param>
internal sealed record FairBounds(int Places, int Queue, FairCaps Running, FairCaps Waiting, long MinBytesPerSecond, TimeSpan Grace);

/// <summary>A bound for each kind of caller.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FairCaps(int User, int Tenant, int Address)
{
    public int Of(PartyKind kind) => kind switch
    {
        PartyKind.User => User,
        PartyKind.Tenant => Tenant,
        _ => Address,
    };

    /// <summary>Parts of a whole: at least one, as nobody is shut out by rounding. All of it is no bound of its own.</summary>
    public static FairCaps PartsOf(int whole, double user, double tenant, double address)
    {
        return new FairCaps(Part(user), Part(tenant), Part(address));

        int Part(double share) => share >= 1 ? int.MaxValue : Math.Max(1, (int)Math.Ceiling(share * whole));
    }
}
