using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tests.Infrastructure;

/// <summary>One HTTP request by hand, on a connection of its own: as slow, or as wrong, as the test likes.</summary>
internal sealed class RawHttp : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Socket _socket;

    private RawHttp(Socket socket) => _socket = socket;

    /// <summary>Sends what there is of the request so far.</summary>
    /// <param name="address">Of the service.</param>
    /// <param name="start">The head, or more, or less.</param>
    /// <param name="from">Last byte of the loopback address that it comes from.</param>
    /// <param name="receiveBuffer">Small: the server notices at once that nobody reads.</param>
    public static async Task<RawHttp> SendAsync(Uri address, ReadOnlyMemory<byte> start, byte from = 1, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        try
        {
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, from]), 0));
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port), TestContext.Current.CancellationToken);
            var raw = new RawHttp(socket);
            await raw.WriteAsync(start);
            return raw;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static Task<RawHttp> SendAsync(Uri address, string start, byte from = 1, int? receiveBuffer = null) =>
        SendAsync(address, Encoding.Latin1.GetBytes(start), from, receiveBuffer);

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, TestContext.Current.CancellationToken)..];
        }
    }

    /// <summary>Sends one byte a tick until the server ends the connection, or the token this.</summary>
    public async Task TrickleAsync(TimeSpan tick, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(tick, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
                {
                    // An answer, or the end.
                    return;
                }

                await _socket.SendAsync("a"u8.ToArray(), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // Ended, by either side.
        }
    }

    /// <summary>Reads one byte a tick until the server ends the connection, or the token this. A refusal is not sipped: it holds nothing at the server.</summary>
    public async Task SipAsync(TimeSpan tick, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(tick, TimeProvider.System);
        var one = new byte[1];
        var status = new byte["HTTP/1.1 200".Length];
        try
        {
            for (var read = 0; read < status.Length;)
            {
                var more = await _socket.ReceiveAsync(status.AsMemory(read), cancellationToken);
                if (more == 0)
                {
                    return;
                }

                read += more;
            }

            if (!status.AsSpan().EndsWith("200"u8))
            {
                await timer.WaitForNextTickAsync(cancellationToken);
                return;
            }

            while (await timer.WaitForNextTickAsync(cancellationToken) && await _socket.ReceiveAsync(one, cancellationToken) > 0)
            {
                // Slowly.
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // Ended, by either side.
        }
    }

    /// <summary>Everything up to the end of the connection, however it ends.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, TestContext.Current.CancellationToken);
        var text = new StringBuilder();
        var buffer = new byte[16 * 1_024];
        try
        {
            while (await _socket.ReceiveAsync(buffer, either.Token) is var read and > 0)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            // Reset.
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"The connection did not end; it brought: {text.ToString(0, Math.Min(500, text.Length))}", exception);
        }

        return text.ToString();
    }

    /// <summary>Status of an answer, or null when there is none.</summary>
    public static int? StatusOf(string answer) =>
        answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture) : null;

    public void Dispose() => _socket.Dispose();
}
