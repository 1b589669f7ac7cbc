namespace Realtime.Sockets;

/// <summary>Writes through the server's stream: for TLS, and for servers without sockets.</summary>
internal sealed class StreamWriter(Stream stream) : IFrameWriter
{
    /// <summary>A stream cannot say what it takes without waiting.</summary>
    public int TryWrite(ReadOnlySpan<byte> bytes) => 0;

    public async ValueTask<int> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        return bytes.Length;
    }
}
