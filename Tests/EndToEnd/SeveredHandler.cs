using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Tests.EndToEnd;

/// <summary>A network that a test can cut: established connections break at once, and new ones fail while it is cut.</summary>
internal sealed class SeveredHandler : DelegatingHandler
{
    private readonly ConcurrentBag<Socket> _sockets = [];
    private volatile bool _cut;

    public SeveredHandler() => InnerHandler = new SocketsHttpHandler { ConnectCallback = ConnectAsync };

    /// <summary>Breaks every connection, and refuses new ones until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _cut = true;
        Break();
    }

    /// <summary>Breaks every connection; new ones are fine.</summary>
    public void Break()
    {
        while (_sockets.TryTake(out var socket))
        {
            // Linger 0 resets the connection: the other side sees what it sees when a machine is lost.
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (ObjectDisposedException)
            {
                continue;
            }

            socket.Dispose();
        }
    }

    public void Mend() => _cut = false;

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (_cut)
        {
            throw new HttpRequestException("The network is cut.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            _sockets.Add(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
