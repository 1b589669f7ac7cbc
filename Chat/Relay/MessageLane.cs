using System.Diagnostics;
using Contracts.Messages;
using Contracts.Publish;
using Contracts.Results;
using Microsoft.Extensions.Options;
using ServiceDefaults.Telemetry;

namespace Chat.Relay;

/// <summary>Messages of the rooms that share a lane.</summary>
internal sealed class MessageLane(
    int number, RealtimeClient realtime, RelayedRanges ranges, IOptions<RelayOptions> options, RelayTelemetry telemetry, TimeProvider time, ILogger<MessageRelay> logger)
    : PublishLane<QueuedMessage>(options.Value.LaneCapacity, options.Value, time)
{
    // Messages refused since the queue became full. Many enqueue at once.
    private long _overflowed;

    /// <summary>Never waits; when there is no room the message is left to the sweeper.</summary>
    public void Enqueue(MessageRecord message)
    {
        if (TryEnqueue(new QueuedMessage(message, Time.GetTimestamp(), Activity.Current)))
        {
            telemetry.Queued();
            if (_overflowed != 0 && Interlocked.Exchange(ref _overflowed, 0) is > 0 and var overflowed)
            {
                logger.LaneRecovered(number, overflowed);
            }

            return;
        }

        telemetry.Overflowed();
        if (Interlocked.Increment(ref _overflowed) == 1)
        {
            logger.LaneFull(number);
        }
    }

    protected override long Weight(QueuedMessage item) => MessageWeight.Of(item.Message);

    protected override async Task<ServiceProblem?> SendAsync(List<QueuedMessage> batch, CancellationToken cancellationToken)
    {
        // By seq alone: the order between rooms means nothing.
        batch.Sort(static (one, other) => one.Message.Seq.CompareTo(other.Message.Seq));
        using var activity = RelayTelemetry.Activities.StartBatch("chat publish", batch, static item => item.Caller);
        var result = await realtime.PublishAsync(new PublishRequest([.. batch.Select(static item => item.Message)], []), cancellationToken);
        return result.Problem;
    }

    protected override void OnPublished(List<QueuedMessage> batch)
    {
        var dropped = 0;
        foreach (var (message, enqueued, _) in batch)
        {
            telemetry.Delay(Time.GetElapsedTime(enqueued));
            if (!ranges.Add(new RoomKey(message.Tenant, message.Room), message.Seq, message.Seq))
            {
                dropped++;
            }
        }

        telemetry.Published(batch.Count);
        if (dropped > 0)
        {
            telemetry.MarksDropped(dropped);
            logger.MarksDropped(dropped);
        }
    }

    protected override void OnRetrying(List<QueuedMessage> batch, ServiceProblem problem)
    {
        telemetry.Retried(batch.Count);
        logger.Retrying(batch.Count, "messages", problem.Status, problem.Type, problem.Detail);
    }

    protected override void OnGivenUp(List<QueuedMessage> batch, ServiceProblem? problem, Exception? exception)
    {
        telemetry.GivenUp(batch.Count);
        if (exception is not null)
        {
            logger.PublishFailed(batch.Count, "messages", exception);
        }
        else if (problem is not null)
        {
            logger.MessagesGivenUp(batch.Count, problem.Status, problem.Type, problem.Detail);
        }
        else
        {
            logger.MessagesUnflushed(batch.Count);
        }
    }
}
