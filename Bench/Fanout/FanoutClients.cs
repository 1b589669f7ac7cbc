using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bench.Fanout;

/// <summary>
/// Many WebSocket readers that do as little as a reader can: count frames, and take the delay of the first and every 16th after it. Talks to its
/// parent in lines: prints <c>ready</c>, and for each line it reads, what it has counted since the last one.
/// </summary>
internal static class FanoutClients
{
    private const int BufferBytes = 64 * 1024;
    private const int SampleEvery = 16;

    private static ReadOnlySpan<byte> SignalRMessage => "\"target\":\"message\""u8;

    private static readonly Lock Gate = new();
    private static readonly List<double> Delays = [];
    private static long _frames;
    private static long _reads;
    private static bool _signalR;
    private static string _order = "";

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var ports = arguments.Text("ports", "").Split(',').Select(static port => int.Parse(port, CultureInfo.InvariantCulture)).ToArray();
        var count = arguments.Number("clients", 500);
        var rooms = arguments.Number("rooms", 1);
        _signalR = arguments.Text("peer", "ours") == "signalr";
        _order = arguments.Text("order", "server");
        var clients = new Client[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) =>
        {
            clients[i] = new Client();
            await clients[i].ConnectAsync(ports[i % ports.Length], $"u{i}", $"r{i / ports.Length % rooms}", token);
        });
        foreach (var client in clients)
        {
            client.Start();
        }

        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Report();
        }

        return 0;
    }

    private static void Report()
    {
        lock (Gate)
        {
            Delays.Sort();
            var cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Interlocked.Exchange(ref _frames, 0)} {Interlocked.Exchange(ref _reads, 0)} {Percentile(0.5):0.00} {Percentile(0.99):0.00} {cpu:0}"));
            Delays.Clear();
        }
    }

    private static double Percentile(double share) => Delays.Count == 0 ? 0 : Delays[(int)((Delays.Count - 1) * share)];

    private sealed class Client
    {
        private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[] _buffer = new byte[BufferBytes];
        private readonly SocketAsyncEventArgs _args = new();
        private readonly List<double> _delays = [];
        private int _filled;
        private uint _sample;

        public async Task ConnectAsync(int port, string user, string room, CancellationToken cancellationToken)
        {
            await _socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            if (_signalR)
            {
                await ConnectSignalRAsync(room, cancellationToken);
                return;
            }

            var request = $"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat.v1\r\nAuthorization: Bearer {FanoutNode.UserToken(user)}\r\n\r\n";
            await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
            await ReadUntilAsync("\"welcome\"", cancellationToken);
            _filled = 0;
            await _socket.SendAsync(Masked($$"""{"type":"subscribe","room":"{{room}}","order":"{{_order}}"}"""), cancellationToken);
            await ReadUntilAsync("\"subscribed\"", cancellationToken);
            _filled = 0;
        }

        private async Task ConnectSignalRAsync(string room, CancellationToken cancellationToken)
        {
            var request = "GET /hub HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
            await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
            await ReadUntilAsync("\r\n\r\n", cancellationToken);
            _filled = 0;
            await _socket.SendAsync(Masked("{\"protocol\":\"json\",\"version\":1}\u001e"), cancellationToken);
            await ReadUntilAsync("{}", cancellationToken);
            _filled = 0;
            await _socket.SendAsync(Masked($$"""{"type":1,"invocationId":"1","target":"Join","arguments":["{{room}}"]}""" + "\u001e"), cancellationToken);
            await ReadUntilAsync("\"invocationId\":\"1\"", cancellationToken);
            _filled = 0;
        }

        public void Start()
        {
            _args.Completed += (_, _) => Loop();
            Receive();
        }

        private void Receive()
        {
            _args.SetBuffer(_buffer, _filled, BufferBytes - _filled);
            if (!_socket.ReceiveAsync(_args))
            {
                ThreadPool.UnsafeQueueUserWorkItem(static client => client.Loop(), this, preferLocal: false);
            }
        }

        private void Loop()
        {
            do
            {
                if (_args.SocketError != SocketError.Success || _args.BytesTransferred == 0)
                {
                    Console.Error.WriteLine($"a client was cut off: {_args.SocketError}");
                    return;
                }

                _filled += _args.BytesTransferred;
                Interlocked.Increment(ref _reads);
                Consume();
                _args.SetBuffer(_buffer, _filled, BufferBytes - _filled);
            }
            while (!_socket.ReceiveAsync(_args));
        }

        private void Consume()
        {
            var rest = _buffer.AsSpan(0, _filled);
            var frames = 0;
            if (_signalR)
            {
                // One of its frames may hold any number of messages: they are counted by what each begins with, cut ones next time.
                frames = rest.Count(SignalRMessage);
                Sample(rest);
                rest = rest[^Math.Min(rest.Length, SignalRMessage.Length - 1)..];
            }

            while (!_signalR && rest.Length >= 4)
            {
                var (header, payload) = rest[1] < 126 ? (2, rest[1]) : (4, BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
                if (rest.Length < header + payload)
                {
                    break;
                }

                if (rest[0] == 0x81)
                {
                    frames++;
                    if (_sample++ % SampleEvery == 0)
                    {
                        Sample(rest.Slice(header, payload));
                    }
                }
                else if (rest[0] == 0x89)
                {
                    // A client that does not answer a ping is closed. The few bytes always fit.
                    _socket.Send([0x8A, (byte)(0x80 | payload), 0, 0, 0, 0, .. rest.Slice(header, payload)]);
                }

                rest = rest[(header + payload)..];
            }

            rest.CopyTo(_buffer);
            _filled = rest.Length;
            Interlocked.Add(ref _frames, frames);
            if (_delays.Count > 0)
            {
                lock (Gate)
                {
                    Delays.AddRange(_delays);
                }

                _delays.Clear();
            }
        }

        private void Sample(ReadOnlySpan<byte> json)
        {
            var at = json.IndexOf("\"text\":\""u8);
            if (at >= 0 && json.Length >= at + 8 + Publisher.StampDigits && long.TryParse(json.Slice(at + 8, Publisher.StampDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var sent))
            {
                _delays.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        }

        private async Task ReadUntilAsync(string text, CancellationToken cancellationToken)
        {
            do
            {
                var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), cancellationToken);
                if (read == 0)
                {
                    throw new IOException($"Closed before {text}: {Encoding.ASCII.GetString(_buffer, 0, _filled)}");
                }

                _filled += read;
            }
            while (!Encoding.ASCII.GetString(_buffer, 0, _filled).Contains(text, StringComparison.Ordinal));
        }

        /// <summary>Clients must mask; a mask of zeros leaves the payload as it is.</summary>
        private static byte[] Masked(string text) => [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)];
    }
}
