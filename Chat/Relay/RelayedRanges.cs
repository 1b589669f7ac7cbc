using System.Runtime.InteropServices;
using Contracts.Messages;
using ServiceDefaults.Waiting;

namespace Chat.Relay;

/// <summary>
/// Which messages this replica has published and dbman does not yet know about, merged per room.
/// </summary>
/// <remarks>
/// Dbman moves a room's position only over a range that touches it. With several replicas posting into one room, each holds every other piece: a range
/// stays here until a position that covers it comes back, and is reported again with growing waits. Everything is bounded; what is dropped here is at
/// worst published a second time by the sweeper, which receivers do not notice.
/// Written by the relay's lanes and by the marker: one lock, held for a few list operations.
/// </remarks>
internal sealed class RelayedRanges(int maxRooms, int maxRanges, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RoomKey, Pending> _rooms = [];

    /// <summary>Rooms with unreported ranges.</summary>
    public int Rooms
    {
        get
        {
            lock (_lock)
            {
                return _rooms.Count;
            }
        }
    }

    /// <summary>Adds <paramref name="from"/> to <paramref name="to"/>. False when a bound was met and the range was not kept.</summary>
    public bool Add(RoomKey room, long from, long to)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (!_rooms.TryGetValue(room, out var pending))
            {
                if (_rooms.Count >= maxRooms)
                {
                    return false;
                }

                _rooms.Add(room, pending = new Pending { DueAt = now });
            }

            if (!Merge_NeedsLock(pending.Ranges, new Range(from, to, now)))
            {
                return false;
            }

            // Something new may close the hole in front of what waits: try at the next tick.
            pending.DueAt = now;
            pending.Attempts = 0;
            return true;
        }
    }

    /// <summary>Ranges that are due, at most <paramref name="limit"/>; <paramref name="all"/> takes those that wait for their next try too.</summary>
    public List<RelayedRange> Due(int limit, bool all)
    {
        var now = time.GetTimestamp();
        List<RelayedRange> due = [];
        lock (_lock)
        {
            foreach (var (room, pending) in _rooms)
            {
                if (due.Count >= limit)
                {
                    break;
                }

                if (all || pending.DueAt <= now)
                {
                    foreach (var range in pending.Ranges.Take(limit - due.Count))
                    {
                        due.Add(new RelayedRange(room.Tenant, room.Room, range.From, range.To));
                    }
                }
            }
        }

        return due;
    }

    /// <summary>
    /// Takes in what dbman answered for the ranges that it was sent: forgets what a position covers, what dbman does not know (no room, no position), and what has waited longer
    /// than <paramref name="pendingFor"/>; puts off the rest. Returns the number of ranges that ran out of time.
    /// </summary>
    public int Settle(IReadOnlyList<RelayedRange> sent, IReadOnlyList<RelayPosition> positions, Backoff backoff, TimeSpan pendingFor)
    {
        var covered = new Dictionary<RoomKey, long>(positions.Count);
        foreach (var position in positions)
        {
            covered[new RoomKey(position.Tenant, position.Room)] = position.RelayedSeq;
        }

        var now = time.GetTimestamp();
        var expired = 0;
        lock (_lock)
        {
            foreach (var room in sent.Select(static range => new RoomKey(range.Tenant, range.Room)).Distinct())
            {
                if (!_rooms.TryGetValue(room, out var pending))
                {
                    continue;
                }

                var upTo = covered.GetValueOrDefault(room, long.MaxValue);
                pending.Ranges.RemoveAll(range => range.To <= upTo);
                expired += pending.Ranges.RemoveAll(range => time.GetElapsedTime(range.Since, now) > pendingFor);
                if (pending.Ranges.Count == 0)
                {
                    _rooms.Remove(room);
                    continue;
                }

                pending.DueAt = now + (long)(backoff.Wait(++pending.Attempts).TotalSeconds * time.TimestampFrequency);
            }
        }

        return expired;
    }

    /// <summary>Keeps the list sorted, without overlaps and without neighbours that touch.</summary>
    private bool Merge_NeedsLock(List<Range> ranges, Range added)
    {
        // New messages are at the end nearly always: search from there.
        var at = ranges.Count;
        while (at > 0 && ranges[at - 1].From > added.From)
        {
            at--;
        }

        if (at > 0 && ranges[at - 1].To >= added.From - 1)
        {
            at--;
            added = Join(ranges[at], added);
            ranges[at] = added;
        }
        else if (at < ranges.Count && added.To >= ranges[at].From - 1)
        {
            added = Join(ranges[at], added);
            ranges[at] = added;
        }
        else if (ranges.Count >= maxRanges)
        {
            return false;
        }
        else
        {
            ranges.Insert(at, added);
        }

        while (at + 1 < ranges.Count && added.To >= ranges[at + 1].From - 1)
        {
            added = Join(added, ranges[at + 1]);
            ranges[at] = added;
            ranges.RemoveAt(at + 1);
        }

        return true;
    }

    private static Range Join(Range one, Range other) =>
        new(Math.Min(one.From, other.From), Math.Max(one.To, other.To), Math.Max(one.Since, other.Since));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Range(long From, long To, long Since);

    private sealed class Pending
    {
        public List<Range> Ranges { get; } = [];

        public long DueAt { get; set; }

        public int Attempts { get; set; }
    }
}
