using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Contracts;
using Contracts.Frames;

namespace Tests.Realtime;

/// <summary>A client that collects what it receives.</summary>
internal sealed class TestSocket : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket;
    private readonly Channel<ServerFrame> _frames = Channel.CreateUnbounded<ServerFrame>();
    private readonly Channel<ServerFrame> _layouts = Channel.CreateUnbounded<ServerFrame>();
    private readonly TaskCompletionSource<(int Code, string? Reason)> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _seen = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    private TestSocket(ClientWebSocket socket)
    {
        _socket = socket;
        _reading = ReadAsync();
    }

    public ClientWebSocket Raw => _socket;

    public static async Task<TestSocket> ConnectAsync(Uri address, string? token, Action<ClientWebSocketOptions>? options = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(FrameTypes.Subprotocol);
        socket.Options.CollectHttpResponseDetails = true;
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        }

        options?.Invoke(socket.Options);
        await socket.ConnectAsync(new Uri($"ws://{address.Authority}/v1/ws"), TestContext.Current.CancellationToken);
        return new TestSocket(socket);
    }

    public Task SendAsync(ClientFrame frame) => SendAsync(JsonSerializer.Serialize(frame, ContractsJsonContext.Default.ClientFrame));

    public Task SendAsync(string text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);

    /// <summary>The next frame of whatever type.</summary>
    public async Task<ServerFrame> NextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await _frames.Reader.ReadAsync(limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"No frame came; socket {_socket.State} {_socket.CloseStatus}, last frames: {string.Join(" ", _seen.TakeLast(5))}", exception);
        }
    }

    /// <summary>The next frame about a change of layout; these may come at any time, and are kept apart from the others.</summary>
    public async Task<ServerFrame> LayoutAsync() => await _layouts.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Frames about changes of layout that came and were not read.</summary>
    public int LayoutsLeft => _layouts.Reader.Count;

    /// <summary>The next frame, which must have this type.</summary>
    public async Task<ServerFrame> ExpectAsync(string type)
    {
        var frame = await NextAsync();
        Assert.True(frame.Type == type, $"expected {type}, got {frame}");
        return frame;
    }

    public async Task<ServerFrame> SubscribeAsync(string room, long? after = null, string? order = null)
    {
        await SendAsync(new ClientFrame(FrameTypes.Subscribe, "sub", room, after, order));
        var frame = await ExpectAsync(FrameTypes.Subscribed);
        Assert.Equal(room, frame.Room);
        return frame;
    }

    /// <summary>The seqs of the next messages.</summary>
    public async Task<List<long>> MessagesAsync(int count)
    {
        var seqs = new List<long>(count);
        while (seqs.Count < count)
        {
            seqs.Add((await ExpectAsync(FrameTypes.Message)).Seq!.Value);
        }

        return seqs;
    }

    public async Task<(int Code, string? Reason)> ClosedAsync() => await _closed.Task.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[128 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    result = await _socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token);
                    length += result.Count;
                }
                while (!result.EndOfMessage);

                if (result.MessageType == WebSocketMessageType.Close)
                {
                    _closed.TrySetResult(((int)_socket.CloseStatus!, _socket.CloseStatusDescription));
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stop.Token);
                    break;
                }

                _seen.Add(Encoding.UTF8.GetString(buffer, 0, length));
                var frame = JsonSerializer.Deserialize(buffer.AsSpan(0, length), ContractsJsonContext.Default.ServerFrame)!;
                (frame.Type == FrameTypes.Layout ? _layouts : _frames).Writer.TryWrite(frame);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            _closed.TrySetResult((1006, exception.Message));
        }
        finally
        {
            _frames.Writer.TryComplete();
        }
    }
}
