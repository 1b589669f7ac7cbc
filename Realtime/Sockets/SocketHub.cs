using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using ServiceDefaults.Limits;

namespace Realtime.Sockets;

/// <summary>The open connections of this node.</summary>
internal sealed class SocketHub(IOptions<SocketOptions> options)
{
    private readonly ConcurrentDictionary<string, ClientConnection> _connections = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Dictionary<PartyKey, int> _held = [];
    private int _admitted;

    public int Count => _connections.Count;

    public IEnumerable<ClientConnection> Connections => _connections.Values;

    /// <summary>
    /// Takes a place for a connection; false when the caller's user, tenant or address (<paramref name="full"/>), or the node (null), has as many as
    /// it may have. Give it back with <see cref="Release"/>.
    /// </summary>
    public bool TryAdmit(CallerKeys caller, out PartyKind? full)
    {
        full = null;
        var bounds = Bounds(caller);
        lock (_gate)
        {
            foreach (var (party, most) in bounds)
            {
                if (_held.GetValueOrDefault(party) >= most)
                {
                    full = party.Kind;
                    return false;
                }
            }

            if (_admitted >= options.Value.MaxConnections)
            {
                return false;
            }

            _admitted++;
            foreach (var (party, _) in bounds)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_held, party, out _)++;
            }

            return true;
        }
    }

    public void Release(CallerKeys caller)
    {
        var bounds = Bounds(caller);
        lock (_gate)
        {
            _admitted--;
            foreach (var (party, _) in bounds)
            {
                if (--CollectionsMarshal.GetValueRefOrAddDefault(_held, party, out _) == 0)
                {
                    _held.Remove(party);
                }
            }
        }
    }

    public void Add(ClientConnection connection) => _connections[connection.ConnectionId] = connection;

    public void Remove(ClientConnection connection) => _connections.TryRemove(connection.ConnectionId, out _);

    private (PartyKey Party, int Most)[] Bounds(CallerKeys caller)
    {
        var ofAddress = (caller.Address, options.Value.MaxPerAddress);
        return caller is { User: { } user, Tenant: { } tenant }
            ? [(user, options.Value.MaxPerUser), (tenant, options.Value.MaxPerTenant), ofAddress]
            : [ofAddress];
    }
}
