using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Realtime.Sockets;

/// <summary>
/// Decides whether a connection may be written to directly. The answer to the upgrade goes through the server's output pipe; a frame must not
/// overtake it. With a pipe that holds back its writer until every byte has been sent (<see cref="WriteThrough"/>), the upgrade is complete only when
/// its answer has left, and from then on nothing but our frames is written.
/// </summary>
internal sealed class DirectWrites(IOptions<SocketOptions> options, IOptions<SocketTransportOptions> transport)
{
    /// <summary>The smallest bound there is: a flush returns when the socket has taken everything.</summary>
    private const int WriteThrough = 1;

    private const int IpProtocolTcp = 6;

    /// <summary>TCP_NOTSENT_LOWAT of Linux.</summary>
    private const int TcpNotSentLowat = 25;

    /// <summary>
    /// Most bytes that the kernel keeps unsent for a connection (Linux). What waits there can no longer be overtaken by a signal, and is memory that a
    /// slow reader costs.
    /// </summary>
    private const int UnsentBytes = 64 * 1_024;

    private readonly bool _enabled = options.Value.DirectWrites;

    public static void Configure(SocketTransportOptions transport) => transport.MaxWriteBufferSize = WriteThrough;

    /// <summary>The writer for an upgraded connection. To be called after the upgrade.</summary>
    public IFrameWriter WriterFor(HttpContext context, Stream stream)
    {
        if (!_enabled
            || transport.Value.MaxWriteBufferSize != WriteThrough
            || context.Features.Get<ITlsConnectionFeature>() is not null
            || context.Features.Get<IConnectionSocketFeature>()?.Socket is not { ProtocolType: ProtocolType.Tcp } socket)
        {
            return new StreamWriter(stream);
        }

        try
        {
            Prepare(socket);
            return new DirectWriter(socket);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The client has gone since it asked for the upgrade; the next write to the stream fails.
            return new StreamWriter(stream);
        }
    }

    private void Prepare(Socket socket)
    {
        // The server's own operations are asynchronous and do not care; ours must return rather than wait.
        socket.Blocking = false;
        socket.NoDelay = true;
        if (OperatingSystem.IsLinux())
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(value, UnsentBytes);
            socket.SetRawSocketOption(IpProtocolTcp, TcpNotSentLowat, value);
        }
    }
}
