using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Contracts;
using Contracts.Frames;
using Contracts.Messages;
using ServiceDefaults.Identity;

namespace Realtime.Sockets;

/// <summary>What clients ask for.</summary>
internal sealed partial class ClientConnection
{
    /// <summary>Frames refused for their rate, without a pause between them, after which the connection is closed with 4504.</summary>
    private const int MaxRateViolations = 200;

    private int _rateViolations;

    private async ValueTask HandleAsync(MessageBuffer message, WebSocketMessageType type)
    {
        if (!IsWithinRate(message))
        {
            return;
        }

        if (type != WebSocketMessageType.Text)
        {
            BadFrame(FrameOutline.Of(message.Message.Span).Id, "Frames are JSON text, not binary.");
            return;
        }

        ClientFrame? frame;
        try
        {
            frame = JsonSerializer.Deserialize(message.Message.Span, ContractsJsonContext.Default.ClientFrame);
        }
        catch (JsonException exception)
        {
            Unread(FrameOutline.Of(message.Message.Span), exception);
            return;
        }

        if (frame is null)
        {
            BadFrame(null, "Not a frame: null.");
            return;
        }

        if (frame.Id is not null && !Ids.IsValid(frame.Id))
        {
            // Not repeated in the answer: it may be anything.
            BadFrame(null, $"id: {Ids.Rule}.", ErrorCodes.InvalidId);
            return;
        }

        await HandleAsync(frame);
    }

    /// <summary>
    /// JSON that is merely nested too deep is no breach of the protocol: an application's data may be so, and the connection does not suffer for it.
    /// </summary>
    private void Unread(FrameOutline frame, JsonException exception)
    {
        if (frame is { IsWhole: true, Depth: > Limits.SignalDepth + 1 })
        {
            Refuse(frame.Id, ErrorCodes.TooLarge, $"data: nested at most {Limits.SignalDepth} deep.");
        }
        else
        {
            BadFrame(frame.Id, exception.Path is { Length: > 1 } path ? $"Not a frame: see {path}." : "Not a frame: malformed JSON.");
        }
    }

    private async ValueTask HandleAsync(ClientFrame frame)
    {
        switch (frame.Type)
        {
            case FrameTypes.Ping:
                Reply(new ServerFrame(FrameTypes.Pong, frame.Id));
                break;
            case FrameTypes.Subscribe when HasRoom(frame):
                await SubscribeAsync(frame);
                break;
            case FrameTypes.Unsubscribe when HasRoom(frame):
                Leave(frame);
                break;
            case FrameTypes.Signal when HasRoom(frame):
                await SignalAsync(frame);
                break;
            case FrameTypes.Auth:
                await RenewAsync(frame);
                break;
            case FrameTypes.Subscribe or FrameTypes.Unsubscribe or FrameTypes.Signal:
                BadFrame(frame.Id, $"room: {Ids.Rule}.", ErrorCodes.InvalidId);
                break;
            default:
                BadFrame(frame.Id, "type: subscribe, unsubscribe, signal, ping or auth.");
                break;
        }
    }

    private async ValueTask SubscribeAsync(ClientFrame frame)
    {
        if (frame.After < 0)
        {
            Refuse(frame.Id, ErrorCodes.InvalidPosition, "after: 0 or more.", room: frame.Room);
            return;
        }

        if (frame.Order is not (null or FrameTypes.OrderServer or FrameTypes.OrderClient))
        {
            BadFrame(frame.Id, "order: server or client.");
            return;
        }

        var place = new Place();
        lock (_roomsGate)
        {
            if (_rooms.ContainsKey(frame.Room!))
            {
                Refuse(frame.Id, ErrorCodes.AlreadySubscribed, "The room is subscribed already.", room: frame.Room);
                return;
            }

            if (_rooms.Count >= _options.MaxSubscriptions)
            {
                Refuse(frame.Id, ErrorCodes.TooManySubscriptions, $"A connection may have {_options.MaxSubscriptions} subscriptions.", room: frame.Room);
                return;
            }

            _rooms.Add(frame.Room!, place);
        }

        // Past the bound the receive loop pauses, and the client's frames wait in its socket.
        await _subscribing.WaitAsync(_aborted.Token);
        _ = JoinAsync(frame, place);
    }

    private async ValueTask SignalAsync(ClientFrame frame)
    {
        if (frame.To is not null && !Ids.IsValid(frame.To))
        {
            BadFrame(frame.Id, $"to: {Ids.Rule}.", ErrorCodes.InvalidId);
            return;
        }

        if (frame.Data is not { } data)
        {
            BadFrame(frame.Id, "data: missing.");
            return;
        }

        if (!IsSubscribed(frame.Room!))
        {
            Refuse(frame.Id, ErrorCodes.NotSubscribed, "Subscribe to the room before you signal to it.", room: frame.Room);
            return;
        }

        var json = JsonMarshal.GetRawUtf8Value(data);
        if (json.Length > Limits.SignalBytes)
        {
            Refuse(frame.Id, ErrorCodes.TooLarge, $"data: {Limits.SignalBytes} bytes at most.", room: frame.Room);
            return;
        }

        if (_services.Signals.Take(_identity, frame.Room!, json.Length) is { } wait)
        {
            Refuse(frame.Id, ErrorCodes.RateLimited, "Signals come faster than one user, or one tenant, may send them.", wait, frame.Room);
            return;
        }

        var id = Ids.New(_services.Time);
        var result = await _services.Publisher.SignalAsync(new RoomKey(_identity.Tenant, frame.Room!), id, User, frame.To, ConnectionId, json);
        if (result.IsSuccess)
        {
            Acknowledge(frame);
        }
        else
        {
            Refuse(frame.Id, ErrorCodes.Unavailable, "The signal could not be sent.", result.Problem.RetryAfter, frame.Room);
        }
    }

    private async ValueTask RenewAsync(ClientFrame frame)
    {
        if (frame.Token is null)
        {
            BadFrame(frame.Id, "token: missing.");
            return;
        }

        var result = await _services.Tokens.ValidateAsync(frame.Token, _aborted.Token);
        if (result.Status == UserTokenStatus.Unavailable)
        {
            Refuse(frame.Id, ErrorCodes.Unavailable, result.Reason!, TimeSpan.FromSeconds(1));
            return;
        }

        if (!result.IsValid)
        {
            // The present token still holds: the client may try again with another one.
            BadFrame(frame.Id, result.Reason, ErrorCodes.BadToken);
            return;
        }

        if (result.Identity.Tenant != _identity.Tenant || result.Identity.User != _identity.User)
        {
            Close(CloseCodes.BadToken, "The token is another user's.");
            return;
        }

        _identity = result.Identity;
        if (_services.Revoked.Contains(_identity.Tenant, _identity.Session))
        {
            // Ended between the check of the token and now: the revocation saw the previous identity.
            Close(CloseCodes.SessionRevoked, "The session was revoked.");
            return;
        }

        Acknowledge(frame);
    }

    private bool IsSubscribed(string room)
    {
        lock (_roomsGate)
        {
            return _rooms.TryGetValue(room, out var place) && place.Subscription is not null;
        }
    }

    private bool IsWithinRate(MessageBuffer message)
    {
        if (_rate.TryTake(out var wait))
        {
            if (_rate.IsFull)
            {
                _rateViolations = 0;
            }

            return true;
        }

        if (++_rateViolations > MaxRateViolations)
        {
            Close(CloseCodes.LimitExceeded, "Too many frames.");
        }
        else
        {
            Refuse(FrameOutline.Of(message.Message.Span).Id, ErrorCodes.RateLimited, $"{_options.FramesPerSecond} frames a second at most.", wait);
        }

        return false;
    }

    private static bool HasRoom(ClientFrame frame) => Ids.IsValid(frame.Room);

    private void Acknowledge(ClientFrame frame)
    {
        if (frame.Id is not null)
        {
            Reply(new ServerFrame(FrameTypes.Ack, frame.Id));
        }
    }

    /// <summary>Not of the protocol: answered, and counted against the connection.</summary>
    private void BadFrame(string? id, string detail, string code = ErrorCodes.BadFrame)
    {
        Refuse(id, code, detail);
        if (!_badFrames.TryTake(out _))
        {
            Close(CloseCodes.ProtocolViolation, "Too many bad frames.");
        }
    }

    private void Refuse(string? id, string code, string detail, TimeSpan? retryAfter = null, string? room = null)
    {
        _services.Telemetry.FrameRefused(code);
        Reply(new ServerFrame(FrameTypes.Error, id, room, Code: code, Detail: detail, RetryAfter: retryAfter is { } wait ? Math.Ceiling(wait.TotalSeconds * 1_000) / 1_000 : null));
    }
}
