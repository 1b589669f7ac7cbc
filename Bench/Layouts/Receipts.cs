using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Bench.Fanout;

namespace Bench.Layouts;

/// <summary>
/// One reader on every node, in order: reports when a message has been delivered everywhere, so that a load can keep a bounded number of messages in
/// flight instead of outrunning the nodes.
/// </summary>
internal sealed class Receipts : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ClientWebSocket> _sockets = [];
    private readonly List<Task> _readers = [];
    private readonly long[] _heads;
    private readonly List<double> _signals = [];

    private Receipts(int nodes) => _heads = new long[nodes];

    private static ReadOnlySpan<byte> Seq => "\"seq\":"u8;

    private static ReadOnlySpan<byte> SentAt => "\"at\":"u8;

    /// <summary>Messages that did not follow the one before: lost, doubled or misordered.</summary>
    public long Faults { get; private set; }

    public static async Task<Receipts> ConnectAsync(IReadOnlyList<int> ports, string room)
    {
        var receipts = new Receipts(ports.Count);
        for (var i = 0; i < ports.Count; i++)
        {
            var socket = new ClientWebSocket();
            receipts._sockets.Add(socket);
            socket.Options.AddSubProtocol("chat.v1");
            socket.Options.SetRequestHeader("Authorization", $"Bearer {FanoutNode.UserToken($"receipts{i}")}");
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{ports[i]}/v1/ws"), CancellationToken.None);
            await socket.SendAsync(Encoding.ASCII.GetBytes($$"""{"type":"subscribe","room":"{{room}}"}"""), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            var node = i;
            receipts._readers.Add(Task.Run(() => receipts.ReadAsync(node, socket), CancellationToken.None));
        }

        return receipts;
    }

    /// <summary>Up to here every node has delivered everything.</summary>
    public long Delivered
    {
        get
        {
            lock (_gate)
            {
                return _heads.Min();
            }
        }
    }

    /// <summary>Completes once every node has delivered the message and all before it.</summary>
    public Task ReachedAsync(long seq)
    {
        lock (_gate)
        {
            if (_heads.Min() >= seq)
            {
                return Task.CompletedTask;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(source, seq);
            return source.Task;
        }
    }

    /// <summary>Sends signals from the first node's reader; their delays at the others, in milliseconds, sorted.</summary>
    public async Task<IReadOnlyList<double>> SignalsAsync(string room, int perSecond, TimeSpan time)
    {
        lock (_gate)
        {
            _signals.Clear();
        }

        var count = (int)(perSecond * time.TotalSeconds);
        var wanted = count * (_sockets.Count - 1);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1d / perSecond), TimeProvider.System);
        for (var sent = 0; sent < count && await timer.WaitForNextTickAsync(_stop.Token); sent++)
        {
            var signal = string.Create(CultureInfo.InvariantCulture, $$"""{"type":"signal","room":"{{room}}","data":{"at":{{Stopwatch.GetTimestamp()}} } }""");
            await _sockets[0].SendAsync(Encoding.ASCII.GetBytes(signal), WebSocketMessageType.Text, endOfMessage: true, _stop.Token);
        }

        for (var tries = 0; ; tries++)
        {
            lock (_gate)
            {
                if (_signals.Count >= wanted)
                {
                    return [.. _signals.Order()];
                }

                if (tries == 100)
                {
                    throw new InvalidOperationException($"{_signals.Count} of {wanted} signals arrived.");
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, _stop.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_readers);
        _sockets.ForEach(static socket => socket.Dispose());
        _stop.Dispose();
    }

    private async Task ReadAsync(int node, ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(filled), _stop.Token);
                filled += read.Count;
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    throw new InvalidOperationException($"A reader was sent away: {socket.CloseStatusDescription}");
                }

                if (read.EndOfMessage)
                {
                    Take(node, buffer.AsSpan(0, filled));
                    filled = 0;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException)
        {
            Fail(exception);
        }
    }

    private void Take(int node, ReadOnlySpan<byte> frame)
    {
        if (node > 0 && frame.IndexOf("\"type\":\"signal\""u8) >= 0 && frame.IndexOf(SentAt) is > 0 and var sent && Utf8Parser.TryParse(frame[(sent + SentAt.Length)..], out long sentAt, out _))
        {
            lock (_gate)
            {
                _signals.Add(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
            }

            return;
        }

        if (frame.IndexOf("\"message\""u8) < 0 || frame.IndexOf(Seq) is not (> 0 and var at) || !Utf8Parser.TryParse(frame[(at + Seq.Length)..], out long seq, out _))
        {
            return;
        }

        lock (_gate)
        {
            Faults += seq == _heads[node] + 1 ? 0 : 1;
            _heads[node] = seq;
            var everywhere = _heads.Min();
            while (_waiting.TryPeek(out _, out var wanted) && wanted <= everywhere)
            {
                _waiting.Dequeue().SetResult();
            }
        }
    }

    private void Fail(Exception exception)
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var source, out _))
            {
                source.SetException(exception);
            }
        }
    }
}
