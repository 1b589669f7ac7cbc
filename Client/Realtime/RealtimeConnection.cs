using System.Text.Json;
using Client.Tokens;
using Contracts;
using Contracts.Frames;
using Contracts.Results;
using Microsoft.Extensions.Logging;

namespace Client.Realtime;

/// <summary>
/// A live connection that reconnects automatically. Subscriptions belong to it rather than to a socket: each new socket resumes every one of them
/// behind the last message that arrived in order.
/// </summary>
/// <remarks>
/// One loop owns the socket (RealtimeConnection.Loop.cs). Everything here only registers what is wanted and sends frames; when the socket breaks in between, the loop repeats the subscribe on the next one.
/// </remarks>
public sealed partial class RealtimeConnection : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RoomSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);
    private readonly Uri _uri;
    private readonly HttpMessageInvoker _invoker;
    private readonly ITokenSource _tokens;
    private readonly IRoomHistory _history;
    private readonly RealtimeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RealtimeSocket? _socket;
    private RealtimeException? _ended;
    private Task _loop = Task.CompletedTask;
    private long _frameId;
    private int _disposed;

    internal RealtimeConnection(Uri uri, HttpMessageInvoker invoker, ITokenSource tokens, IRoomHistory history, RealtimeOptions options, TimeProvider time, ILogger logger)
    {
        options.Validate();
        _uri = uri;
        _invoker = invoker;
        _tokens = tokens;
        _history = history;
        _options = options;
        _time = time;
        _logger = logger;
        State = new ConnectionState(ConnectionPhase.Connecting);
    }

    /// <summary>Raised at every change of <see cref="State"/>, from the connection's loop: return quickly.</summary>
    public event Action<ConnectionState>? StateChanged;

    /// <summary>State of the connection.</summary>
    public ConnectionState State { get; private set; }

    /// <summary>
    /// Subscribes to a room and waits until the stream has started. The subscription lives until it is disposed, the user loses the room, or the connection ends for good.
    /// </summary>
    /// <exception cref="RealtimeException">The server refused: no member, bad position, too many subscriptions; or the connection has ended.</exception>
    /// <exception cref="InvalidOperationException">This connection has a subscription to the room already.</exception>
    public async Task<RoomSubscription> SubscribeAsync(string room, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (!Ids.IsValid(room))
        {
            throw new ArgumentException($"A room id is {Ids.Rule}.", nameof(room));
        }

        var subscription = new RoomSubscription(this, room, options ?? new SubscribeOptions(), _options, _history, _time);
        RealtimeSocket? socket;
        lock (_lock)
        {
            ThrowIfEnded_NeedsLock();
            if (!_subscriptions.TryAdd(room, subscription))
            {
                throw new InvalidOperationException($"This connection is subscribed to '{room}' already.");
            }

            socket = _socket;
        }

        if (socket is not null)
        {
            await SendSubscribeAsync(socket, subscription, cancellationToken);
        }

        try
        {
            await subscription.Started.WaitAsync(cancellationToken);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a signal to the other sockets of a room, or to one user's. Returns when the server has taken it; signals are not stored.</summary>
    /// <param name="room">A room with a subscription on this connection.</param>
    /// <param name="data">Any JSON up to <see cref="Limits.SignalBytes"/>, nested at most <see cref="Limits.SignalDepth"/> deep.</param>
    /// <param name="to">Only to this user.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="RealtimeException">Refused, or the socket is away at the moment (code <c>closed</c>, with a time to retry after).</exception>
    public async Task SignalAsync(string room, JsonElement data, string? to = null, CancellationToken cancellationToken = default)
    {
        SignalData.ThrowIfTooLarge(data);
        RealtimeSocket socket;
        lock (_lock)
        {
            ThrowIfEnded_NeedsLock();
            socket = _socket ?? throw Away();
        }

        await RequestAsync(socket, id => new ClientFrame(FrameTypes.Signal, id, room, To: to, Data: data), cancellationToken, isSignal: true);
    }

    /// <summary>Ends all subscriptions and closes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        RealtimeSocket? socket;
        lock (_lock)
        {
            socket = _socket;
        }

        // Cancelling a receive breaks the socket: say goodbye first, and let the loop read the server's answer.
        if (socket is not null)
        {
            await socket.CloseAsync(_loop);
        }

        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>Starts the loop and waits for the first welcome.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = RunAsync(_stop.Token);
        await _welcomed.Task.WaitAsync(cancellationToken);
    }

    internal async Task UnsubscribeAsync(RoomSubscription subscription)
    {
        RealtimeSocket? socket;
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(subscription.Room, out var current) || current != subscription)
            {
                return;
            }

            _subscriptions.Remove(subscription.Room);
            socket = _ended is null ? _socket : null;
        }

        if (socket is not null)
        {
            try
            {
                await RequestAsync(socket, id => new ClientFrame(FrameTypes.Unsubscribe, id, subscription.Room), _stop.Token);
            }
            catch (Exception exception) when (exception is RealtimeException or OperationCanceledException)
            {
                // The socket is gone, and the subscription with it: nothing is left to undo.
                ClientLog.UnsubscribeUnanswered(_logger, subscription.Room, exception.Message);
            }
        }
    }

    internal void ReportRepairFailure(RoomSubscription subscription, ServiceProblem problem)
    {
        ClientLog.RepairFailed(_logger, subscription.Room, problem.Status, problem.Type);
        if (problem.Status is 403 or 404)
        {
            Drop(subscription, new RealtimeException(ErrorCodes.NotAMember, problem.Detail ?? problem.Title));
        }
    }

    private static RealtimeException Away() =>
        new("closed", "The connection is being re-established.", TimeSpan.FromSeconds(1));

    private void ThrowIfEnded_NeedsLock()
    {
        ObjectDisposedException.ThrowIf(_disposed == 1, this);
        if (_ended is not null)
        {
            throw new RealtimeException(_ended.Code, _ended.Message, innerException: _ended);
        }
    }

    private void SetState(ConnectionState state)
    {
        State = state;
        StateChanged?.Invoke(state);
    }

    /// <summary>Takes a subscription off the connection and ends its streams, without waiting for the reader.</summary>
    private void Drop(RoomSubscription subscription, RealtimeException error)
    {
        lock (_lock)
        {
            if (_subscriptions.TryGetValue(subscription.Room, out var current) && current == subscription)
            {
                _subscriptions.Remove(subscription.Room);
            }
        }

        subscription.End(error);
    }

    /// <summary>A frame that waits for its answer.</summary>
    private sealed record Pending(RealtimeSocket Socket, TaskCompletionSource<ServerFrame> Answer, bool IsSignal);
}
