using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Client.Tokens;
using Contracts;
using Contracts.Frames;

namespace Client.Realtime;

/// <content>
/// The loop: connect, welcome, resume every subscription, receive until the socket ends, wait, again. A frame that is not answered in time means that
/// the socket is dead although no close arrived; it is abandoned and the loop continues. Only three things end the loop: disposal, a close code that
/// says not to reconnect, and a token that cannot be renewed.
/// </content>
public sealed partial class RealtimeConnection
{
    /// <summary>Share of the token's life after which it is renewed on the open socket.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(1);

    private async Task RunAsync(CancellationToken stop)
    {
        var policy = new ReconnectPolicy(_options, Random.Shared);
        var attempt = 0;
        var refusals = 0;
        RealtimeException? end = null;
        try
        {
            while (end is null)
            {
                SetState(new ConnectionState(ConnectionPhase.Connecting, Attempt: attempt));
                var started = _time.GetTimestamp();
                var loss = await LiveAsync(stop);
                refusals = loss.TokenRefused ? refusals + 1 : 0;
                end = loss.End ?? (refusals > 1 ? new RealtimeException(ErrorCodes.BadToken, "The access token was refused, and so was a fresh one.") : null);
                if (end is not null || _disposed == 1)
                {
                    break;
                }

                attempt = loss.WasConnected && _time.GetElapsedTime(started) >= _options.StableAfter ? 1 : attempt + 1;
                var wait = policy.Wait(attempt, loss.CloseCode, loss.Reason);
                ClientLog.SocketLost(_logger, loss.CloseCode, loss.Reason, wait);
                SetState(new ConnectionState(ConnectionPhase.Waiting, Attempt: attempt, RetryIn: wait, CloseCode: loss.CloseCode, Reason: loss.Reason));
                await Task.Delay(wait, _time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposal: the streams end without an error.
        }
        catch (Exception exception)
        {
            end = new RealtimeException("closed", "The connection's loop failed: " + exception.Message, innerException: exception);
            ClientLog.LoopFailed(_logger, exception);
        }

        Finish(end);
    }

    private void Finish(RealtimeException? end)
    {
        RoomSubscription[] left;
        lock (_lock)
        {
            _ended = end ?? new RealtimeException("closed", "The connection was closed.");
            left = [.. _subscriptions.Values];
            _subscriptions.Clear();
        }

        foreach (var subscription in left)
        {
            subscription.End(end);
        }

        _welcomed.TrySetException(_ended);
        SetState(new ConnectionState(ConnectionPhase.Closed, Reason: _ended.Message));
    }

    /// <summary>One socket from handshake to end.</summary>
    private async Task<Loss> LiveAsync(CancellationToken stop)
    {
        await using var socket = new RealtimeSocket(_options, _time);
        using var life = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var connected = false;
        var background = Task.CompletedTask;
        AccessToken token = default;
        try
        {
            ServerFrame welcome;
            using (var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop))
            {
                token = await _tokens.GetAsync(RenewBefore, either.Token);
                await socket.ConnectAsync(_uri, token.Value, _invoker, either.Token);
                welcome = await socket.ReceiveAsync(either.Token) ?? throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
                if (welcome.Type != FrameTypes.Welcome)
                {
                    throw new JsonException($"Expected a welcome frame, got '{welcome.Type}'.");
                }
            }

            connected = true;
            RoomSubscription[] resume;
            lock (_lock)
            {
                _socket = socket;
                resume = [.. _subscriptions.Values];
            }

            background = Task.WhenAll(
                PingAsync(socket, TimeSpan.FromSeconds(Math.Max(1, welcome.PingInterval ?? 20)), life.Token),
                RenewAsync(socket, token, life.Token));
            foreach (var subscription in resume)
            {
                await SendSubscribeAsync(socket, subscription, stop);
            }

            SetState(new ConnectionState(ConnectionPhase.Connected, welcome.Node));
            _welcomed.TrySetResult();
            while (await socket.ReceiveAsync(stop) is { } frame)
            {
                Dispatch(frame);
            }

            return Lost(socket, connected, exception: null);
        }
        catch (TokenException exception) when (!exception.IsTransient)
        {
            return new Loss(connected, CloseCode: null, exception.Message, new RealtimeException(ErrorCodes.BadToken, exception.Message, innerException: exception));
        }
        catch (Exception exception) when (IsLoss(exception) && !stop.IsCancellationRequested)
        {
            if (socket.HandshakeStatus == HttpStatusCode.Unauthorized)
            {
                // The token was refused although it has not expired: its session was revoked, or keys were replaced. A fresh one decides.
                _tokens.Invalidate(token.Value);
                return new Loss(connected, CloseCode: null, "The access token was refused.", End: null, TokenRefused: true);
            }

            return Lost(socket, connected, exception);
        }
        finally
        {
            lock (_lock)
            {
                _socket = null;
            }

            await life.CancelAsync();
            await background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            FailPending(socket);
        }
    }

    private static bool IsLoss(Exception exception) =>
        exception is WebSocketException or HttpRequestException or IOException or JsonException or OperationCanceledException or TokenException or ObjectDisposedException;

    private static Loss Lost(RealtimeSocket socket, bool connected, Exception? exception)
    {
        var reason = socket.CloseReason ?? exception?.Message;
        return CloseCodes.ShouldReconnect(socket.CloseCode)
            ? new Loss(connected, socket.CloseCode, reason, End: null)
            : new Loss(connected, socket.CloseCode, reason, new RealtimeException("closed", $"The server closed the connection for good: {socket.CloseCode} {reason}"));
    }

    private void Dispatch(ServerFrame frame)
    {
        if (frame.Id is { } id && frame.Type is FrameTypes.Ack or FrameTypes.Subscribed or FrameTypes.Unsubscribed or FrameTypes.Error or FrameTypes.Pong)
        {
            Pending? pending;
            lock (_lock)
            {
                _pending.Remove(frame.Id, out pending);
            }

            // Subscribed starts the stream before the next frame, which may be the room's first message, is read: so it is handled here and not by
            // the caller that awaits the answer.
            if (frame.Type == FrameTypes.Subscribed && Find(frame.Room) is { } started)
            {
                started.OnSubscribed(frame.After ?? 0, frame.Head ?? 0, frame.Layout);
            }

            pending?.Answer.TrySetResult(frame);
            return;
        }

        if (frame is { Type: FrameTypes.Error, Id: null })
        {
            SettleSignals(frame);
            return;
        }

        if (Find(frame.Room) is not { } subscription)
        {
            return;
        }

        switch (frame.Type)
        {
            case FrameTypes.Message when frame is { Seq: { } seq, Id: not null }:
                subscription.OnMessage(new RoomMessage(subscription.Room, seq, frame.Id, frame.Sender ?? "", frame.Text ?? "", frame.SentAt ?? default, frame.Attachments ?? []));
                break;
            case FrameTypes.Signal:
                subscription.OnSignal(new RoomSignal(subscription.Room, frame.Id ?? "", frame.Sender ?? "", frame.Data ?? default, frame.To));
                break;
            case FrameTypes.System:
                subscription.OnSystem(new RoomSystemEvent(subscription.Room, frame.Id ?? "", frame.Event ?? "", frame.Actor ?? "", frame.User, frame.At ?? default, frame.Data));
                break;
            case FrameTypes.Layout:
                subscription.OnLayout(frame.Layout);
                break;
            case FrameTypes.Unsubscribed:
                Drop(subscription, new RealtimeException(ErrorCodes.NotAMember, $"The server ended the subscription: {frame.Reason}."));
                break;
        }
    }

    /// <summary>
    /// An error that does not say which frame was refused. Only signals carry what others have made, so it is one of those: waiting for an answer that never comes would end the socket.
    /// </summary>
    private void SettleSignals(ServerFrame error)
    {
        Pending[] waiting;
        lock (_lock)
        {
            waiting = [.. _pending.Values.Where(static pending => pending.IsSignal)];
        }

        foreach (var pending in waiting)
        {
            pending.Answer.TrySetResult(error);
        }
    }

    private RoomSubscription? Find(string? room)
    {
        lock (_lock)
        {
            return room is null ? null : _subscriptions.GetValueOrDefault(room);
        }
    }

    /// <summary>
    /// Sends the subscribe frame from the subscription's position, and handles its answer in the background: the caller may be the loop that has to
    /// read it.
    /// </summary>
    private async Task SendSubscribeAsync(RealtimeSocket socket, RoomSubscription subscription, CancellationToken cancellationToken)
    {
        var (id, answer) = Register(socket);
        var order = subscription.Subscribe.Order == MessageOrder.Client ? FrameTypes.OrderClient : FrameTypes.OrderServer;
        var frame = new ClientFrame(FrameTypes.Subscribe, id, subscription.Room, subscription.ResumeAfter ?? subscription.Subscribe.After, order);
        _ = SeeToSubscribeAsync(socket, subscription, answer);
        try
        {
            await socket.SendAsync(frame, cancellationToken);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The loop notices and repeats the subscribe on the next socket.
            socket.Abort();
        }
    }

    private async Task SeeToSubscribeAsync(RealtimeSocket socket, RoomSubscription subscription, Task<ServerFrame> answer)
    {
        try
        {
            var frame = await answer.WaitAsync(_options.AnswerTimeout, _time, _stop.Token);
            if (frame.Type != FrameTypes.Error || frame.Code == ErrorCodes.AlreadySubscribed)
            {
                return;
            }

            if (frame.RetryAfter is { } seconds && subscription.ResumeAfter is not null)
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(seconds, 0.1, 30)), _time, _stop.Token);
                if (Find(subscription.Room) == subscription && IsCurrent(socket))
                {
                    await SendSubscribeAsync(socket, subscription, _stop.Token);
                }

                return;
            }

            Drop(subscription, Refused(frame));
        }
        catch (TimeoutException)
        {
            socket.Abort();
        }
        catch (Exception exception) when (exception is RealtimeException or OperationCanceledException)
        {
            // The socket is gone: the next one repeats the subscribe.
            ClientLog.SubscribeUnanswered(_logger, subscription.Room, exception.Message);
        }
    }

    private bool IsCurrent(RealtimeSocket socket)
    {
        lock (_lock)
        {
            return _socket == socket;
        }
    }

    private async Task PingAsync(RealtimeSocket socket, TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            // An unanswered ping makes RequestAsync abort the socket, which ends the receive loop.
            await RequestAsync(socket, id => new ClientFrame(FrameTypes.Ping, id), cancellationToken);
        }
    }

    private async Task RenewAsync(RealtimeSocket socket, AccessToken token, CancellationToken cancellationToken)
    {
        while (true)
        {
            var wait = token.ExpiresAt - RenewBefore - _time.GetUtcNow();
            await Task.Delay(wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1), _time, cancellationToken);
            try
            {
                var next = await _tokens.GetAsync(RenewBefore, cancellationToken);
                if (next.Value != token.Value)
                {
                    await RequestAsync(socket, id => new ClientFrame(FrameTypes.Auth, id, Token: next.Value), cancellationToken);
                }

                token = next;
            }
            catch (Exception exception) when (exception is TokenException or RealtimeException)
            {
                // Session is away, or has ended, or the server will not have it. If it stays so the server closes the socket when the token expires, and the loop decides.
                ClientLog.RenewalFailed(_logger, exception.Message);
            }
        }
    }

    private (string Id, Task<ServerFrame> Answer) Register(RealtimeSocket socket, bool isSignal = false)
    {
        var id = Interlocked.Increment(ref _frameId).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<ServerFrame>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_socket != socket)
            {
                answer.SetException(Away());
            }
            else
            {
                _pending.Add(id, new Pending(socket, answer, isSignal));
            }
        }

        return (id, answer.Task);
    }

    /// <summary>Sends a frame and waits for its answer.</summary>
    private async Task RequestAsync(RealtimeSocket socket, Func<string, ClientFrame> frame, CancellationToken cancellationToken, bool isSignal = false)
    {
        var (id, answer) = Register(socket, isSignal);
        try
        {
            await socket.SendAsync(frame(id), cancellationToken);
            var reply = await answer.WaitAsync(_options.AnswerTimeout, _time, cancellationToken);
            if (reply.Type == FrameTypes.Error)
            {
                throw Refused(reply);
            }
        }
        catch (TimeoutException exception)
        {
            socket.Abort();
            throw new RealtimeException("closed", "The server did not answer in time.", TimeSpan.FromSeconds(1), exception);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            socket.Abort();
            throw new RealtimeException("closed", "The socket broke.", TimeSpan.FromSeconds(1), exception);
        }
        finally
        {
            lock (_lock)
            {
                _pending.Remove(id);
            }
        }
    }

    private void FailPending(RealtimeSocket socket)
    {
        Pending[] lost;
        lock (_lock)
        {
            lost = [.. _pending.Values.Where(pending => pending.Socket == socket)];
            foreach (var id in _pending.Where(pair => pair.Value.Socket == socket).Select(pair => pair.Key).ToArray())
            {
                _pending.Remove(id);
            }
        }

        foreach (var pending in lost)
        {
            pending.Answer.TrySetException(Away());
        }
    }

    private static RealtimeException Refused(ServerFrame frame) => new(
        frame.Code ?? "error",
        frame.Detail ?? "Refused.",
        frame.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

    /// <summary>How a socket ended.</summary>
    /// <param name="WasConnected">Whether it got as far as the welcome.</param>
    /// <param name="CloseCode">Close code received.</param>
    /// <param name="Reason">In words.</param>
    /// <param name="End">Set when the loop must end.</param>
    /// <param name="TokenRefused">Whether the handshake was refused because of the token.</param>
    private sealed record Loss(bool WasConnected, int? CloseCode, string? Reason, RealtimeException? End, bool TokenRefused = false);
}
