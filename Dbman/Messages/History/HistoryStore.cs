using Contracts.Messages;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Messages.History;

/// <summary>Reads of messages, by key.</summary>
internal sealed class HistoryStore(Database database)
{
    private static readonly string ReadAfter = SqlText.Read("Messages/History/ReadAfter.sql");
    private static readonly string ReadBefore = SqlText.Read("Messages/History/ReadBefore.sql");
    private static readonly string ReadHeads = SqlText.Read("Messages/History/ReadHeads.sql");

    /// <summary>Null when there is no such room.</summary>
    public Task<HistoryResponse?> AfterAsync(string tenant, string room, long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(ReadAfter, tenant, room, Arg.Long("after", after), limit, cancellationToken);

    /// <inheritdoc cref="AfterAsync"/>
    public Task<HistoryResponse?> BeforeAsync(string tenant, string room, long before, int limit, CancellationToken cancellationToken) =>
        ReadAsync(ReadBefore, tenant, room, Arg.Long("before", before), limit, cancellationToken);

    public Task<List<RoomHead>> HeadsAsync(IReadOnlyList<RoomKey> rooms, CancellationToken cancellationToken) =>
        database.ListAsync(
            ReadHeads,
            static row => new RoomHead(row.GetString(0), row.GetString(1), row.GetInt64(2)),
            [Arg.Texts("tenants", rooms.Select(static room => room.Tenant)), Arg.Texts("rooms", rooms.Select(static room => room.Room))],
            cancellationToken);

    private async Task<HistoryResponse?> ReadAsync(
        string sql, string tenant, string room, NpgsqlParameter key, int limit, CancellationToken cancellationToken)
    {
        // A room without messages in the range is one row without a message.
        var rows = await database.ListAsync(
            sql,
            row => (LastSeq: row.GetInt64(0), Message: row.IsDBNull(1) ? null : ReadMessage(row, tenant, room)),
            [Arg.Text("tenant", tenant), Arg.Text("room", room), key, Arg.Int("limit", limit)],
            cancellationToken);
        if (rows.Count == 0)
        {
            return null;
        }

        var messages = new List<MessageRecord>(rows.Count);
        foreach (var (_, message) in rows)
        {
            if (message is not null)
            {
                messages.Add(message);
            }
        }

        return new HistoryResponse(messages, rows[0].LastSeq);
    }

    private static MessageRecord ReadMessage(NpgsqlDataReader row, string tenant, string room) => new(
        tenant,
        room,
        row.GetInt64(1),
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        row.Time(5),
        row.IsDBNull(6) ? null : row.GetFieldValue<string[]>(6));
}
