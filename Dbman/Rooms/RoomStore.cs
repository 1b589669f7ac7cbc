using Contracts.Rooms;
using Dbman.Postgres;

namespace Dbman.Rooms;

/// <summary>Rooms and lists of them.</summary>
internal sealed class RoomStore(Database database)
{
    /// <summary>Rooms in one answer about unread messages; the total counts all.</summary>
    private const int UnreadLimit = 1_000;

    private static readonly string CreateRoom = SqlText.Read("Rooms/CreateRoom.sql");
    private static readonly string GetRoom = SqlText.Read("Rooms/GetRoom.sql");
    private static readonly string ListPublic = SqlText.Read("Rooms/ListPublic.sql");
    private static readonly string ListOfUser = SqlText.Read("Rooms/ListOfUser.sql");
    private static readonly string ReadUnread = SqlText.Read("Rooms/ReadUnread.sql");

    public enum CreateOutcome
    {
        Created,
        Exists,
        NoCreator,
        NoTenant,
    }

    public async Task<(CreateOutcome Outcome, RoomRecord? Room)> CreateAsync(string tenant, CreateRoomRequest request, CancellationToken cancellationToken)
    {
        var (outcome, room) = (await database.ListAsync(
            CreateRoom,
            row => (row.GetString(0), row.IsDBNull(1) ? null : RoomRows.Room(row, tenant, 1)),
            [
                Arg.Text("tenant", tenant),
                Arg.Text("room", request.Id),
                Arg.Text("name", request.Name),
                Arg.Text("visibility", request.Visibility),
                Arg.Text("creator", request.Creator),
            ],
            cancellationToken))[0];
        return outcome switch
        {
            "created" => (CreateOutcome.Created, room),
            "no-tenant" => (CreateOutcome.NoTenant, null),
            "no-creator" => (CreateOutcome.NoCreator, null),
            _ => (CreateOutcome.Exists, null),
        };
    }

    public Task<RoomRecord?> GetAsync(string tenant, string room, CancellationToken cancellationToken) =>
        database.FirstAsync(GetRoom, row => RoomRows.Room(row, tenant), [Arg.Text("tenant", tenant), Arg.Text("room", room)], cancellationToken);

    /// <summary>One more than <paramref name="limit"/> where there are more; null when there is no such tenant.</summary>
    public async Task<List<RoomRecord>?> ListPublicAsync(string tenant, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ListPublic,
            row => row.IsDBNull(0) ? null : RoomRows.Room(row, tenant),
            [Arg.Text("tenant", tenant), Arg.Text("after", after ?? ""), Arg.Int("limit", limit + 1)],
            cancellationToken);
        return OrMissing(rows);
    }

    /// <summary>One more than <paramref name="limit"/> where there are more; null when there is no such user.</summary>
    public async Task<List<RoomSummary>?> ListOfUserAsync(string tenant, string user, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ListOfUser,
            row =>
            {
                if (row.IsDBNull(0))
                {
                    return null;
                }

                var room = RoomRows.Room(row, tenant);
                var readSeq = row.GetInt64(RoomRows.RoomColumns + 1);
                return new RoomSummary(room, row.GetString(RoomRows.RoomColumns), readSeq, room.LastSeq - readSeq);
            },
            [Arg.Text("tenant", tenant), Arg.Text("user", user), Arg.Text("after", after ?? ""), Arg.Int("limit", limit + 1)],
            cancellationToken);
        return OrMissing(rows);
    }

    /// <summary>Null when there is no such user.</summary>
    public async Task<UnreadResponse?> GetUnreadAsync(string tenant, string user, CancellationToken cancellationToken)
    {
        var total = 0L;
        var rows = await database.ListAsync(
            ReadUnread,
            row =>
            {
                if (row.IsDBNull(0))
                {
                    return null;
                }

                total = row.GetInt64(3);
                var (readSeq, lastSeq) = (row.GetInt64(1), row.GetInt64(2));
                return new UnreadRoom(row.GetString(0), lastSeq - readSeq, readSeq, lastSeq);
            },
            [Arg.Text("tenant", tenant), Arg.Text("user", user), Arg.Int("limit", UnreadLimit)],
            cancellationToken);
        return OrMissing(rows) is { } rooms ? new UnreadResponse(total, rooms) : null;
    }

    /// <summary>
    /// Lists are selected from the row that owns them, outward: no row at all means that the owner is missing, a row of nulls that its list is empty.
    /// </summary>
    internal static List<T>? OrMissing<T>(List<T?> rows)
        where T : class =>
        rows.Count == 0 ? null : [.. rows.OfType<T>()];
}
