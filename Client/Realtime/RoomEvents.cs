using System.Text.Json;

namespace Client.Realtime;

/// <summary>A message of a room, delivered once and in order.</summary>
/// <param name="Room">Room id.</param>
/// <param name="Seq">1, 2, 3 ... without a gap.</param>
/// <param name="Id">The sender's id for it.</param>
/// <param name="Sender">User id.</param>
/// <param name="Text">Text as posted.</param>
/// <param name="SentAt">When it was stored.</param>
/// <param name="Attachments">File ids; empty when there are none.</param>
public sealed record RoomMessage(
    string Room,
    long Seq,
    string Id,
    string Sender,
    string Text,
    DateTimeOffset SentAt,
    IReadOnlyList<string> Attachments);

/// <summary>A signal from another socket of the room. Signals are not stored.</summary>
/// <param name="Room">Room id.</param>
/// <param name="Id">Unique.</param>
/// <param name="Sender">User id.</param>
/// <param name="Data">As sent.</param>
/// <param name="To">The addressed user; null when it was sent to the room.</param>
public sealed record RoomSignal(string Room, string Id, string Sender, JsonElement Data, string? To);

/// <summary>Something happened to the room or its members. System events are not stored.</summary>
/// <param name="Room">Room id.</param>
/// <param name="Id">Unique.</param>
/// <param name="Event">One of <see cref="Contracts.Publish.SystemEvents"/>.</param>
/// <param name="Actor">User who caused it.</param>
/// <param name="User">User it is about; null when it is about the room.</param>
/// <param name="At">When.</param>
/// <param name="Data">Details by event; null when there are none.</param>
public sealed record RoomSystemEvent(string Room, string Id, string Event, string Actor, string? User, DateTimeOffset At, JsonElement? Data);
