using System.Collections.Concurrent;
using Contracts;
using Contracts.Messages;
using Contracts.Results;
using Realtime.Fanout;

namespace Tests.Realtime;

/// <summary>Rooms as dbman would know them, in memory, with injected faults: how feeds handle a failing store is tested faster, and more
/// thoroughly, than with a real one.</summary>
internal sealed class MemoryRooms : IRoomStore
{
    private static readonly ServiceProblem Away =
        new(503, ProblemTypes.DependencyUnavailable, "Away", RetryAfter: TimeSpan.FromSeconds(1));

    private readonly ConcurrentDictionary<RoomKey, Room> _rooms = new();
    private int _historyCalls;
    private int _memberCalls;

    /// <summary>Every call fails while this is set.</summary>
    public bool IsAway { get; set; }

    /// <summary>Called at each history call; an exception or a wait of the test's own.</summary>
    public Func<Task> OnHistory { get; set; } = static () => Task.CompletedTask;

    /// <summary>Called with an answer that was read and is not returned yet.</summary>
    public Func<Task> OnHistoryRead { get; set; } = static () => Task.CompletedTask;

    public Func<Task> OnMember { get; set; } = static () => Task.CompletedTask;

    public int HistoryCalls => Volatile.Read(ref _historyCalls);

    public int MemberCalls => Volatile.Read(ref _memberCalls);

    public void Create(RoomKey room, params string[] members)
    {
        var created = new Room();
        foreach (var member in members)
        {
            created.Members[member] = true;
        }

        _rooms[room] = created;
    }

    public void Remove(RoomKey room, string user) => _rooms[room].Members.TryRemove(user, out _);

    public void AddMember(RoomKey room, string user) => _rooms[room].Members[user] = true;

    /// <summary>Stores the next message.</summary>
    public MessageRecord Append(RoomKey room, string sender = "u1", string? text = null)
    {
        var known = _rooms[room];
        lock (known.Messages)
        {
            var seq = known.Messages.Count + 1;
            var message = new MessageRecord(room.Tenant, room.Room, seq, $"m{seq}", sender, text ?? $"text {seq}", DateTimeOffset.UnixEpoch.AddSeconds(seq));
            known.Messages.Add(message);
            return message;
        }
    }

    public long Head(RoomKey room)
    {
        lock (_rooms[room].Messages)
        {
            return _rooms[room].Messages.Count;
        }
    }

    public async Task<ServiceResult<HistoryResponse>> GetAfterAsync(RoomKey room, long after, int limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _historyCalls);
        await OnHistory().WaitAsync(cancellationToken);
        if (IsAway)
        {
            return Away;
        }

        if (!_rooms.TryGetValue(room, out var known))
        {
            return new HistoryResponse([], 0);
        }

        HistoryResponse answer;
        lock (known.Messages)
        {
            answer = new HistoryResponse([.. known.Messages.Skip((int)after).Take(limit)], known.Messages.Count);
        }

        await OnHistoryRead().WaitAsync(cancellationToken);
        return answer;
    }

    public Task<ServiceResult<HeadsResponse>> GetHeadsAsync(IReadOnlyList<RoomKey> rooms, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            return Task.FromResult<ServiceResult<HeadsResponse>>(Away);
        }

        var heads = rooms.Where(_rooms.ContainsKey).Select(room => new RoomHead(room.Tenant, room.Room, Head(room)));
        return Task.FromResult<ServiceResult<HeadsResponse>>(new HeadsResponse([.. heads]));
    }

    public async Task<ServiceResult<bool>> IsMemberAsync(RoomKey room, string user, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _memberCalls);
        var member = !IsAway && _rooms.TryGetValue(room, out var known) && known.Members.ContainsKey(user);
        await OnMember().WaitAsync(cancellationToken);
        return IsAway ? Away : member;
    }

    private sealed class Room
    {
        public List<MessageRecord> Messages { get; } = [];

        public ConcurrentDictionary<string, bool> Members { get; } = new(StringComparer.Ordinal);
    }
}
