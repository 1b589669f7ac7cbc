using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tests.Realtime;

/// <summary>A WebSocket by hand: reads only when the test reads, with a receive buffer as small as it likes.</summary>
internal sealed class RawSocket : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[256 * 1024];
    private int _filled;

    private RawSocket(Socket socket) => _socket = socket;

    public int? CloseCode { get; private set; }

    public static async Task<RawSocket> ConnectAsync(Uri address, string token, int receiveBuffer)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = receiveBuffer };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, TestContext.Current.CancellationToken);
        var raw = new RawSocket(socket);
        await raw.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n"));
        while (raw.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) < 0)
        {
            await raw.ReadAsync();
        }

        Assert.Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", raw.Text, StringComparison.Ordinal);
        raw.Skip(raw.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4);
        return raw;
    }

    private string Text => Encoding.ASCII.GetString(_buffer, 0, _filled);

    public Task SendAsync(string text) => WriteAsync([0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)]);

    /// <summary>Reads frames until one contains the text.</summary>
    public async Task UntilAsync(string text)
    {
        while (await NextAsync() is { } frame)
        {
            if (frame.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"Closed with {CloseCode} before {text}.");
    }

    public async Task<List<long>> SeqsAsync(int count)
    {
        var seqs = new List<long>();
        while (seqs.Count < count && await NextAsync() is { } frame)
        {
            using var json = JsonDocument.Parse(frame);
            if (json.RootElement.TryGetProperty("seq", out var seq))
            {
                seqs.Add(seq.GetInt64());
            }
        }

        return seqs;
    }

    /// <summary>All frames to the end.</summary>
    public async IAsyncEnumerable<string> FramesAsync()
    {
        while (await NextAsync() is { } frame)
        {
            yield return frame;
        }
    }

    public async Task<int> MessagesBeforeSignalAsync()
    {
        for (var messages = 0; await NextAsync() is { } frame; messages++)
        {
            if (frame.StartsWith("""{"type":"signal""", StringComparison.Ordinal))
            {
                return messages;
            }
        }

        throw new InvalidOperationException($"Closed with {CloseCode} before a signal.");
    }

    /// <summary>Reads to the end.</summary>
    public async Task DrainAsync()
    {
        while (await NextAsync() is not null)
        {
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The next text frame; null when the connection is closed.</summary>
    private async Task<string?> NextAsync()
    {
        while (true)
        {
            if (TryTake(out var opcode, out var payload))
            {
                switch (opcode)
                {
                    case 1:
                        return Encoding.UTF8.GetString(payload);
                    case 8:
                        CloseCode = BinaryPrimitives.ReadUInt16BigEndian(payload);
                        return null;
                }

                continue;
            }

            if (!await ReadAsync())
            {
                return null;
            }
        }
    }

    private bool TryTake(out int opcode, out byte[] payload)
    {
        opcode = 0;
        payload = [];
        var bytes = _buffer.AsSpan(0, _filled);
        if (bytes.Length < 4)
        {
            return false;
        }

        var (header, length) = bytes[1] < 126 ? (2, bytes[1]) : (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
        if (bytes.Length < header + length)
        {
            return false;
        }

        opcode = bytes[0] & 0xF;
        payload = bytes.Slice(header, length).ToArray();
        Skip(header + length);
        return true;
    }

    private void Skip(int count)
    {
        _buffer.AsSpan(count, _filled - count).CopyTo(_buffer);
        _filled -= count;
    }

    private async Task<bool> ReadAsync()
    {
        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), limit.Token);
            _filled += read;
            return read > 0;
        }
        catch (SocketException exception)
        {
            TestContext.Current.SendDiagnosticMessage("cut: {0}", exception.SocketErrorCode.ToString());
            return false;
        }
    }

    private async Task WriteAsync(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await _socket.SendAsync(bytes.AsMemory(sent), TestContext.Current.CancellationToken);
        }
    }
}
