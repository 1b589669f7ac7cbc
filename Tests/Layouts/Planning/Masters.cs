using System.Net;
using System.Text;
using Contracts.Messages;
using Layouts.Planning;

namespace Tests.Layouts.Planning;

/// <summary>Three masters with the slots that redis-cli gives them, and rooms' shards on them.</summary>
internal static class Masters
{
    public static readonly IPEndPoint[] Three = [.. Enumerable.Range(1, 3).Select(static number => new IPEndPoint(IPAddress.Loopback, 7_000 + number))];

    /// <summary>Shards 0, 1 and 2 lie on three masters.</summary>
    public static readonly ShardSpread Hall = SpreadOf("hall");

    /// <summary>Both of two, and half of four or eight, lie on one.</summary>
    public static readonly ShardSpread Lobby = SpreadOf("lobby");

    public static ShardSpread SpreadOf(string room) => ShardSpread.Of(new RoomKey("acme", room), static channel => OwnerOf(SlotOf(channel)))!;

    public static int SlotOf(string channel)
    {
        // CRC16 as Redis Cluster defines it; the names have no braces.
        var crc = 0;
        foreach (var part in Encoding.ASCII.GetBytes(channel))
        {
            crc ^= part << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = ((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
            }
        }

        return crc % 16_384;
    }

    private static IPEndPoint OwnerOf(int slot) => Three[slot <= 5_460 ? 0 : slot <= 10_922 ? 1 : 2];
}
