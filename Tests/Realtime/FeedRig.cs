using System.Diagnostics.Metrics;
using Contracts.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Realtime.Counting;
using Realtime.Fanout;
using Realtime.Wire;

namespace Tests.Realtime;

/// <summary>Feeds over a broker, a store and a clock that the test holds.</summary>
internal sealed class FeedRig : IAsyncDisposable
{
    public static readonly RoomKey Room = new("acme", "lobby");

    private readonly ServiceProvider _provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FeedServices _services;

    public FeedRig(Action<FanoutOptions>? configure = null)
    {
        var options = new FanoutOptions { FlushInterval = TimeSpan.Zero };
        configure?.Invoke(options);
        Telemetry = new RealtimeTelemetry(_provider.GetRequiredService<IMeterFactory>());
        _services = new FeedServices(Channels, Rooms, Options.Create(options), Telemetry, Time, NullLogger<RoomFeed>.Instance);
        Feeds = new RoomFeeds(_services);
        TailCheck = new TailCheck(Feeds, _services);
        Rooms.Create(Room, "ann", "bob");
    }

    public FakeTimeProvider Time { get; } = new();

    public MemoryRooms Rooms { get; } = new();

    public MemoryChannels Channels { get; } = new();

    public RealtimeTelemetry Telemetry { get; }

    public RoomFeeds Feeds { get; }

    public TailCheck TailCheck { get; }

    public async Task<FeedReader> SubscribeAsync(long? after = null, bool orderedByClient = false, string user = "ann", int readerRoom = int.MaxValue)
    {
        var reader = new FeedReader(user) { Room = readerRoom };
        var result = await Feeds.SubscribeAsync(Room, reader, after, orderedByClient, TestContext.Current.CancellationToken);
        Assert.NotNull(result.Subscription);
        reader.Start(result.Subscription);
        return reader;
    }

    /// <summary>Moves the clock until the condition holds: windows end, retries come, and what they start gets the time it needs.</summary>
    public async Task UntilAsync(Func<bool> condition, Func<string> state)
    {
        // Counting yields is no measure: a runnable thread may wait for a CPU through thousands of them.
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
        {
            if (condition())
            {
                return;
            }

            Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        Assert.Fail($"It never came to that: {state()}");
    }

    public async ValueTask DisposeAsync()
    {
        TailCheck.Dispose();
        await Feeds.DisposeAsync();
        _services.Dispose();
        Telemetry.Dispose();
        await _provider.DisposeAsync();
    }
}

/// <summary>A connection that records the seqs it was given. Reads only when allowed.</summary>
internal sealed class FeedReader(string user) : ISubscriber
{
    private readonly Lock _gate = new();
    private readonly List<long> _seqs = [];
    private readonly List<string> _control = [];
    private Subscription? _subscription;
    private (int Count, TaskCompletionSource Source) _awaited = (int.MaxValue, new TaskCompletionSource());

    public string User => user;

    public string ConnectionId { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Bytes that it takes at a time; 0 while its socket is full.</summary>
    public int Room { get; set; } = int.MaxValue;

    public List<string> Drops { get; } = [];

    public long[] Seqs
    {
        get
        {
            lock (_gate)
            {
                return [.. _seqs];
            }
        }
    }

    public string[] Control
    {
        get
        {
            lock (_gate)
            {
                return [.. _control];
            }
        }
    }

    public Subscription Subscription => _subscription!;

    public void Start(Subscription subscription)
    {
        _subscription = subscription;
        subscription.IsActive = true;
        Pump();
    }

    public void Pump()
    {
        lock (_gate)
        {
            while (_subscription is { } subscription && subscription.TryNext(Room, out var frame))
            {
                _seqs.Add(frame.Seq);
            }

            if (_seqs.Count >= _awaited.Count)
            {
                _awaited.Source.TrySetResult();
            }
        }
    }

    /// <summary>Completes when so many messages have come.</summary>
    public async Task CountAsync(int count)
    {
        lock (_gate)
        {
            if (_seqs.Count >= count)
            {
                return;
            }

            _awaited = (count, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        await _awaited.Source.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public void Schedule() => Pump();

    public void EnqueueSignal(WireFrame frame) => Enqueue(frame);

    public void Enqueue(WireFrame frame)
    {
        lock (_gate)
        {
            _control.Add(System.Text.Encoding.UTF8.GetString(frame.Bytes));
        }
    }

    public void Drop(Subscription subscription, string reason)
    {
        lock (_gate)
        {
            Drops.Add(reason);
        }
    }
}
