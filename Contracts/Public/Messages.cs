namespace Contracts.Public;

/// <summary>A message to store.</summary>
/// <param name="Text">Up to <see cref="Limits.MessageText"/> characters; may be empty only with attachments.</param>
/// <param name="Id">Chosen by the sender, so that sending again is harmless; absent: made by the server.</param>
/// <param name="Attachments">Ids of up to <see cref="Limits.MessageAttachments"/> files of the tenant whose upload has finished.</param>
public sealed record NewMessage(string Text, string? Id = null, IReadOnlyList<string>? Attachments = null);

/// <summary>A stored message; the same members as the WebSocket's message frame.</summary>
/// <param name="Room">Room id.</param>
/// <param name="Seq">1, 2, 3 ... without a gap within the room.</param>
/// <param name="Id">Unique within the room.</param>
/// <param name="Sender">User id.</param>
/// <param name="Text">As sent.</param>
/// <param name="SentAt">When it was stored.</param>
/// <param name="Attachments">File ids; absent when there are none.</param>
public sealed record MessageView(
    string Room,
    long Seq,
    string Id,
    string Sender,
    string Text,
    DateTimeOffset SentAt,
    IReadOnlyList<string>? Attachments = null);

/// <summary>Messages in ascending order of seq.</summary>
/// <param name="Messages">The page.</param>
/// <param name="LastSeq">The room's newest seq at the time of reading.</param>
public sealed record MessagePage(IReadOnlyList<MessageView> Messages, long LastSeq);
