using Contracts.Results;

namespace Contracts.Messages;

/// <summary>A message as stored.</summary>
/// <param name="Tenant">Tenant of the room.</param>
/// <param name="Room">Room id.</param>
/// <param name="Seq">1, 2, 3 ... without a gap within the room.</param>
/// <param name="Id">The sender's id for it; a second append with the same id returns the first.</param>
/// <param name="Sender">User id.</param>
/// <param name="Text">Up to <see cref="Limits.MessageText"/> characters.</param>
/// <param name="SentAt">Database time of the commit's transaction.</param>
/// <param name="Attachments">File ids; null when there are none.</param>
public sealed record MessageRecord(
    string Tenant,
    string Room,
    long Seq,
    string Id,
    string Sender,
    string Text,
    DateTimeOffset SentAt,
    IReadOnlyList<string>? Attachments = null);

/// <summary>One message to store.</summary>
/// <param name="Tenant">Tenant of the room.</param>
/// <param name="Room">Room id.</param>
/// <param name="Id">The sender's id for it.</param>
/// <param name="Sender">User id.</param>
/// <param name="Text">Up to <see cref="Limits.MessageText"/> characters.</param>
/// <param name="Attachments">File ids; null when there are none.</param>
/// <param name="OnlyIfStored">Answer with what an earlier append stored under this id, and store nothing.</param>
public sealed record AppendItem(
    string Tenant, string Room, string Id, string Sender, string Text, IReadOnlyList<string>? Attachments = null, bool OnlyIfStored = false);

/// <summary>Up to <see cref="Limits.AppendBatch"/> messages; each has an outcome of its own.</summary>
/// <param name="Items">The messages.</param>
/// <param name="Lean">Whether the answer holds only what the caller does not know, and no texts. Callers of version 0.2 do not ask for that.</param>
public sealed record AppendRequest(IReadOnlyList<AppendItem> Items, bool Lean = false);

/// <summary>Where a message was stored.</summary>
/// <param name="Seq">Its number in the room.</param>
/// <param name="SentAt">When.</param>
public sealed record StoredAt(long Seq, DateTimeOffset SentAt);

/// <summary>What became of one item.</summary>
/// <param name="Message">As stored (now, or by an earlier append with the same id); null when refused, and in a lean answer.</param>
/// <param name="Duplicate">Whether it had been stored before.</param>
/// <param name="Problem">
/// Why it was refused: <see cref="ProblemTypes.NotAMember"/>, <see cref="ProblemTypes.Conflict"/> when the id belongs to another message, of this
/// sender or of another one, or <see cref="ProblemTypes.NotFound"/> when there is no such message and none may be stored.
/// </param>
/// <param name="Stored">In a lean answer: where it is stored; null when refused.</param>
public sealed record AppendOutcome(MessageRecord? Message = null, bool Duplicate = false, ServiceProblem? Problem = null, StoredAt? Stored = null)
{
    /// <summary>Without what the caller sent itself.</summary>
    public AppendOutcome ToLean() => Message is { } message ? this with { Message = null, Stored = new StoredAt(message.Seq, message.SentAt) } : this;

    /// <summary>With the message again: one that is stored under the item's id has the item's text and attachments, or it would have been refused.</summary>
    public AppendOutcome Of(AppendItem item) => Stored is { } stored
        ? this with
        {
            Message = new MessageRecord(
                item.Tenant, item.Room, stored.Seq, item.Id, item.Sender, item.Text, stored.SentAt, item.Attachments is { Count: > 0 } ids ? ids : null),
            Stored = null,
        }
        : this;
}

/// <summary>Outcomes in the order of the items.</summary>
public sealed record AppendResponse(IReadOnlyList<AppendOutcome> Outcomes);

/// <summary>Messages in ascending order of seq.</summary>
/// <param name="Messages">The page.</param>
/// <param name="LastSeq">The room's newest seq at the time of reading.</param>
public sealed record HistoryResponse(IReadOnlyList<MessageRecord> Messages, long LastSeq);

/// <summary>A room by its full name.</summary>
public readonly record struct RoomKey(string Tenant, string Room)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Tenant}/{Room}";
}

/// <summary>Asks for the heads of up to <see cref="Limits.HeadsBatch"/> rooms.</summary>
public sealed record HeadsRequest(IReadOnlyList<RoomKey> Rooms);

/// <summary>A room's newest seq. Rooms that do not exist are left out of the answer.</summary>
public sealed record RoomHead(string Tenant, string Room, long LastSeq);

/// <summary>The heads.</summary>
public sealed record HeadsResponse(IReadOnlyList<RoomHead> Heads);

/// <summary>Messages <c>From..To</c> of a room have been handed to Realtime.</summary>
public sealed record RelayedRange(string Tenant, string Room, long From, long To);

/// <summary>Up to <see cref="Limits.HeadsBatch"/> ranges.</summary>
public sealed record MarkRelayedRequest(IReadOnlyList<RelayedRange> Ranges);

/// <summary>A room's relay position: it moves only over ranges that touch it, so that it never passes an unpublished message.</summary>
public sealed record RelayPosition(string Tenant, string Room, long RelayedSeq, long LastSeq);

/// <summary>Positions of the rooms in the request.</summary>
public sealed record MarkRelayedResponse(IReadOnlyList<RelayPosition> Positions);

/// <summary>
/// Claims rooms whose relay position has stayed behind for longer than the grace time. A claimed room is not given to another claimer
/// until the claim has run out.
/// </summary>
public sealed record ClaimUnrelayedRequest(string Claimer, int GraceMilliseconds, int ClaimMilliseconds, int Limit);
