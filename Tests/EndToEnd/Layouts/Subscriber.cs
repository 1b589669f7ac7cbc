using Client;
using Client.Realtime;
using Contracts.Publish;
using Tests.Layouts.Faults;

namespace Tests.EndToEnd.Layouts;

/// <summary>
/// A subscriber over the SDK, and what it was given. Signals and events are taken out under one lock, by a waiting test and by the connection's loop
/// when a socket has ended, so that each is known to belong to the socket that brought it.
/// </summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly RealtimeConnection _connection;
    private readonly RoomSubscription _subscription;
    private readonly Sent _signals;
    private readonly Sent _events;
    private readonly Func<int> _troubles;
    private readonly List<Task> _reading = [];

    // Under the gate. A socket's subscription counts as confirmed when it has delivered something: the SDK does not report the server's confirmation.
    private bool _confirmed = true;
    private int _troublesBefore;

    private Subscriber(string name, RealtimeConnection connection, RoomSubscription subscription, Sent signals, Sent events, Func<int> troubles)
    {
        _connection = connection;
        _subscription = subscription;
        _signals = signals;
        _events = events;
        _troubles = troubles;
        _troublesBefore = troubles();
        Log = new ReaderLog(name, isOrdered: true);
        Log.Subscribed(0, signals.Begun, events.Begun);
    }

    public ReaderLog Log { get; }

    public static async Task<Subscriber> OpenAsync(
        string name, ChatClient client, string room, MessageOrder order, Sent signals, Sent events, Func<int> troubles, CancellationToken cancellationToken)
    {
        var connection = await client.ConnectAsync(cancellationToken);
        var subscription = await connection.SubscribeAsync(room, new SubscribeOptions { After = 0, Order = order }, cancellationToken);
        var subscriber = new Subscriber(name, connection, subscription, signals, events, troubles);
        connection.StateChanged += subscriber.Changed;
        subscriber._reading.AddRange([subscriber.ReadMessagesAsync(cancellationToken), subscriber.ReadAsync(subscription.Signals, cancellationToken), subscriber.ReadAsync(subscription.SystemEvents, cancellationToken)]);
        return subscriber;
    }

    /// <summary>What is still missing; null: nothing.</summary>
    public string? Lacks(long head)
    {
        lock (_gate)
        {
            Take();
            return !_confirmed ? $"{Log.Name} has had nothing from its present connection ({_connection.State}; {_subscription.Position} of {head})" : Log.Lacks(head, _signals, _events);
        }
    }

    /// <summary>Ended tasks that should not have, and what the SDK dropped.</summary>
    public string? Broken => _subscription.DroppedEvents > 0 ? $"{Log.Name} dropped {_subscription.DroppedEvents} events"
        : _reading.FirstOrDefault(static task => task.IsCompleted) is { } ended ? $"{Log.Name} has ended: {ended.Exception?.ToString() ?? "without a word"}"
        : null;

    public async ValueTask DisposeAsync()
    {
        _connection.StateChanged -= Changed;
        await _connection.DisposeAsync();
        await Task.WhenAll(_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Changed(ConnectionState state)
    {
        lock (_gate)
        {
            Take();
            if (state.Phase == ConnectionPhase.Connected)
            {
                _confirmed = false;
                _troublesBefore = _troubles();
            }
            else if (state.Phase == ConnectionPhase.Waiting && _confirmed)
            {
                Log.Closed(_signals, _events, nodeWasWell: _troubles() == _troublesBefore);
                _confirmed = false;
            }
        }
    }

    private async Task ReadMessagesAsync(CancellationToken cancellationToken)
    {
        await foreach (var message in _subscription.Messages.ReadAllAsync(cancellationToken))
        {
            lock (_gate)
            {
                Log.Message(message.Seq);
            }
        }
    }

    private async Task ReadAsync<T>(System.Threading.Channels.ChannelReader<T> events, CancellationToken cancellationToken)
    {
        while (await events.WaitToReadAsync(cancellationToken))
        {
            lock (_gate)
            {
                Take();
            }
        }
    }

    /// <summary>Under the gate.</summary>
    private void Take()
    {
        while (_subscription.Signals.TryRead(out var signal))
        {
            Confirm();
            Log.Signal(signal.Data.GetInt64());
        }

        while (_subscription.SystemEvents.TryRead(out var systemEvent))
        {
            Confirm();
            if (systemEvent.Event == SystemEvents.StreamInterrupted)
            {
                Log.Interrupted(_signals.Begun, _events.Begun);
            }
            else if (systemEvent.Event == SystemEvents.RoomUpdated)
            {
                // Only the numbered ones: members that join raise events too.
                Log.Event(long.Parse(systemEvent.Id[1..], System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    private void Confirm()
    {
        if (!_confirmed)
        {
            _confirmed = true;
            Log.Subscribed(Log.Position, _signals.Begun, _events.Begun);
        }
    }
}
