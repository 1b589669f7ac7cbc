using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Contracts;
using Contracts.Frames;

namespace Client.Realtime;

/// <summary>One WebSocket from handshake to end: frames out, frames in. Knows nothing of rooms.</summary>
internal sealed class RealtimeSocket : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly RealtimeOptions _options;
    private readonly TimeProvider _time;

    public RealtimeSocket(RealtimeOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _socket.Options.AddSubProtocol(FrameTypes.Subprotocol);
        _socket.Options.CollectHttpResponseDetails = true;
    }

    /// <summary>HTTP status of the handshake; 0 when there was no answer.</summary>
    public HttpStatusCode HandshakeStatus => _socket.HttpStatusCode;

    /// <summary>Close code received, if any.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>Close reason received, if any.</summary>
    public string? CloseReason => _socket.CloseStatusDescription;

    public async Task ConnectAsync(Uri uri, string accessToken, HttpMessageInvoker invoker, CancellationToken cancellationToken)
    {
        _socket.Options.SetRequestHeader("Authorization", "Bearer " + accessToken);
        await _socket.ConnectAsync(uri, invoker, cancellationToken);
    }

    /// <summary>Sends one frame; frames of several callers go out one after the other.</summary>
    /// <exception cref="WebSocketException">The socket is gone.</exception>
    public async Task SendAsync(ClientFrame frame, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(frame, ContractsJsonContext.Default.ClientFrame);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next frame; null at the end of the socket.</summary>
    /// <exception cref="JsonException">The server sent something that is not of the protocol.</exception>
    /// <exception cref="WebSocketException">The socket broke.</exception>
    public async Task<ServerFrame?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            var length = 0;
            while (true)
            {
                var result = await _socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                length += result.Count;
                if (result.EndOfMessage)
                {
                    return JsonSerializer.Deserialize(buffer.AsSpan(0, length), ContractsJsonContext.Default.ServerFrame)
                        ?? throw new JsonException("A frame must be an object.");
                }

                if (length == buffer.Length)
                {
                    if (length >= _options.MaxFrame)
                    {
                        throw new JsonException($"A frame is longer than {nameof(RealtimeOptions)}.{nameof(RealtimeOptions.MaxFrame)} ({_options.MaxFrame} bytes).");
                    }

                    var larger = ArrayPool<byte>.Shared.Rent(Math.Min(length * 2, _options.MaxFrame));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Says goodbye and waits, within the time allowed for it, until <paramref name="reader"/> has read the server's answer and ended. Never throws.</summary>
    public async Task CloseAsync(Task reader)
    {
        using var timeout = new CancellationTokenSource(_options.CloseTimeout, _time);
        try
        {
            await _sending.WaitAsync(timeout.Token);
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, timeout.Token);
            }
            finally
            {
                _sending.Release();
            }

            await reader.WaitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            _socket.Abort();
        }
    }

    /// <summary>Gives the socket up; a pending receive ends.</summary>
    public void Abort() => _socket.Abort();

    /// <summary>Says goodbye when the socket is still open, within the time allowed for it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            using var timeout = new CancellationTokenSource(_options.CloseTimeout, _time);
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, timeout.Token);
            }
            catch (Exception exception) when (IsGone(exception))
            {
                // The other side is gone already, which is what we wanted.
                _socket.Abort();
            }
        }

        _socket.Dispose();
        _sending.Dispose();
    }

    /// <summary>ObjectDisposedException is an InvalidOperationException.</summary>
    private static bool IsGone(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or InvalidOperationException or IOException;
}
