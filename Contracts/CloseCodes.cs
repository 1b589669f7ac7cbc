namespace Contracts;

/// <summary>
/// Every WebSocket close code of ours. 4000 to 4499: reconnect (with jitter, and a resume position). 4500 to 4999: the same input would be
/// refused again, so do not reconnect without changing it.
/// </summary>
public static class CloseCodes
{
    /// <summary>The node is shutting down. The reason is the number of milliseconds to wait before reconnecting, already jittered.</summary>
    public const int Draining = 4001;

    /// <summary>The connection read slower than its rooms were written, for longer than allowed.</summary>
    public const int SlowConsumer = 4002;

    /// <summary>The access token expired and was not renewed by an <c>auth</c> frame.</summary>
    public const int TokenExpired = 4003;

    /// <summary>The client sent nothing for longer than the idle timeout.</summary>
    public const int Idle = 4004;

    /// <summary>The node lost what it needs to serve this connection.</summary>
    public const int BackendLost = 4005;

    /// <summary>The token, or the one sent to renew it, is not valid for this connection.</summary>
    public const int BadToken = 4500;

    /// <summary>Too many frames that are not of the protocol.</summary>
    public const int ProtocolViolation = 4501;

    /// <summary>A frame, or the sum of its fragments, is longer than allowed.</summary>
    public const int FrameTooLarge = 4502;

    /// <summary>The user's session was revoked.</summary>
    public const int SessionRevoked = 4503;

    /// <summary>More subscriptions or frames per second than a connection may have.</summary>
    public const int LimitExceeded = 4504;

    /// <summary>Whether a client should come back on its own.</summary>
    public static bool ShouldReconnect(int? code) => code is null or (>= 1000 and < 4000 and not 1002 and not 1003 and not 1007 and not 1008) or (>= 4000 and < 4500);
}
