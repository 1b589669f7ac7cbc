using Contracts;

namespace Client.Realtime;

/// <summary>Phases of a live connection.</summary>
public enum ConnectionPhase
{
    /// <summary>Opening the first socket, or the next one after a loss.</summary>
    Connecting,

    /// <summary>The server has welcomed the socket.</summary>
    Connected,

    /// <summary>Waiting before the next attempt.</summary>
    Waiting,

    /// <summary>Over, by disposal or because coming back would not help.</summary>
    Closed,
}

/// <summary>State of a live connection.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Node">Name of the realtime node while connected.</param>
/// <param name="Attempt">Failures in a row.</param>
/// <param name="RetryIn">While waiting: how long.</param>
/// <param name="CloseCode">WebSocket close code of the last loss, where there was one (<see cref="CloseCodes"/>).</param>
/// <param name="Reason">In words.</param>
public sealed record ConnectionState(
    ConnectionPhase Phase,
    string? Node = null,
    int Attempt = 0,
    TimeSpan? RetryIn = null,
    int? CloseCode = null,
    string? Reason = null);
