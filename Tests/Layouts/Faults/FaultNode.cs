using Layouts.Driving;
using Realtime.Channels;
using Tests.Infrastructure;
using Tests.Realtime;

namespace Tests.Layouts.Faults;

/// <summary>A node, with its own proxies to Redis and to dbman. A cluster has none: its servers tell nodes their own addresses.</summary>
internal sealed class FaultNode(RealtimeNode node, TcpProxy? redis, TcpProxy dbman, PlaneWire plane) : IAsyncDisposable
{
    private int _troubles;
    private int _ongoing;
    private volatile bool _isDead;

    public RealtimeNode Node => node;

    public TcpProxy Redis => redis ?? throw new InvalidOperationException("There is no wire to a cluster.");

    public TcpProxy Dbman => dbman;

    public PlaneWire Plane => plane;

    public bool IsDead => _isDead;

    public bool HasLease => node.Get<NodeLease>().Holds;

    public bool Drives => node.Get<LayoutDriver>().IsDriving;

    public global::Realtime.Node.NodeAgent Agent => node.Get<global::Realtime.Node.NodeAgent>();

    public string Name => Agent.Node;

    /// <summary>How often it or its connection to the broker was disturbed; null while that lasts.</summary>
    public int? Troubles => Volatile.Read(ref _ongoing) > 0 ? null : Volatile.Read(ref _troubles);

    public void Trouble() => Interlocked.Increment(ref _troubles);

    /// <summary>It is disturbed until <see cref="EndTrouble"/>: connections may end because of it, old ones and those that begin meanwhile.</summary>
    public void BeginTrouble()
    {
        Interlocked.Increment(ref _ongoing);
        Trouble();
    }

    public void EndTrouble() => Interlocked.Decrement(ref _ongoing);

    /// <summary>It is dead from here on.</summary>
    public void Die()
    {
        Trouble();
        _isDead = true;
        redis?.Cut();
        dbman.Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        if (redis is not null)
        {
            await redis.DisposeAsync();
        }

        await dbman.DisposeAsync();
    }
}
