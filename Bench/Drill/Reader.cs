using System.Diagnostics;
using System.Globalization;
using Client;
using Client.Realtime;

namespace Bench.Drill;

/// <summary>One subscriber of the SDK, from a room's first message on.</summary>
internal sealed class Reader : IAsyncDisposable
{
    private readonly RealtimeConnection _connection;
    private readonly RoomSubscription _subscription;
    private readonly List<long> _seqs = [];
    private readonly List<Delivery> _deliveries = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Task _reading;
    private long _last;

    private Reader(RealtimeConnection connection, RoomSubscription subscription)
    {
        _connection = connection;
        _subscription = subscription;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Numbers in the order in which they came. To be read when the reader has ended.</summary>
    public IReadOnlyList<long> Seqs => _seqs;

    public IReadOnlyList<Delivery> Deliveries => _deliveries;

    /// <summary>Numbers that the room had when the load ended.</summary>
    public long Expected { get; private set; }

    public static async Task<Reader> OpenAsync(ChatClient client, string room, MessageOrder order, CancellationToken cancellationToken)
    {
        var connection = await client.ConnectAsync(cancellationToken);
        return new Reader(connection, await connection.SubscribeAsync(room, new SubscribeOptions { After = 0, Order = order }, cancellationToken));
    }

    /// <summary>Waits until that number has arrived, then ends. On a timeout, what is missing stays missing.</summary>
    public async Task UntilAsync(long last, CancellationToken cancellationToken)
    {
        Expected = last;
        try
        {
            while (Interlocked.Read(ref _last) < last)
            {
                await _arrived.WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"A reader has {Interlocked.Read(ref _last)} of {last}; {_connection.State}.");
        }

        await _subscription.DisposeAsync();
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        await _subscription.DisposeAsync();
        await _connection.DisposeAsync();
        _arrived.Dispose();
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _subscription.Messages.ReadAllAsync())
        {
            var now = Stopwatch.GetTimestamp();
            var parts = message.Text.Split(' ');
            _seqs.Add(message.Seq);
            _deliveries.Add(new(
                int.Parse(parts[0], CultureInfo.InvariantCulture),
                Stopwatch.GetElapsedTime(long.Parse(parts[1], CultureInfo.InvariantCulture), now).TotalMilliseconds));
            Interlocked.Exchange(ref _last, Math.Max(_last, message.Seq));
            _arrived.Release();
        }
    }
}
