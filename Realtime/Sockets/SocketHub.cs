using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Realtime.Sockets;

/// <summary>The open connections of this node.</summary>
internal sealed class SocketHub(IOptions<SocketOptions> options)
{
    private readonly ConcurrentDictionary<string, ClientConnection> _connections = new(StringComparer.Ordinal);
    private int _admitted;

    public int Count => _connections.Count;

    public IEnumerable<ClientConnection> Connections => _connections.Values;

    /// <summary>Takes a place for a connection; false when the node is full. Give it back with <see cref="Release"/>.</summary>
    public bool TryAdmit()
    {
        if (Interlocked.Increment(ref _admitted) <= options.Value.MaxConnections)
        {
            return true;
        }

        Interlocked.Decrement(ref _admitted);
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _admitted);

    public void Add(ClientConnection connection) => _connections[connection.ConnectionId] = connection;

    public void Remove(ClientConnection connection) => _connections.TryRemove(connection.ConnectionId, out _);
}
