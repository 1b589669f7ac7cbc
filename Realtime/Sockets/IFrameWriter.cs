namespace Realtime.Sockets;

/// <summary>Where bytes leave. One caller at a time.</summary>
internal interface IFrameWriter
{
    /// <summary>Writes what the socket takes without waiting. Returns how much that was (0: it is full), or -1 when the connection is gone.</summary>
    int TryWrite(ReadOnlySpan<byte> bytes);

    /// <summary>Writes some of the bytes as soon as that is possible, and at least one; throws when the connection is gone.</summary>
    ValueTask<int> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}
