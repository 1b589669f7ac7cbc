using Microsoft.Extensions.Options;
using Realtime.Channels;

namespace Realtime.Fanout;

/// <summary>What all feeds of a node share.</summary>
internal sealed class FeedServices(
    IRoomChannels channels, IRoomStore store, IOptions<FanoutOptions> options, RealtimeTelemetry telemetry, TimeProvider time, ILogger<RoomFeed> logger) : IDisposable
{
    public IRoomChannels Channels { get; } = channels;

    public IRoomStore Store { get; } = store;

    public FanoutOptions Options { get; } = options.Value;

    public RealtimeTelemetry Telemetry { get; } = telemetry;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    /// <summary>Bounds calls for subscribers that catch up.</summary>
    public SemaphoreSlim HistoryGate { get; } = new(options.Value.HistoryConcurrency);

    /// <summary>Bounds calls that repair: apart from the others, so that a crowd which resumes cannot hold up those who are live.</summary>
    public SemaphoreSlim RepairGate { get; } = new(options.Value.HistoryConcurrency);

    public void Dispose()
    {
        HistoryGate.Dispose();
        RepairGate.Dispose();
    }
}
