using System.Text.Json;

namespace Contracts.Frames;

/// <summary>A frame from client to server; which members are present depends on <c>Type</c>.</summary>
/// <param name="Type">One of <see cref="FrameTypes"/>.</param>
/// <param name="Id">Chosen by the client, up to <see cref="Ids.MaxLength"/> characters; comes back in the answer.</param>
/// <param name="Room">subscribe, unsubscribe, signal: room id.</param>
/// <param name="After">subscribe: deliver what follows this seq; absent: only what is new.</param>
/// <param name="Order">subscribe: <see cref="FrameTypes.OrderServer"/> or <see cref="FrameTypes.OrderClient"/>.</param>
/// <param name="To">signal: only to this user's sockets; absent: to all subscribers of the room but the sending socket.</param>
/// <param name="Data">signal: any JSON up to <see cref="Limits.SignalBytes"/>, nested at most <see cref="Limits.SignalDepth"/> deep.</param>
/// <param name="Token">auth: a fresh access token of the same user.</param>
public sealed record ClientFrame(
    string Type,
    string? Id = null,
    string? Room = null,
    long? After = null,
    string? Order = null,
    string? To = null,
    JsonElement? Data = null,
    string? Token = null);
