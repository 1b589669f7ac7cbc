using Contracts.Publish;
using Contracts.Results;
using Microsoft.Extensions.Options;

namespace Chat.Relay;

/// <summary>System events of all rooms.</summary>
internal sealed class SystemEventLane(RealtimeClient realtime, IOptions<RelayOptions> options, RelayTelemetry telemetry, TimeProvider time, ILogger<SystemEventRelay> logger)
    : PublishLane<SystemEventRecord>(Capacity, options.Value, time)
{
    /// <summary>Most system events that wait; one more is lost, and counted.</summary>
    private const int Capacity = 4_096;

    /// <summary>An event holds ids, a role and a time; this is above what the longest of them take.</summary>
    private const int EventWeight = 1_024;

    /// <summary>Never waits; when there is no room the event is lost.</summary>
    public void Enqueue(SystemEventRecord record)
    {
        if (!TryEnqueue(record))
        {
            Lost(1, "the queue is full");
        }
    }

    protected override long Weight(SystemEventRecord item) => EventWeight;

    protected override async Task<ServiceProblem?> SendAsync(List<SystemEventRecord> batch, CancellationToken cancellationToken) =>
        (await realtime.PublishAsync(new PublishRequest([], [.. batch]), cancellationToken)).Problem;

    protected override void OnPublished(List<SystemEventRecord> batch) => telemetry.SystemPublished(batch.Count);

    protected override void OnRetrying(List<SystemEventRecord> batch, ServiceProblem problem) =>
        logger.Retrying(batch.Count, "system events", problem.Status, problem.Type, problem.Detail);

    protected override void OnGivenUp(List<SystemEventRecord> batch, ServiceProblem? problem, Exception? exception)
    {
        if (exception is not null)
        {
            logger.PublishFailed(batch.Count, "system events", exception);
        }

        Lost(batch.Count, problem?.Detail ?? problem?.Type ?? exception?.Message ?? "the shutdown's time was up");
    }

    private void Lost(int count, string reason)
    {
        telemetry.SystemLost(count);
        logger.SystemEventsLost(count, reason);
    }
}
