using Contracts.Messages;

namespace Dbman.Messages.Commit;

/// <summary>
/// Messages that go into one transaction. Holds each message id once: the SQL looks for earlier copies in the table, not within the batch. The same
/// message again (same sender, text and attachments) follows the first and shares its outcome; the same id with anything else waits for the next batch.
/// </summary>
internal sealed class AppendBatch
{
    private readonly List<PendingAppend> _items = [];
    private readonly List<(PendingAppend Item, int Leader)> _followers = [];
    private readonly Dictionary<(string Tenant, string Room, string Id), int> _ids = [];
    private readonly SortedSet<RoomKey> _rooms = new(RoomOrder.Instance);

    public IReadOnlyList<PendingAppend> Items => _items;

    /// <summary>Copies of items, by the index of the first.</summary>
    public IReadOnlyList<(PendingAppend Item, int Leader)> Followers => _followers;

    /// <summary>Rooms touched, in the order of locking.</summary>
    public IReadOnlyCollection<RoomKey> Rooms => _rooms;

    public int Count => _items.Count + _followers.Count;

    public int Characters { get; private set; }

    /// <summary>False when this message has to wait for the next batch.</summary>
    public bool TryAdd(PendingAppend pending)
    {
        var item = pending.Item;
        var id = (item.Tenant, item.Room, item.Id);
        if (_ids.TryGetValue(id, out var leader))
        {
            if (!IsSame(_items[leader].Item, item))
            {
                return false;
            }

            _followers.Add((pending, leader));
            return true;
        }

        _ids.Add(id, _items.Count);
        _items.Add(pending);
        _rooms.Add(new RoomKey(item.Tenant, item.Room));
        Characters += item.Text.Length;
        return true;
    }

    public void Clear()
    {
        _items.Clear();
        _followers.Clear();
        _ids.Clear();
        _rooms.Clear();
        Characters = 0;
    }

    /// <summary>The first and the second half, order kept.</summary>
    public (AppendBatch First, AppendBatch Second) Halve()
    {
        var first = new AppendBatch();
        var second = new AppendBatch();
        for (var index = 0; index < _items.Count; index++)
        {
            (index < _items.Count / 2 ? first : second).TryAdd(_items[index]);
        }

        HandOnFollowers(leader => leader < _items.Count / 2 ? first : second);
        return (first, second);
    }

    /// <summary>One batch a room, order kept within each.</summary>
    public IReadOnlyCollection<AppendBatch> SplitByRoom()
    {
        var batches = new Dictionary<RoomKey, AppendBatch>();
        foreach (var pending in _items)
        {
            var room = new RoomKey(pending.Item.Tenant, pending.Item.Room);
            if (!batches.TryGetValue(room, out var batch))
            {
                batches.Add(room, batch = new AppendBatch());
            }

            batch.TryAdd(pending);
        }

        HandOnFollowers(leader => batches[new RoomKey(_items[leader].Item.Tenant, _items[leader].Item.Room)]);
        return batches.Values;
    }

    private static bool IsSame(AppendItem x, AppendItem y) =>
        x.Sender == y.Sender && x.Text == y.Text && x.OnlyIfStored == y.OnlyIfStored && (x.Attachments ?? []).SequenceEqual(y.Attachments ?? [], StringComparer.Ordinal);

    private void HandOnFollowers(Func<int, AppendBatch> target)
    {
        foreach (var (item, leader) in _followers)
        {
            target(leader).TryAdd(item);
        }
    }

    private sealed class RoomOrder : IComparer<RoomKey>
    {
        public static readonly RoomOrder Instance = new();

        public int Compare(RoomKey x, RoomKey y) =>
            string.CompareOrdinal(x.Tenant, y.Tenant) is var tenants and not 0 ? tenants : string.CompareOrdinal(x.Room, y.Room);
    }
}
