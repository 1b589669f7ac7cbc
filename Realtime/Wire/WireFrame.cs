namespace Realtime.Wire;

/// <summary>
/// A complete, unmasked WebSocket text frame, as it goes to every socket. The bytes are encoded once (by the publisher, or by the node that repairs)
/// and shared by all connections: nobody writes to them after construction.
/// </summary>
/// <param name="buffer">Holds the frame; may hold an envelope header before it.</param>
/// <param name="offset">Where the frame starts.</param>
/// <param name="length">Length of the frame in bytes, at most <see cref="MaxLength"/>.</param>
/// <param name="seq">Seq of the message; 0 for anything that is no message.</param>
/// <param name="publishedAt">Microseconds since the Unix epoch by the publisher's clock; 0 when it came from history.</param>
internal sealed class WireFrame(byte[] buffer, int offset, int length, long seq = 0, long publishedAt = 0)
{
    /// <summary>
    /// Longest frame that a node passes on: a message of the longest text with every character escaped (48 KB) and all attachments fits, and so does
    /// one frame into a connection's write batch.
    /// </summary>
    public const int MaxLength = 64 * 1024;

    public long Seq { get; } = seq;

    public long PublishedAt { get; } = publishedAt;

    public int Length { get; } = length;

    /// <summary>Position in its feed's arrival log. Written once by the feed, before the frame can be seen there.</summary>
    public long Arrival { get; set; }

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(offset, Length);
}
