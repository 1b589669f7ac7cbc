using System.Globalization;
using Client;
using Client.Realtime;

namespace Tests.EndToEnd;

/// <summary>One subscriber that records what it is given, and says exactly how that differs from "1..N, once each, in order".</summary>
internal sealed class Reader : IAsyncDisposable
{
    private readonly RealtimeConnection _connection;
    private readonly RoomSubscription _subscription;
    private readonly long _after;

    private Reader(string name, ChatClient client, RealtimeConnection connection, RoomSubscription subscription, long after)
    {
        Name = name;
        Client = client;
        _connection = connection;
        _subscription = subscription;
        _after = after;
    }

    public string Name { get; }

    public ChatClient Client { get; }

    public RealtimeConnection Connection => _connection;

    public RoomSubscription Subscription => _subscription;

    /// <summary>What was received, in order of arrival. Written by <see cref="ReadToAsync"/> alone.</summary>
    public List<RoomMessage> Received { get; } = [];

    public static async Task<Reader> OpenAsync(string name, ChatClient client, string room, MessageOrder order, CancellationToken cancellationToken, long after = 0)
    {
        var connection = await client.ConnectAsync(cancellationToken);
        var subscription = await connection.SubscribeAsync(room, new SubscribeOptions { After = after, Order = order }, cancellationToken);
        return new Reader(name, client, connection, subscription, after);
    }

    /// <summary>Reads until seq <paramref name="last"/>, then checks everything received so far.</summary>
    public async Task ReadToAsync(long last, CancellationToken cancellationToken)
    {
        try
        {
            while (Received.Count == 0 || Received[^1].Seq < last)
            {
                Received.Add(await _subscription.Messages.ReadAsync(cancellationToken));
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"{Describe()} waited for seq {last}.", exception);
        }

        Assert.True(InOrder(last), $"{Describe()} should have {_after + 1}..{last}: {FirstFault()}");
    }

    public async ValueTask DisposeAsync()
    {
        await _subscription.DisposeAsync();
        await _connection.DisposeAsync();
        await Client.DisposeAsync();
    }

    private bool InOrder(long last)
    {
        if (Received.Count != last - _after)
        {
            return false;
        }

        for (var i = 0; i < Received.Count; i++)
        {
            if (Received[i].Seq != _after + 1 + i)
            {
                return false;
            }
        }

        return true;
    }

    private string FirstFault()
    {
        for (var i = 0; i < Received.Count; i++)
        {
            if (Received[i].Seq != _after + 1 + i)
            {
                return string.Create(CultureInfo.InvariantCulture, $"at {i} seq {Received[i].Seq} instead of {_after + 1 + i}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Received.Count} messages");
    }

    private string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name} ({_connection.State}; received {Received.Count}, last {(Received.Count == 0 ? 0 : Received[^1].Seq)}, head {_subscription.Head}, repaired {_subscription.RepairedMessages})");
}
