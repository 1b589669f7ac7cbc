using System.Collections.Concurrent;
using System.Collections.Frozen;
using Contracts.Layouts;
using Contracts.Messages;

namespace Realtime.Channels;

/// <summary>
/// All layouts as of one revision. Immutable; a node holds one for listening and one for publishing, which differ only while it applies a change.
/// Counts the publishes that are under way by it, so that applying can wait for the last one.
/// </summary>
internal sealed class LayoutSnapshot
{
    /// <summary>Rooms whose routes are remembered; past it all are forgotten, which costs making them again.</summary>
    private const int MaxRemembered = 16_384;

    private readonly FrozenDictionary<LayoutScope, LayoutRecord> _records;
    private readonly ConcurrentDictionary<RoomKey, RoomRoutes> _routes = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _isCluster;
    private int _underWay;
    private int _isRetired;

    private LayoutSnapshot(long revision, FrozenDictionary<LayoutScope, LayoutRecord> records, bool isCluster)
    {
        Revision = revision;
        _records = records;
        _isCluster = isCluster;
    }

    /// <summary>Epoch of the newest record; 0: there is none.</summary>
    public long Revision { get; }

    /// <summary>The newest record of each scope that has one of its own.</summary>
    public IEnumerable<LayoutRecord> Records => _records.Values;

    /// <summary>No record: everything is as it always was.</summary>
    public static LayoutSnapshot Empty(bool isCluster) => new(0, FrozenDictionary<LayoutScope, LayoutRecord>.Empty, isCluster);

    /// <summary>The next snapshot: what came replaces what the scopes had.</summary>
    public LayoutSnapshot With(LayoutsResponse changes)
    {
        var records = new Dictionary<LayoutScope, LayoutRecord>(_records);
        foreach (var record in changes.Records.OrderBy(static record => record.Epoch))
        {
            if (record.State is null)
            {
                records.Remove(record.Scope);
            }
            else
            {
                records[record.Scope] = record;
            }
        }

        return new LayoutSnapshot(changes.Revision, records.ToFrozenDictionary(), _isCluster);
    }

    /// <summary>The room's channels.</summary>
    public RoomRoutes RoutesOf(in RoomKey room)
    {
        if (_routes.TryGetValue(room, out var known))
        {
            return known;
        }

        if (_routes.Count >= MaxRemembered)
        {
            _routes.Clear();
        }

        var record = RecordOf(room);
        var state = record?.State ?? LayoutRules.Initial;
        return _routes.GetOrAdd(
            room, new RoomRoutes(room, state, record?.Scope ?? LayoutScope.All, record?.Epoch ?? 0, IsCanary(room, record), _isCluster));
    }

    /// <summary>The record that holds for a room: the narrowest; null: none.</summary>
    public LayoutRecord? RecordOf(in RoomKey room) =>
        _records.Count == 0 ? null
        : _records.GetValueOrDefault(new LayoutScope(room.Tenant, room.Room))
            ?? _records.GetValueOrDefault(new LayoutScope(room.Tenant))
            ?? _records.GetValueOrDefault(LayoutScope.All);

    /// <summary>Begins a publish; false when the snapshot is retired, and its successor is there.</summary>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _underWay);
        if (Volatile.Read(ref _isRetired) == 0)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Ends a publish.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _underWay) == 0 && Volatile.Read(ref _isRetired) == 1)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>No publish begins by it from now on; completes when the last one has ended.</summary>
    public Task RetireAsync()
    {
        // Full fences on both sides: a publish that entered before is counted here, one that enters later sees that it is retired.
        Interlocked.Exchange(ref _isRetired, 1);
        if (Interlocked.CompareExchange(ref _underWay, 0, 0) == 0)
        {
            _drained.TrySetResult();
        }

        return _drained.Task;
    }

    private static bool IsCanary(in RoomKey room, LayoutRecord? record)
    {
        if (record?.State?.Canary is not { } rule)
        {
            return false;
        }

        // A room's own layout chooses that room.
        return record.Scope.Room is not null
            || rule.Tenants.Contains(room.Tenant)
            || rule.Rooms.Contains(room.ToString())
            || ShardHash.PerMilleOf(room) < rule.PerMille;
    }
}
