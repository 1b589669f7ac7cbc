using System.IO.Hashing;
using System.Text;
using Contracts;
using Contracts.Messages;

namespace Realtime.Channels;

/// <summary>Stable hashes: the same on every node, in every version, on every machine. Changing one of them is a new layout.</summary>
internal static class ShardHash
{
    /// <summary>The shard of an id among <paramref name="shards"/>.</summary>
    public static int ShardOf(string id, int shards)
    {
        if (shards == 1)
        {
            return 0;
        }

        Span<byte> ascii = stackalloc byte[Ids.MaxLength];
        return (int)(XxHash3.HashToUInt64(ascii[..Encoding.ASCII.GetBytes(id, ascii)]) % (uint)shards);
    }

    /// <summary>The room's place among 1000: whether a canary of so many per mille includes it.</summary>
    public static int PerMilleOf(in RoomKey room)
    {
        Span<byte> ascii = stackalloc byte[(2 * Ids.MaxLength) + 1];
        var length = Encoding.ASCII.GetBytes(room.Tenant, ascii);
        ascii[length++] = (byte)'/';
        length += Encoding.ASCII.GetBytes(room.Room, ascii[length..]);
        return (int)(XxHash3.HashToUInt64(ascii[..length]) % 1_000);
    }
}
