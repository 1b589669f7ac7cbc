using System.Net.Sockets;

namespace Realtime.Sockets;

/// <summary>
/// Writes to the connection's socket, past the server's output pipe: a delivery costs one copy and one system call, on the thread that has the frame
/// at hand. The server must have sent everything of its own before (<see cref="DirectWrites"/> sees to that), and sends nothing afterwards.
/// </summary>
internal sealed class DirectWriter(Socket socket) : IFrameWriter
{
    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var written = socket.Send(bytes, SocketFlags.None, out var error);
            return error switch
            {
                SocketError.Success => written,
                SocketError.WouldBlock => 0,
                _ => -1,
            };
        }
        catch (ObjectDisposedException)
        {
            // The server closed the socket while a delivery was on its way.
            return -1;
        }
    }

    public ValueTask<int> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        socket.SendAsync(bytes, SocketFlags.None, cancellationToken);
}
