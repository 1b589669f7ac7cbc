using Microsoft.Extensions.Options;
using Realtime.Channels;
using Realtime.Counting;
using ServiceDefaults.Waiting;

namespace Realtime.Fanout;

/// <summary>What all feeds of a node share.</summary>
internal sealed class FeedServices : IDisposable
{
    /// <summary>First wait after dbman failed: a replica that is replaced is gone for no longer.</summary>
    public static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Most history calls of a node at once for subscribers that catch up, and as many for repairs: a small part of what dbman serves at once.
    /// </summary>
    private const int CallsAtOnce = 8;

    // Replaced by each event; waiters hold the one before.
    private TaskCompletionSource _restored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FeedServices(
        IRoomChannels channels, IRoomStore store, IOptions<FanoutOptions> options, RealtimeTelemetry telemetry, TimeProvider time, ILogger<RoomFeed> logger)
    {
        Channels = channels;
        Store = store;
        Options = options.Value;
        Telemetry = telemetry;
        Time = time;
        Logger = logger;
        HistoryGate = new SemaphoreSlim(CallsAtOnce);
        RepairGate = new SemaphoreSlim(CallsAtOnce);
        HeadsDoubted = new Wakeup(time);
        channels.Restored += OnRestored;
    }

    public IRoomChannels Channels { get; }

    public IRoomStore Store { get; }

    public FanoutOptions Options { get; }

    public RealtimeTelemetry Telemetry { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    /// <summary>Completes when the broker's connection is back the next time.</summary>
    public Task Restored => Volatile.Read(ref _restored).Task;

    /// <summary>Rung when a room may have missed something.</summary>
    public Wakeup HeadsDoubted { get; }

    /// <summary>Bounds calls for subscribers that catch up.</summary>
    public SemaphoreSlim HistoryGate { get; }

    /// <summary>Bounds calls that repair: apart from the others, so that a crowd which resumes cannot hold up those who are live.</summary>
    public SemaphoreSlim RepairGate { get; }

    public void Dispose()
    {
        Channels.Restored -= OnRestored;
        HistoryGate.Dispose();
        RepairGate.Dispose();
        HeadsDoubted.Dispose();
    }

    private void OnRestored(object? sender, EventArgs args) =>
        Interlocked.Exchange(ref _restored, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
