using System.Text.Json;

namespace Contracts.Frames;

/// <summary>A frame from server to client as clients read it; which members are present depends on <c>Type</c> (docs/protocol.md).</summary>
public sealed record ServerFrame(
    string Type,
    string? Id = null,
    string? Room = null,
    long? Seq = null,
    string? Sender = null,
    string? Text = null,
    IReadOnlyList<string>? Attachments = null,
    DateTimeOffset? SentAt = null,
    long? After = null,
    long? Head = null,
    string? Reason = null,
    string? To = null,
    JsonElement? Data = null,
    string? Event = null,
    string? Actor = null,
    string? User = null,
    DateTimeOffset? At = null,
    string? Code = null,
    string? Detail = null,
    double? RetryAfter = null,
    string? Connection = null,
    string? Node = null,
    string? Tenant = null,
    int? PingInterval = null,
    int? MaxFrame = null,
    RoomLayout? Layout = null,
    long? Dropped = null);
