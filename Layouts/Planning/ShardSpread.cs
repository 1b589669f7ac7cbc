using System.Net;
using Contracts.Layouts;
using Contracts.Messages;
using Realtime.Channels;

namespace Layouts.Planning;

/// <summary>
/// How a room's message shards lie on the Redis masters, for every number of shards: by the slots of their names, so that another number is another
/// draw. Immutable.
/// </summary>
internal sealed class ShardSpread
{
    // By the number of shards less one.
    private readonly int[] _most = new int[LayoutRules.MaxShards];
    private readonly int[] _masters = new int[LayoutRules.MaxShards];

    private ShardSpread()
    {
    }

    /// <summary>One server has all of them.</summary>
    public static ShardSpread OneServer { get; } = Of(static _ => IPEndPoint.Parse("0.0.0.0"))!;

    /// <summary>By the masters of the shards' slots; null: some of them are not known.</summary>
    public static ShardSpread? Of(RoomKey room, Func<string, EndPoint?> ownerOf) => Of(shard => ownerOf(ChannelNames.Message(room, shard)));

    /// <summary>The largest part of so many shards that one master has: of the room's messages, when ids spread evenly.</summary>
    public double PartOf(int shards) => (double)_most[shards - 1] / shards;

    /// <summary>How many masters have at least one of so many shards.</summary>
    public int MastersOf(int shards) => _masters[shards - 1];

    private static ShardSpread? Of(Func<int, EndPoint?> ownerOf)
    {
        var spread = new ShardSpread();
        var counts = new Dictionary<EndPoint, int>();
        for (var shard = 0; shard < LayoutRules.MaxShards; shard++)
        {
            if (ownerOf(shard) is not { } owner)
            {
                return null;
            }

            counts[owner] = counts.GetValueOrDefault(owner) + 1;
            spread._most[shard] = counts.Values.Max();
            spread._masters[shard] = counts.Count;
        }

        return spread;
    }
}
