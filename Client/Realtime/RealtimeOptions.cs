namespace Client.Realtime;

/// <summary>Bounds and times of a live connection.</summary>
public sealed class RealtimeOptions
{
    /// <summary>Bound of the first wait before a reconnect, which is a random time below it; doubles with each failure.</summary>
    /// <value>Default 1 s, as docs/protocol.md asks of clients.</value>
    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before a reconnect.</summary>
    /// <value>Default 30 s, as docs/protocol.md asks of clients.</value>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection must stay up before the wait starts over at <see cref="ReconnectMin"/>.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long opening a socket and receiving its welcome may take.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the server may take to answer a subscribe, unsubscribe, signal or auth frame.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the socket's close handshake may take on disposal.</summary>
    /// <value>Default 2 s.</value>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>With <see cref="MessageOrder.Client"/>: how long a message may be awaited before it is fetched from the history.</summary>
    /// <value>Default 250 ms.</value>
    public TimeSpan ReorderWindow { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a known message may stay away, without any progress, before it is fetched from the history. Longer than <see cref="ReorderWindow"/>, because the server may be replaying.
    /// </summary>
    /// <value>Default 2 s.</value>
    public TimeSpan RepairAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Messages held per subscription between the socket and the application. What comes past it is fetched from the history when there is room again.</summary>
    /// <value>Default 1024, from 16 to 65536.</value>
    public int Buffer { get; init; } = 1024;

    /// <summary>Signals and system events held per subscription, each; past it the oldest are dropped and counted.</summary>
    /// <value>Default 256.</value>
    public int EventBuffer { get; init; } = 256;

    /// <summary>Longest frame accepted from the server, in bytes.</summary>
    /// <value>Default 256 KiB.</value>
    public int MaxFrame { get; init; } = 256 * 1024;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReconnectMin, TimeSpan.Zero, $"{nameof(RealtimeOptions)}.{nameof(ReconnectMin)}");
        ArgumentOutOfRangeException.ThrowIfLessThan(ReconnectMax, ReconnectMin, $"{nameof(RealtimeOptions)}.{nameof(ReconnectMax)}");
        ArgumentOutOfRangeException.ThrowIfLessThan(Buffer, 16, $"{nameof(RealtimeOptions)}.{nameof(Buffer)}");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Buffer, 65536, $"{nameof(RealtimeOptions)}.{nameof(Buffer)}");
        ArgumentOutOfRangeException.ThrowIfLessThan(EventBuffer, 1, $"{nameof(RealtimeOptions)}.{nameof(EventBuffer)}");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFrame, 4096, $"{nameof(RealtimeOptions)}.{nameof(MaxFrame)}");
    }
}
