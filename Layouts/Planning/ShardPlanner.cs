using Contracts.Layouts;
using Contracts.Messages;

namespace Layouts.Planning;

/// <summary>
/// Proposes how many message shards a room should have, from what it has needed (<see cref="ShardNeed"/>), window by window.
/// </summary>
/// <remarks>
/// <para>
/// <b>Hysteresis.</b> A room grows when its shards do not carry it and others take load off its busiest master: mostly more, sometimes fewer that lie
/// better. It shrinks when fewer would carry it within <see cref="ShrinkBelow"/> of what it may take, or as well as what it has: between the two
/// nothing happens, so a rate that wavers around a bound moves nobody. Growing takes a few windows in a row, shrinking many; what is proposed is what
/// every one of them could do with. A proposal stays open until it is followed, or until as many windows in a row no longer need it as it takes to grow.
/// </para>
/// <para><b>Cool-down.</b> A room whose layout has just changed is left alone, and counts from the beginning after that.</para>
/// <para>
/// Only rooms with a layout of their own shrink: those that follow a wider one have what everybody has. The last step down is to follow the wider
/// layout again, as soon as that carries the room.
/// </para>
/// <para>Not safe for concurrent use: its owner's loop alone calls it.</para>
/// </remarks>
internal sealed class ShardPlanner(PlannerOptions options)
{
    /// <summary>Part of what makes a room grow, below which it may shrink: clearly less than where it would get its shards again.</summary>
    private const double ShrinkBelow = 0.5;

    private readonly Dictionary<RoomKey, Track> _tracks = [];
    private readonly Dictionary<RoomKey, int> _overloaded = [];
    private ShardNeed _need = new(options, priceSeconds: null);

    /// <summary>
    /// Rooms that take more than they may, have done so for as many windows as it takes to grow, and would not be helped by more shards. The heaviest
    /// first; as of the last window.
    /// </summary>
    public IReadOnlyList<HeldRoom> Held { get; private set; } = [];

    /// <summary>Takes one window; answers what is proposed then, by room.</summary>
    /// <param name="rooms">The hot rooms, and those with layouts of their own; rooms that are no longer named are forgotten.</param>
    /// <param name="priceSeconds">What an event costs Redis; null: not known.</param>
    /// <param name="now">Database time, or near it.</param>
    public IReadOnlyList<ShardProposal> Judge(IReadOnlyCollection<RoomLoad> rooms, double? priceSeconds, DateTimeOffset now)
    {
        _need = new ShardNeed(options, priceSeconds);
        Held = Hold(rooms);
        foreach (var gone in _tracks.Keys.Except(rooms.Select(static room => room.Room)).ToArray())
        {
            _tracks.Remove(gone);
        }

        List<ShardProposal> proposals = [];
        foreach (var room in rooms)
        {
            if (!room.IsSettled || now - room.ChangedAt < options.CoolDown)
            {
                _tracks.Remove(room.Room);
            }
            else if (Judge(room) is { } proposal)
            {
                proposals.Add(proposal);
            }
        }

        return proposals;
    }

    private HeldRoom[] Hold(IReadOnlyCollection<RoomLoad> rooms)
    {
        List<HeldRoom> held = [];
        foreach (var room in rooms)
        {
            if (_need.ShareOf(room, room.Shards) is not { } share || _need.Fits(room, room.Shards, 1) || AsksForRelief(room, out _))
            {
                _overloaded.Remove(room.Room);
                continue;
            }

            var windows = _overloaded[room.Room] = _overloaded.GetValueOrDefault(room.Room) + 1;
            if (windows >= options.GrowWindows)
            {
                held.Add(new HeldRoom(room.Room.Tenant, room.Room.Room, room.MessagesPerSecond, share, PlannerText.Hold(room)));
            }
        }

        foreach (var gone in _overloaded.Keys.Except(rooms.Select(static room => room.Room)).ToArray())
        {
            _overloaded.Remove(gone);
        }

        return [.. held.OrderByDescending(static room => room.MasterShare)];
    }

    private ShardProposal? Judge(RoomLoad room)
    {
        var wish = WishOf(room);
        if (!_tracks.TryGetValue(room.Room, out var track))
        {
            if (wish is null)
            {
                return null;
            }

            _tracks[room.Room] = track = new Track();
        }

        track.Take(wish, wish is null ? 0 : WindowsFor(wish.Value.IsRelief), options.GrowWindows);
        if (track.IsEmpty)
        {
            _tracks.Remove(room.Room);
            return null;
        }

        return track.Count < WindowsFor(track.IsRelief)
            ? null
            : new ShardProposal(
                room.Room,
                room.Shards,
                track.Shards,
                track.IsRelief,
                FollowsWider: !track.IsRelief && track.Shards == room.WiderShards,
                room.MessagesPerSecond,
                _need.EffectOf(room, track.Shards));
    }

    private int WindowsFor(bool isRelief) => isRelief ? options.GrowWindows : options.ShrinkWindows;

    /// <summary>What this window alone asks for; null: what there is.</summary>
    private (int Shards, bool IsRelief)? WishOf(RoomLoad room)
    {
        if (AsksForRelief(room, out var needed))
        {
            return (needed, true);
        }

        if (!room.HasOwn)
        {
            return null;
        }

        // Fewer than everybody has is worth nothing, unless they carry it better.
        if (_need.Carries(room, room.WiderShards, ShrinkBelow))
        {
            return (room.WiderShards, false);
        }

        return _need.Enough(room, ShrinkBelow) is var enough && enough < room.Shards ? (enough, false) : null;
    }

    private bool AsksForRelief(RoomLoad room, out int needed)
    {
        needed = _need.Enough(room, part: 1);
        return !_need.Carries(room, room.Shards, part: 1) && ShardNeed.Relieves(room, needed);
    }

    /// <summary>Wishes of one room, all in one direction.</summary>
    private sealed class Track
    {
        private readonly Queue<int> _wishes = new();
        private int _against;
        private bool _isProposed;

        public bool IsRelief { get; private set; }

        public int Count => _wishes.Count;

        public bool IsEmpty => _wishes.Count == 0;

        /// <summary>What every window could do with.</summary>
        public int Shards => IsRelief ? _wishes.Min() : _wishes.Max();

        public void Take((int Shards, bool IsRelief)? wish, int windows, int patience)
        {
            if (wish is null || (!IsEmpty && wish.Value.IsRelief != IsRelief))
            {
                Against(patience);
                return;
            }

            IsRelief = wish.Value.IsRelief;
            _against = 0;
            _wishes.Enqueue(wish.Value.Shards);
            while (_wishes.Count > windows)
            {
                _wishes.Dequeue();
            }

            _isProposed |= _wishes.Count == windows;
        }

        private void Against(int patience)
        {
            if (!_isProposed || ++_against >= patience)
            {
                _wishes.Clear();
                _against = 0;
                _isProposed = false;
            }
        }
    }
}

/// <summary>A room as the planner sees it in one window.</summary>
/// <param name="Room">The room.</param>
/// <param name="MessagesPerSecond">0: it is not among the hot ones.</param>
/// <param name="Shards">That it has, or will have once it is sharded.</param>
/// <param name="WiderShards">That it would have without a layout of its own.</param>
/// <param name="HasOwn">Whether it has a layout of its own.</param>
/// <param name="IsSettled">Whether its layout is at rest, legacy or sharded, and the wider one likewise.</param>
/// <param name="ChangedAt">When its own layout last changed; null: never.</param>
/// <param name="Spread">How its shards lie on the masters; null: not known.</param>
internal sealed record RoomLoad(
    RoomKey Room, double MessagesPerSecond, int Shards, int WiderShards, bool HasOwn, bool IsSettled, DateTimeOffset? ChangedAt, ShardSpread? Spread);

/// <summary>What a room should have.</summary>
/// <param name="Room">The room.</param>
/// <param name="From">What it has.</param>
/// <param name="To">What it should have.</param>
/// <param name="IsRelief">Whether it needs that to be carried; else it can do with it.</param>
/// <param name="FollowsWider">Whether it gets that by following the wider layout again.</param>
/// <param name="MessagesPerSecond">In the last window.</param>
/// <param name="Effect">On the masters; null: not known, and judged by messages a second.</param>
internal sealed record ShardProposal(RoomKey Room, int From, int To, bool IsRelief, bool FollowsWider, double MessagesPerSecond, ShardEffect? Effect);
