namespace Contracts.Frames;

/// <summary>Values of <c>type</c> in WebSocket frames (docs/protocol.md).</summary>
public static class FrameTypes
{
    /// <summary>Subprotocol that both sides negotiate.</summary>
    public const string Subprotocol = "chat.v1";

    /// <summary>A browser cannot set headers on a WebSocket: it offers a second subprotocol, this prefix and the access token.</summary>
    public const string BearerSubprotocolPrefix = "bearer.";

    public const string Subscribe = "subscribe";
    public const string Unsubscribe = "unsubscribe";
    public const string Ping = "ping";
    public const string Auth = "auth";

    public const string Welcome = "welcome";
    public const string Subscribed = "subscribed";
    public const string Unsubscribed = "unsubscribed";
    public const string Message = "message";
    public const string Signal = "signal";
    public const string System = "system";
    public const string Layout = "layout";
    public const string Ack = "ack";
    public const string Pong = "pong";
    public const string Error = "error";

    /// <summary>Signals for this connection were dropped as it did not read them fast enough; <c>dropped</c> says how many.</summary>
    public const string SignalsDropped = "signals-dropped";

    /// <summary><c>order</c>: the server sorts (default).</summary>
    public const string OrderServer = "server";

    /// <summary><c>order</c>: messages come as they arrive; the client sorts.</summary>
    public const string OrderClient = "client";
}
