using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>Which master has which slot of a Redis Cluster. Immutable; made of what several of its servers say.</summary>
internal sealed class ClusterMap
{
    /// <summary>Fixed by Redis.</summary>
    private const int Slots = 16_384;

    /// <summary>Where a line of CLUSTER NODES has the configuration epoch.</summary>
    private const int EpochField = 6;

    private readonly EndPoint?[] _owners = new EndPoint?[Slots];
    private readonly HashSet<EndPoint> _masters = [];

    /// <summary>Nothing is known.</summary>
    public static ClusterMap Empty { get; } = new();

    /// <summary>Masters that have slots.</summary>
    public IReadOnlyCollection<EndPoint> Masters => _masters;

    /// <summary>
    /// Of a slot that several masters are said to have, the one with the highest epoch has it: the rule by which servers settle it among themselves.
    /// </summary>
    /// <param name="views">What servers answered to CLUSTER NODES.</param>
    public static ClusterMap Of(IEnumerable<ClusterConfiguration> views)
    {
        var map = new ClusterMap();
        var epochs = new long[Slots];
        var claims = views
            .SelectMany(static view => view.Nodes)
            .Where(static node => node is { IsReplica: false, IsFail: false, EndPoint: not null, Slots.Count: > 0 })
            .Select(static node => (Node: node, Epoch: EpochOf(node)));
        foreach (var (node, epoch) in claims)
        {
            foreach (var range in node.Slots)
            {
                for (var slot = range.From; slot <= range.To; slot++)
                {
                    if (map._owners[slot] is null || epoch > epochs[slot])
                    {
                        map._owners[slot] = node.EndPoint;
                        epochs[slot] = epoch;
                    }
                }
            }
        }

        map._masters.UnionWith(map._owners.OfType<EndPoint>());
        return map;
    }

    /// <summary>Master of a slot; null: unknown, or nobody has it.</summary>
    /// <param name="slot">0 to 16383; anything else has no owner.</param>
    public EndPoint? OwnerOf(int slot) => slot is >= 0 and < Slots ? _owners[slot] : null;

    /// <summary>Whether the server is a master that has slots.</summary>
    public bool IsMaster(EndPoint server) => _masters.Contains(server);

    private static long EpochOf(ClusterNode node) =>
        node.Raw.Split(' ') is { Length: > EpochField } fields && long.TryParse(fields[EpochField], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : 0;
}
