using System.Threading.Channels;
using Contracts;
using Contracts.Frames;

namespace Client.Realtime;

/// <summary>
/// A room's live stream. It outlives sockets: after a loss the connection resumes it from its last message, and what the buffers could not hold is
/// fetched from the history, so <see cref="Messages"/> gives every message behind the starting position once and in order until the subscription
/// ends.
/// </summary>
public sealed class RoomSubscription : IAsyncDisposable
{
    /// <summary>Waits between tries to reach the history while it is away.</summary>
    private static readonly TimeSpan HistoryRetry = TimeSpan.FromSeconds(1);

    private readonly RealtimeConnection _connection;
    private readonly RealtimeOptions _options;
    private readonly IRoomHistory _history;
    private readonly TimeProvider _time;
    private readonly MessageBuffer _buffer;
    private readonly Channel<RoomMessage> _messages;
    private readonly Channel<RoomSignal> _signals;
    private readonly Channel<RoomSystemEvent> _system;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();

    // Both written under _lock: the pump starts at most once and never after the end.
    private Task _pump = Task.CompletedTask;
    private RealtimeException? _error;
    private bool _ended;
    private long _droppedEvents;
    private long _repaired;
    private long _position;
    private int _disposed;

    internal RoomSubscription(RealtimeConnection connection, string room, SubscribeOptions subscribe, RealtimeOptions options, IRoomHistory history, TimeProvider time)
    {
        _connection = connection;
        _options = options;
        _history = history;
        _time = time;
        Room = room;
        Subscribe = subscribe;
        _buffer = new MessageBuffer(options.Buffer);
        _messages = Channel.CreateBounded<RoomMessage>(new BoundedChannelOptions(1) { SingleWriter = true });
        _signals = EventChannel<RoomSignal>();
        _system = EventChannel<RoomSystemEvent>();
    }

    /// <summary>Raised when <see cref="Layout"/> changes, from the connection's loop: return quickly.</summary>
    public event Action<RoomLayout>? LayoutChanged;

    /// <summary>By which channels the server listens to the room, as it said last; null: it did not say. For looking at: what is delivered does not depend on it.</summary>
    public RoomLayout? Layout { get; private set; }

    /// <summary>Room id.</summary>
    public string Room { get; }

    /// <summary>
    /// Messages, once each and in order. Completes when the subscription ends, with a <see cref="RealtimeException"/> unless the caller ended it.
    /// </summary>
    public ChannelReader<RoomMessage> Messages => _messages.Reader;

    /// <summary>Signals. Bounded: the oldest unread ones are dropped.</summary>
    public ChannelReader<RoomSignal> Signals => _signals.Reader;

    /// <summary>System events. Bounded: the oldest unread ones are dropped.</summary>
    public ChannelReader<RoomSystemEvent> SystemEvents => _system.Reader;

    /// <summary>
    /// Seq of the last message handed to <see cref="Messages"/>; pass it as <see cref="SubscribeOptions.After"/> to continue from there in another
    /// process.
    /// </summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Newest seq that is known to exist in the room.</summary>
    public long Head => _buffer.Head;

    /// <summary>Signals and system events that were dropped because nobody read them.</summary>
    public long DroppedEvents => Interlocked.Read(ref _droppedEvents);

    /// <summary>Messages that came from the history because the socket did not bring them in time.</summary>
    public long RepairedMessages => Interlocked.Read(ref _repaired);

    internal SubscribeOptions Subscribe { get; }

    /// <summary>Where the next socket resumes; null when the stream has not started yet.</summary>
    internal long? ResumeAfter => _buffer.ResumeAfter;

    /// <summary>Unsubscribes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _connection.UnsubscribeAsync(this);
        End(error: null);
        await _pump;
    }

    /// <summary>Completes when the server has accepted the first subscribe; faults when it refused.</summary>
    internal Task Started => _started.Task;

    internal void OnSubscribed(long after, long head, RoomLayout? layout)
    {
        OnLayout(layout);
        var first = _buffer.ResumeAfter is null;
        _buffer.Start(after, head);
        if (first)
        {
            lock (_lock)
            {
                if (_ended)
                {
                    return;
                }

                Interlocked.Exchange(ref _position, after);
                _pump = RunPumpAsync(_stop.Token);
            }

            _started.TrySetResult();
        }

        Wake();
    }

    internal void OnMessage(RoomMessage message)
    {
        _buffer.Offer(message);
        Wake();
    }

    internal void OnLayout(RoomLayout? layout)
    {
        if (layout is null || layout == Layout)
        {
            return;
        }

        Layout = layout;
        LayoutChanged?.Invoke(layout);
    }

    internal void OnSignal(RoomSignal signal) => _signals.Writer.TryWrite(signal);

    internal void OnSystem(RoomSystemEvent systemEvent) => _system.Writer.TryWrite(systemEvent);

    /// <summary>Ends the streams. Does not wait for the reader.</summary>
    internal void End(RealtimeException? error)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            _error = error;
        }

        _started.TrySetException(error ?? new RealtimeException("closed", "The subscription was closed."));
        _signals.Writer.TryComplete(error);
        _system.Writer.TryComplete(error);
        _stop.Cancel();
        if (_pump.IsCompleted)
        {
            _messages.Writer.TryComplete(error);
        }
    }

    private void Wake() => _wake.Writer.TryWrite(item: true);

    private Channel<T> EventChannel<T>() => Channel.CreateBounded<T>(
        new BoundedChannelOptions(_options.EventBuffer) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true },
        _ => Interlocked.Increment(ref _droppedEvents));

    private async Task RunPumpAsync(CancellationToken cancellationToken)
    {
        // The caller is the connection's loop, under a lock: nothing of the pump may run before this point.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Exception? failure = null;
        try
        {
            await PumpAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end: the code that requested it has set the error to end with, or none.
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        _messages.Writer.TryComplete(failure ?? _error);
    }

    /// <summary>
    /// Moves messages from the buffer to the application. When the next one is missing although it is known to exist, waits a while for the socket to bring it, then fetches it.
    /// </summary>
    private async Task PumpAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_buffer.TryTake(out var message))
            {
                await _messages.Writer.WriteAsync(message!, cancellationToken);
                Interlocked.Exchange(ref _position, message!.Seq);
                continue;
            }

            if (_buffer.Head <= _buffer.Taken)
            {
                await _wake.Reader.ReadAsync(cancellationToken);
                continue;
            }

            if (!await ArrivesAsync(_buffer.Taken, cancellationToken))
            {
                await RepairAsync(cancellationToken);
            }
        }
    }

    /// <summary>Whether the message behind <paramref name="taken"/>, or at least some other one, arrives within the window.</summary>
    private async Task<bool> ArrivesAsync(long taken, CancellationToken cancellationToken)
    {
        var window = Subscribe.Order == MessageOrder.Client ? _options.ReorderWindow : _options.RepairAfter;
        using var timeout = new CancellationTokenSource(window, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            while (_buffer.ResumeAfter == taken)
            {
                await _wake.Reader.ReadAsync(either.Token);
            }

            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return _buffer.ResumeAfter != taken;
        }
    }

    private async Task RepairAsync(CancellationToken cancellationToken)
    {
        var result = await _history.GetAfterAsync(Room, _buffer.Taken, Math.Min(Limits.HistoryPage, _options.Buffer), cancellationToken);
        if (!result.TryGet(out var page, out var problem))
        {
            _connection.ReportRepairFailure(this, problem);

            // The history is unavailable, or limits our rate: the socket may still bring the messages, so the pump continues after a while.
            await Task.Delay(problem.RetryAfter is { } wait && wait > HistoryRetry ? wait : HistoryRetry, _time, cancellationToken);
            return;
        }

        foreach (var record in page.Messages)
        {
            if (_buffer.Offer(new RoomMessage(Room, record.Seq, record.Id, record.Sender, record.Text, record.SentAt, record.Attachments ?? [])))
            {
                Interlocked.Increment(ref _repaired);
            }
        }
    }
}
