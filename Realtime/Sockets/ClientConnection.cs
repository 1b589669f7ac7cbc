using System.Net.WebSockets;
using Contracts;
using Contracts.Frames;
using Realtime.Fanout;
using Realtime.Wire;
using ServiceDefaults.Identity;

namespace Realtime.Sockets;

/// <summary>
/// One WebSocket of one user: receives frames (this file), acts on them (Requests), keeps its rooms (Rooms), and ends.
/// </summary>
/// <remarks>
/// Receiving is the framework's: masks, fragments, UTF-8, the rules of closing. Sending is ours (<see cref="OutboundPump"/>), for the frames of a
/// room are the same bytes for all. <see cref="Close"/> ends the connection: the close frame is the last one that is written. The receive loop
/// continues until the client has answered it or <see cref="SocketOptions.CloseTimeout"/> has passed; then everything is released, in one place
/// (<see cref="RunAsync"/>).
/// </remarks>
internal sealed partial class ClientConnection : ISubscriber
{
    /// <summary>Never on the wire: what both sides call a connection that ended without a close frame.</summary>
    private const int ClosedAbnormally = 1006;

    private const int FirstBufferBytes = 4 * 1024;

    /// <summary>Empty fragments of one message before it counts as one without end.</summary>
    private const int MaxEmptyFragments = 32;

    /// <summary>Most bytes within one ping interval that make no message: control frames and empty fragments. Clients send some hundred.</summary>
    private const int MaxSilentBytes = 64 * 1_024;

    /// <summary>
    /// Bad frames within a minute after which the connection is closed with 4501: a client with a mistake in it learns of each, a fuzzer stops.
    /// </summary>
    private const int MaxBadFrames = 10;

    /// <summary>Most subscribe calls of a connection at once; further frames wait in the socket.</summary>
    private const int MaxSubscribesInFlight = 16;

    private readonly ConnectionServices _services;
    private readonly SocketOptions _options;
    private readonly OutboundQueue _control;
    private readonly OutboundPump _pump;
    private readonly WebSocket _socket;
    private readonly Action _cut;
    private readonly CancellationTokenSource _aborted = new();
    private readonly ITimer _closeTimer;
    private readonly TokenBucket _rate;
    private readonly TokenBucket _badFrames;
    private readonly SemaphoreSlim _subscribing;
    private readonly Lock _cutGate = new();

    // Written by the receive loop (a renewed token), read by the sweep and by feeds.
    private volatile UserIdentity _identity;

    // Time stamps; written by the receive loop, read by the sweep. Zero: no message is half received.
    private long _heardAt;
    private long _messageStartedAt;

    // Written by the sweep only.
    private long _pingedAt;

    // Bytes since the last sweep period that made no message; written by the receive loop, taken by the sweep.
    private int _silentBytes;
    private volatile int _closeCode;

    // Under the cut's lock.
    private bool _over;

    public ClientConnection(
        string id, UserIdentity identity, Stream stream, IFrameWriter writer, ConnectionServices services, Action cut)
    {
        ConnectionId = id;
        _identity = identity;
        _services = services;
        _options = services.Options;
        _cut = cut;
        _control = new OutboundQueue(_options.ControlFrames, _options.ControlBytes, services.Telemetry.SignalsDropped);
        _pump = new OutboundPump(writer, _control, services.Telemetry, services.Time, OnLost, _aborted.Token);
        _socket = WebSocket.CreateFromStream(
            new ReceiveStream(stream, OnHeard, OnFrameworkFrame),
            new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        _rate = new TokenBucket(_options.FramesPerSecond, _options.FramesBurst, services.Time);
        _badFrames = new TokenBucket(MaxBadFrames / 60d, MaxBadFrames, services.Time);
        _subscribing = new SemaphoreSlim(MaxSubscribesInFlight);
        _heardAt = _pingedAt = services.Time.GetTimestamp();
        _closeTimer = services.Time.CreateTimer(static state => ((ClientConnection)state!).Cut(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string ConnectionId { get; }

    /// <inheritdoc/>
    public string User => _identity.User;

    public UserIdentity Identity => _identity;

    /// <summary>Whether the socket is full.</summary>
    public bool IsBlocked => _pump.Blocked > TimeSpan.Zero;

    /// <summary>Serves the connection until it has ended.</summary>
    public async Task RunAsync()
    {
        try
        {
            Reply(new ServerFrame(
                FrameTypes.Welcome,
                Connection: ConnectionId,
                Node: _services.Node,
                Tenant: _identity.Tenant,
                User: _identity.User,
                PingInterval: Math.Max(1, (int)_options.PingInterval.TotalSeconds),
                MaxFrame: _options.MaxFrameBytes));
            await ReceiveAsync();

            // Both sides have sent a close frame: what is queued still goes out.
            await _pump.Finished.WaitAsync(_options.CloseTimeout, _services.Time, _aborted.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or TimeoutException or ObjectDisposedException)
        {
            // The other side is gone, or broke the protocol (which the framework has answered with a close frame already), or did not answer ours in
            // time.
            await FinishWritingAsync();
        }
        catch (Exception exception)
        {
            _services.Logger.ConnectionFailed(ConnectionId, exception);
            Close((int)WebSocketCloseStatus.InternalServerError, "Internal error.");
            await FinishWritingAsync();
        }
        finally
        {
            lock (_cutGate)
            {
                _over = true;
            }

            await _aborted.CancelAsync();
            EndRooms();
            await _closeTimer.DisposeAsync();
            _socket.Dispose();
            _services.Telemetry.ConnectionClosed(_closeCode);
        }
    }

    /// <summary>Ends the connection with a close frame, after what waits ahead of messages; the first call counts.</summary>
    /// <param name="code">One of <see cref="CloseCodes"/>, or of the standard ones.</param>
    /// <param name="reason">For people, or what the code defines.</param>
    public void Close(int code, string? reason) => TryClose(code, reason, alone: false);

    /// <inheritdoc/>
    public void Pump() => _pump.Run();

    /// <inheritdoc/>
    public void Schedule() => _pump.Schedule();

    /// <inheritdoc/>
    public void Enqueue(WireFrame frame)
    {
        if (_control.TryAdd(frame))
        {
            _pump.Schedule();
            return;
        }

        CloseSlow("control-queue", "Too much is waiting to be read.");
    }

    /// <inheritdoc/>
    public void EnqueueSignal(WireFrame frame)
    {
        _control.AddSignal(frame);
        _pump.Schedule();
    }

    /// <summary>Looks the connection over; called by the node's sweep, one call at a time.</summary>
    public void Check(long now, DateTimeOffset utcNow)
    {
        var time = _services.Time;

        // A token that was accepted within the skew must not end the connection at once.
        if (utcNow >= _identity.ExpiresAt + UserTokens.ClockSkew)
        {
            Close(CloseCodes.TokenExpired, "The access token has expired.");
            return;
        }

        var quiet = time.GetElapsedTime(Volatile.Read(ref _heardAt), now);
        if (quiet >= _options.IdleTimeout)
        {
            Close(CloseCodes.Idle, "Nothing was received.");
            return;
        }

        if (Volatile.Read(ref _messageStartedAt) is var started and not 0 && time.GetElapsedTime(started, now) >= _options.MessageTimeout)
        {
            Close(CloseCodes.FrameTooLarge, "A message was begun and not finished.");
            return;
        }

        CheckReader(_pump.Blocked);
        if (time.GetElapsedTime(_pingedAt, now) >= _options.PingInterval)
        {
            _pingedAt = now;
            Interlocked.Exchange(ref _silentBytes, 0);
            if (quiet >= _options.PingInterval)
            {
                Enqueue(Framing.PingFrame());
            }
        }
    }

    /// <summary>What to do about a socket that has taken nothing for so long.</summary>
    public void CheckReader(TimeSpan blocked)
    {
        if (blocked == TimeSpan.Zero)
        {
            return;
        }

        if (blocked >= _services.SlowConsumer.StallTimeout)
        {
            CloseSlow("stalled", "Nothing was read for too long.");
        }
        else if (_pump.Subscriptions.Any(subscription => subscription.Lag > _services.SlowConsumer.MaxLag))
        {
            CloseSlow("lag", "Too far behind.");
        }
    }

    /// <summary>What waits is thrown away: it does not read. Counted once, however often it is found until it is gone.</summary>
    private void CloseSlow(string how, string reason)
    {
        if (TryClose(CloseCodes.SlowConsumer, reason, alone: true))
        {
            _services.Telemetry.SlowConsumer(how);
        }
    }

    private bool TryClose(int code, string? reason, bool alone)
    {
        if (!_control.Seal(Framing.CloseFrame(code, reason), alone))
        {
            return false;
        }

        _closeCode = code;
        _services.Logger.ConnectionEnded(ConnectionId, code, reason);
        _closeTimer.Change(_options.CloseTimeout, Timeout.InfiniteTimeSpan);
        _pump.Schedule();
        return true;
    }

    private async Task ReceiveAsync()
    {
        while (true)
        {
            // Waits without a buffer: most connections are silent most of the time.
            var first = await _socket.ReceiveAsync(Memory<byte>.Empty, _aborted.Token);
            if (first.MessageType == WebSocketMessageType.Close)
            {
                // An answer to ours, or theirs.
                Close((int)WebSocketCloseStatus.NormalClosure, null);
                return;
            }

            using var message = new MessageBuffer(FirstBufferBytes, _options.MaxFrameBytes);
            if (await ReadMessageAsync(message, first))
            {
                await HandleAsync(message, first.MessageType);
            }
        }
    }

    /// <summary>Reads the rest of a message; false when it was too long, and the connection is closing.</summary>
    private async Task<bool> ReadMessageAsync(MessageBuffer message, ValueWebSocketReceiveResult result)
    {
        var empty = 0;
        Volatile.Write(ref _messageStartedAt, Math.Max(1, _services.Time.GetTimestamp()));
        while (!result.EndOfMessage)
        {
            if (!message.TryGetSpace(out var space) || empty > MaxEmptyFragments)
            {
                RefuseLength();

                // Read on without keeping anything: the client's answer to the close frame comes after what it is sending.
                message.Reset();
                empty = 0;
                continue;
            }

            result = await _socket.ReceiveAsync(space, _aborted.Token);
            message.Advance(result.Count);
            empty = result.Count == 0 ? empty + 1 : empty;
            if (result.MessageType == WebSocketMessageType.Close)
            {
                Close((int)WebSocketCloseStatus.NormalClosure, null);
                break;
            }
        }

        if (message.IsTooLong)
        {
            RefuseLength();
        }

        Volatile.Write(ref _messageStartedAt, 0);
        Interlocked.Exchange(ref _silentBytes, 0);
        return _closeCode == 0;
    }

    private void RefuseLength() =>
        Close(CloseCodes.FrameTooLarge, $"Messages are {_options.MaxFrameBytes} bytes at most, in a few fragments.");

    private void OnHeard(int bytes)
    {
        Volatile.Write(ref _heardAt, _services.Time.GetTimestamp());
        if (Interlocked.Add(ref _silentBytes, bytes) > MaxSilentBytes + _options.MaxFrameBytes)
        {
            Close(CloseCodes.LimitExceeded, "Too many bytes that make no message.");
        }
    }

    /// <summary>A pong, or the close frame with which the framework answers a breach of the protocol.</summary>
    private void OnFrameworkFrame(WireFrame frame, bool close)
    {
        if (!close)
        {
            Enqueue(frame);
        }
        else if (_control.Seal(frame, alone: false))
        {
            _closeCode = (int)WebSocketCloseStatus.ProtocolError;
            _closeTimer.Change(_options.CloseTimeout, Timeout.InfiniteTimeSpan);
            _pump.Schedule();
        }
    }

    /// <summary>What is queued, the close frame above all, is still written if the other side takes it soon.</summary>
    private async Task FinishWritingAsync()
    {
        if (_closeCode == 0)
        {
            Close((int)WebSocketCloseStatus.EndpointUnavailable, null);
            _closeCode = ClosedAbnormally;
        }

        try
        {
            await _pump.Finished.WaitAsync(_options.CloseTimeout, _services.Time, _aborted.Token);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Cut();
        }
    }

    private void OnLost(Exception? exception)
    {
        if (exception is not null)
        {
            _services.Logger.ConnectionFailed(ConnectionId, exception);
        }

        Cut();
    }

    /// <summary>Without goodbye. Comes from the pump and from timers, perhaps when the request behind the connection has ended already, and must not
    /// touch it then.</summary>
    private void Cut()
    {
        // Not on this thread: what the cancellation wakes up may have a lot to do.
        _ = _aborted.CancelAsync();
        lock (_cutGate)
        {
            if (!_over)
            {
                _cut();
            }
        }
    }

    private void Reply(ServerFrame frame) => Enqueue(Frames.Frame(frame));
}
