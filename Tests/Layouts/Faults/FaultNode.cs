using Layouts.Driving;
using Realtime.Channels;
using Tests.Infrastructure;
using Tests.Realtime;

namespace Tests.Layouts.Faults;

/// <summary>A node, with wires of its own to Redis and to dbman. To a cluster there are none: its servers tell nodes their own addresses.</summary>
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

    /// <summary>How often something was done to its way to the broker, or to itself; null while that lasts.</summary>
    public int? Troubles => Volatile.Read(ref _ongoing) > 0 ? null : Volatile.Read(ref _troubles);

    public void Trouble() => Interlocked.Increment(ref _troubles);

    /// <summary>Something is done to it until <see cref="EndTrouble"/>: connections that begin meanwhile may end of it, as those before may.</summary>
    public void BeginTrouble()
    {
        Interlocked.Increment(ref _ongoing);
        Trouble();
    }

    public void EndTrouble() => Interlocked.Decrement(ref _ongoing);

    /// <summary>Nobody hears of it again.</summary>
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
