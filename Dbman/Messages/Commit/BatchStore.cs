using Contracts;
using Contracts.Messages;
using Contracts.Results;
using Dbman.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Dbman.Messages.Commit;

/// <summary>One batch, one round trip, one transaction. Completes items only after the server has acknowledged the commit.</summary>
internal sealed class BatchStore(Database database)
{
    private static readonly string LockRooms = SqlText.Read("Messages/Commit/LockRooms.sql");
    private static readonly string StoreMessages = SqlText.Read("Messages/Commit/StoreMessages.sql");
    private static readonly string WaitForLocks = $"{LockRooms};\n{StoreMessages}";
    private static readonly string LocksAtOnce = $"{LockRooms} NOWAIT;\n{StoreMessages}";

    private static readonly ServiceProblem NotAMember = new(
        StatusCodes.Status403Forbidden, ProblemTypes.NotAMember, "Not a member", "The sender is no member of the room, or there is no such room.");

    private static readonly ServiceProblem IdTaken = new(
        StatusCodes.Status409Conflict, ProblemTypes.Conflict, "Conflict", "The message id belongs to another message in this room: it was sent by another user, or with another text or other attachments.");

    private static readonly ServiceProblem NotStored = new(
        StatusCodes.Status404NotFound, ProblemTypes.NotFound, "Not found", "No message was stored under this id.");

    /// <param name="batch">Left as it is when this throws: nothing of it was completed.</param>
    /// <param name="waitForLocks">Whether to wait for rooms that others write to, or to fail at once.</param>
    /// <param name="cancellationToken">Ends the process, not a caller's request.</param>
    public async Task StoreAsync(AppendBatch batch, bool waitForLocks, CancellationToken cancellationToken)
    {
        var outcomes = new AppendOutcome[batch.Items.Count];
        await using (var lease = await database.OpenAsync(cancellationToken))
        {
            await using var command = new NpgsqlCommand(waitForLocks ? WaitForLocks : LocksAtOnce, lease.Connection);
            AddArguments(command.Parameters, batch);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var index = reader.GetInt32(0) - 1;
                outcomes[index] = ReadOutcome(reader, batch.Items[index].Item);
            }

            // The transaction ends with the last message of the round trip; only what comes after it proves the commit.
            await reader.NextResultAsync(cancellationToken);
        }

        // No await from here on: all or none of the batch is completed.
        for (var index = 0; index < outcomes.Length; index++)
        {
            batch.Items[index].Complete(outcomes[index]);
        }

        foreach (var (item, leader) in batch.Followers)
        {
            var outcome = outcomes[leader];
            item.Complete(outcome.Message is null ? outcome : outcome with { Duplicate = true });
        }
    }

    private static AppendOutcome ReadOutcome(NpgsqlDataReader row, AppendItem item) => row.GetInt16(1) switch
    {
        0 => new AppendOutcome(
            new MessageRecord(item.Tenant, item.Room, row.GetInt64(2), item.Id, item.Sender, item.Text, row.Time(3), NullIfEmpty(item.Attachments))),
        1 => new AppendOutcome(
            new MessageRecord(
                item.Tenant, item.Room, row.GetInt64(2), item.Id, item.Sender, row.GetString(4), row.Time(3),
                row.IsDBNull(5) ? null : row.GetFieldValue<string[]>(5)),
            Duplicate: true),
        2 => new AppendOutcome(Problem: IdTaken),
        3 => new AppendOutcome(Problem: NotAMember),
        4 => new AppendOutcome(Problem: NotStored),
        var unknown => throw new InvalidOperationException($"StoreMessages.sql answered an unknown outcome {unknown}."),
    };

    private static IReadOnlyList<string>? NullIfEmpty(IReadOnlyList<string>? list) => list is { Count: > 0 } ? list : null;

    private static void AddArguments(NpgsqlParameterCollection arguments, AppendBatch batch)
    {
        var items = batch.Items;
        arguments.Add(Arg.Texts("room_tenants", batch.Rooms.Select(static room => room.Tenant)));
        arguments.Add(Arg.Texts("room_ids", batch.Rooms.Select(static room => room.Room)));
        arguments.Add(Column("tenants", items, static item => item.Tenant));
        arguments.Add(Column("rooms", items, static item => item.Room));
        arguments.Add(Column("ids", items, static item => item.Id));
        arguments.Add(Column("senders", items, static item => item.Sender));
        arguments.Add(Column("bodies", items, static item => item.Text));

        // Ids hold no commas; an array of arrays would have to be a rectangle.
        arguments.Add(Column("attachments", items, static item => item.Attachments is { Count: > 0 } ids ? string.Join(',', ids) : null));
        arguments.Add(new NpgsqlParameter<bool[]>("only_if_stored", NpgsqlDbType.Array | NpgsqlDbType.Boolean)
        {
            TypedValue = [.. items.Select(static pending => pending.Item.OnlyIfStored)],
        });
    }

    private static NpgsqlParameter<string?[]> Column(string name, IReadOnlyList<PendingAppend> items, Func<AppendItem, string?> select)
    {
        var values = new string?[items.Count];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = select(items[index].Item);
        }

        return new NpgsqlParameter<string?[]>(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { TypedValue = values };
    }
}
