using Contracts.Messages;

namespace Layouts.Planning;

/// <summary>
/// Proposes how many message shards a room should have, from how many messages a second it has had, window by window.
/// </summary>
/// <remarks>
/// <para>
/// <b>Hysteresis.</b> A room grows when its shards would carry more than <see cref="PlannerOptions.MessagesPerShard"/> each, and shrinks when fewer
/// would carry no more than <see cref="ShrinkBelow"/> of that: between the two nothing happens, so a rate that wavers around a bound
/// moves nobody. Growing takes a few windows in a row, shrinking many; what is proposed is what every one of them could do with. A proposal stays
/// open until it is followed, or until as many windows in a row no longer need it as it takes to grow.
/// </para>
/// <para><b>Cool-down.</b> A room whose layout has just changed is left alone, and counts from the beginning after that.</para>
/// <para>
/// Only rooms with a layout of their own shrink: those that follow a wider one have what everybody has. The last step down is to follow the wider
/// layout again.
/// </para>
/// <para>Not safe for concurrent use: its owner's loop alone calls it.</para>
/// </remarks>
internal sealed class ShardPlanner(PlannerOptions options)
{
    /// <summary>Part of what makes a room grow, below which it may shrink: clearly less than where it would get its shards again.</summary>
    private const double ShrinkBelow = 0.5;

    private readonly Dictionary<RoomKey, Track> _tracks = [];

    /// <summary>Takes one window; answers what is proposed then, by room.</summary>
    /// <param name="rooms">The hot rooms, and those with layouts of their own; rooms that are no longer named are forgotten.</param>
    /// <param name="now">Database time, or near it.</param>
    public IReadOnlyList<ShardProposal> Judge(IReadOnlyCollection<RoomLoad> rooms, DateTimeOffset now)
    {
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

    /// <summary>The fewest shards, a power of two, that carry so much.</summary>
    public int ShardsFor(double messagesPerSecond, double perShard)
    {
        var shards = 1;
        while (shards < options.MaxShards && messagesPerSecond > shards * perShard)
        {
            shards *= 2;
        }

        return shards;
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

        track.Take(wish, wish is null ? 0 : WindowsFor(wish > room.Shards), room.Shards, options.GrowWindows);
        if (track.IsEmpty)
        {
            _tracks.Remove(room.Room);
            return null;
        }

        return track.Count < WindowsFor(track.Grows)
            ? null
            : new ShardProposal(room.Room, room.Shards, track.Shards, FollowsWider: !track.Grows && track.Shards == room.WiderShards, room.MessagesPerSecond);
    }

    private int WindowsFor(bool grows) => grows ? options.GrowWindows : options.ShrinkWindows;

    /// <summary>What this window alone asks for; null: what there is.</summary>
    private int? WishOf(RoomLoad room)
    {
        if (ShardsFor(room.MessagesPerSecond, options.MessagesPerShard) is var needed && needed > room.Shards)
        {
            return needed;
        }

        if (!room.HasOwn)
        {
            return null;
        }

        var enough = Math.Max(ShardsFor(room.MessagesPerSecond, options.MessagesPerShard * ShrinkBelow), room.WiderShards);
        return enough < room.Shards || enough == room.WiderShards ? enough : null;
    }

    /// <summary>Wishes of one room, all in one direction.</summary>
    private sealed class Track
    {
        private readonly Queue<int> _wishes = new();
        private int _against;
        private bool _isProposed;

        public bool Grows { get; private set; }

        public int Count => _wishes.Count;

        public bool IsEmpty => _wishes.Count == 0;

        /// <summary>What every window could do with.</summary>
        public int Shards => Grows ? _wishes.Min() : _wishes.Max();

        public void Take(int? wish, int windows, int current, int patience)
        {
            var isMore = wish > current;
            if (wish is null || (!IsEmpty && isMore != Grows))
            {
                Against(patience);
                return;
            }

            Grows = isMore;
            _against = 0;
            _wishes.Enqueue(wish.Value);
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
internal sealed record RoomLoad(RoomKey Room, double MessagesPerSecond, int Shards, int WiderShards, bool HasOwn, bool IsSettled, DateTimeOffset? ChangedAt);

/// <summary>What a room should have.</summary>
/// <param name="Room">The room.</param>
/// <param name="From">What it has.</param>
/// <param name="To">What it should have.</param>
/// <param name="FollowsWider">Whether it gets that by following the wider layout again.</param>
/// <param name="MessagesPerSecond">In the last window.</param>
internal sealed record ShardProposal(RoomKey Room, int From, int To, bool FollowsWider, double MessagesPerSecond);
