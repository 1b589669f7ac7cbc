using System.Net;
using System.Net.Sockets;
using System.Text;
using Contracts;
using Contracts.Frames;
using Contracts.Messages;
using Tests.Infrastructure;
using Tests.Realtime;
using Tests.ServiceDefaults;

namespace Tests.Fuzz;

/// <summary>
/// Nearly valid frames, and bytes that are no frames, on sockets of a room's member. None makes the node fail, and another member misses no message.
/// </summary>
public sealed class FrameFuzzTests(DataServers servers)
{
    /// <summary>Frames of one connection, if it lasts that long.</summary>
    private const int FramesPerConnection = 20;

    private static readonly string[] Templates =
    [
        """{"type":"subscribe","id":"a","room":"lobby","after":0,"order":"client"}""",
        """{"type":"subscribe","id":"b","room":"lobby"}""",
        """{"type":"unsubscribe","id":"c","room":"lobby"}""",
        """{"type":"signal","id":"d","room":"lobby","to":"ann","data":{"a":[1,2,{"b":"c"}]}}""",
        """{"type":"ping","id":"e"}""",
        """{"type":"auth","id":"f","token":"a.b.c"}""",
    ];

    private static readonly string[] Nasty =
    [
        "null", "-1", "1e999", "[]", "{}", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "9223372036854775808", "\"" + new string('x', 3_000) + "\"", new string('[', 100), "\"a:b\"", "true", "\u202e",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NoMessageIsLostForAnother_WhateverFramesCome()
    {
        var run = new FuzzRun("FUZZ_FRAMES", 3_000);
        using var issuer = new TestIssuer();
        var rooms = new MemoryRooms();
        var room = new RoomKey("t" + Ids.New(TimeProvider.System), "lobby");
        rooms.Create(room, "ann", "eve");
        await using var node = await RealtimeNode.StartAsync(
            await servers.GetRedisConnectionStringAsync(Token), rooms, issuer, new(StringComparer.Ordinal) { ["Sockets:CloseTimeout"] = "00:00:00.200" });
        await using var witness = await node.ConnectAsync(room.Tenant, "ann");
        await witness.SubscribeAsync("lobby");
        var upgrade = Encoding.ASCII.GetBytes(
            "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {node.Token(room.Tenant, "eve")}\r\n\r\n");
        var published = 0;
        for (var number = 0; number < run.Size; number += FramesPerConnection)
        {
            await TortureAsync(node.Address, upgrade, run.Of(number));
            await node.PublishAsync(rooms.Append(room));
            published++;
        }

        for (var seq = 1L; seq <= published;)
        {
            // Signals that were valid are delivered too.
            var frame = await witness.NextAsync();
            if (frame.Type == FrameTypes.Message)
            {
                Assert.True(frame.Seq == seq, run.Describe(0, $"message {frame.Seq} came instead of {seq}"));
                seq++;
            }
        }

        // A broker that is slow on a busy machine is logged too, and not caused by a frame.
        var faults = node.Errors.Where(static error => error.Contains("unhandled exception", StringComparison.Ordinal) || error.StartsWith("Connection ", StringComparison.Ordinal)).ToList();
        Assert.True(faults.Count == 0, run.Describe(0, string.Join("\n", faults)));
    }

    private static async Task TortureAsync(Uri address, byte[] upgrade, Random random)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port), Token);
        try
        {
            await socket.SendAsync(upgrade, Token);
            var buffer = new byte[64 * 1_024];
            await socket.ReceiveAsync(buffer, Token);
            for (var i = 0; i < FramesPerConnection; i++)
            {
                await socket.SendAsync(Frame(random), Token);
            }

            socket.Shutdown(SocketShutdown.Send);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
                // To the end.
            }
        }
        catch (SocketException)
        {
            // Cut off, as it deserves.
        }
    }

    private static byte[] Frame(Random random)
    {
        var payload = Payload(random);
        var opcode = random.Next(8) == 0 ? random.Next(256) : 0x81;
        byte[] mask = [(byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)];
        byte[] length = payload.Length < 126 ? [(byte)(0x80 | payload.Length)]
            : [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= mask[i % 4];
        }

        byte[] frame = [(byte)opcode, .. length, .. mask, .. payload];
        if (random.Next(20) == 0)
        {
            frame[random.Next(Math.Min(14, frame.Length))] = (byte)random.Next(256);
        }

        return frame;
    }

    private static byte[] Payload(Random random)
    {
        var text = Templates[random.Next(Templates.Length)];
        switch (random.Next(6))
        {
            case 0:
                var start = text.IndexOf(':', random.Next(text.Length / 2)) + 1;
                var end = text.IndexOfAny([',', '}'], start);
                text = text[..start] + Nasty[random.Next(Nasty.Length)] + text[end..];
                break;
            case 1:
                text = text[..random.Next(text.Length)];
                break;
            case 2:
                text = text.Insert(random.Next(text.Length), Nasty[random.Next(Nasty.Length)]);
                break;
            case 3:
                var bytes = new byte[random.Next(500)];
                random.NextBytes(bytes);
                return bytes;
        }

        return Encoding.UTF8.GetBytes(text);
    }
}
