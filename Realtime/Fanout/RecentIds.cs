namespace Realtime.Fanout;

/// <summary>The last ids of signals and system events, to drop second copies. Not thread-safe: the feed's lock guards it.</summary>
/// <param name="capacity">Most ids that are remembered.</param>
internal sealed class RecentIds(int capacity)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Whether this is the first time; forgets the oldest id when there are too many.</summary>
    public bool Add(string id)
    {
        if (!_known.Add(id))
        {
            return false;
        }

        _order.Enqueue(id);
        if (_order.Count > capacity)
        {
            _known.Remove(_order.Dequeue());
        }

        return true;
    }
}
