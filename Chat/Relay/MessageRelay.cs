using System.Diagnostics;
using Contracts.Messages;
using Contracts.Publish;
using Contracts.Results;
using Microsoft.Extensions.Options;
using ServiceDefaults.Telemetry;

namespace Chat.Relay;

/// <summary>
/// Takes messages from their commit to Realtime, without making the sender wait for it.
/// </summary>
/// <remarks>
/// Protocol. (1) Dbman commits a message and gives it its seq. (2) The sender gets its answer, and <see cref="Enqueue"/> puts the message into the lane of its room. (3) The lane
/// publishes it, together with what gathered meanwhile. (4) <see cref="RelayedRanges"/> learns its seq, and <see cref="RelayMarker"/> reports it to Dbman, whose
/// position of the room (relayed_seq) moves over ranges that touch it and never past a message that nobody published.
/// Crash cases. Between 1 and 2, 2 and 3, or with a full lane: the position stays in front of the message, and after the grace time the <see cref="Sweeper"/> of
/// any replica publishes it. Between 3 and 4: it is published twice, which receivers do not notice (they know seqs).
/// Invariants. Nothing is reported that was not published. A full lane never makes a sender wait or fail. Messages of a room go through one lane, and a batch is sorted by
/// seq: concurrent posts may enqueue in another order than they committed in.
/// </remarks>
internal sealed class MessageRelay : IHostedService
{
    private readonly Lane[] _lanes;
    private readonly RealtimeClient _realtime;
    private readonly RelayedRanges _ranges;
    private readonly RelayOptions _options;
    private readonly RelayTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<MessageRelay> _logger;
    // Never disposed: it holds no timer, and a host that is stopped twice at once may stop this after it was disposed of.
    private readonly CancellationTokenSource _abort = new();
    private Task _running = Task.CompletedTask;

    public MessageRelay(
        RealtimeClient realtime,
        RelayedRanges ranges,
        IOptions<RelayOptions> options,
        RelayTelemetry telemetry,
        TimeProvider time,
        ILogger<MessageRelay> logger)
    {
        _realtime = realtime;
        _ranges = ranges;
        _options = options.Value;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _lanes = [.. Enumerable.Range(0, _options.Lanes).Select(number => new Lane(number, new PublishLane<Item>(Settings(), time)))];
        telemetry.ObserveDepth(() => _lanes.Sum(static lane => lane.Queue.Depth));
    }

    /// <summary>Hands over a committed message. Never waits; when there is no room the message is left to the sweeper.</summary>
    public void Enqueue(MessageRecord message)
    {
        var lane = LaneOf(message.Tenant, message.Room);
        if (lane.Queue.TryEnqueue(new Item(message, _time.GetTimestamp(), Activity.Current)))
        {
            _telemetry.Queued();
            if (lane.Overflowed != 0 && Interlocked.Exchange(ref lane.Overflowed, 0) is > 0 and var overflowed)
            {
                _logger.LaneRecovered(lane.Number, overflowed);
            }

            return;
        }

        _telemetry.Overflowed();
        if (Interlocked.Increment(ref lane.Overflowed) == 1)
        {
            _logger.LaneFull(lane.Number);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(_lanes.Select(lane => Task.Run(() => lane.Queue.RunAsync(_abort.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>The server has stopped before, so nothing is enqueued any more: publishes what waits, as far as time allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in _lanes)
        {
            lane.Queue.Complete();
        }

        using var deadline = new CancellationTokenSource(_options.FlushTimeout, _time);
        await using var timeout = deadline.Token.UnsafeRegister(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        await using var shutdown = cancellationToken.UnsafeRegister(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        await _running;
    }

    private Lane LaneOf(string tenant, string room)
    {
        // Within this process only, so the runtime's own hash does.
        var hash = (uint)HashCode.Combine(tenant, room);
        return _lanes[hash % (uint)_lanes.Length];
    }

    private PublishLaneSettings<Item> Settings() => new()
    {
        Capacity = _options.LaneCapacity,
        MaxBatch = _options.MaxBatch,
        MaxBatchWeight = _options.MaxBatchBytes,
        MaxAttempts = _options.MaxAttempts,
        Backoff = new Backoff(_options.FirstBackoff, _options.MaxBackoff),
        Weight = static item => MessageWeight.Of(item.Message),
        PublishAsync = PublishAsync,
        Published = Published,
        Retrying = (batch, problem) =>
        {
            _telemetry.Retried(batch.Count);
            _logger.Retrying(batch.Count, "messages", problem.Status, problem.Type, problem.Detail);
        },
        GivenUp = GivenUp,
    };

    private async Task<ServiceProblem?> PublishAsync(List<Item> batch, CancellationToken cancellationToken)
    {
        // By seq alone: the order between rooms means nothing.
        batch.Sort(static (one, other) => one.Message.Seq.CompareTo(other.Message.Seq));
        using var activity = RelayTelemetry.Activities.StartBatch("chat publish", batch, static item => item.Caller);
        var result = await _realtime.PublishAsync(new PublishRequest([.. batch.Select(static item => item.Message)], []), cancellationToken);
        return result.Problem;
    }

    private void Published(List<Item> batch)
    {
        var dropped = 0;
        foreach (var (message, enqueued, _) in batch)
        {
            _telemetry.Delay(_time.GetElapsedTime(enqueued));
            if (!_ranges.Add(new RoomKey(message.Tenant, message.Room), message.Seq, message.Seq))
            {
                dropped++;
            }
        }

        _telemetry.Published(batch.Count);
        if (dropped > 0)
        {
            _telemetry.MarksDropped(dropped);
            _logger.MarksDropped(dropped);
        }
    }

    private void GivenUp(List<Item> batch, ServiceProblem? problem, Exception? exception)
    {
        _telemetry.GivenUp(batch.Count);
        if (exception is not null)
        {
            _logger.PublishFailed(batch.Count, "messages", exception);
        }
        else if (problem is not null)
        {
            _logger.MessagesGivenUp(batch.Count, problem.Status, problem.Type, problem.Detail);
        }
        else
        {
            _logger.MessagesUnflushed(batch.Count);
        }
    }

    private readonly record struct Item(MessageRecord Message, long EnqueuedAt, Activity? Caller);

    private sealed class Lane(int number, PublishLane<Item> queue)
    {
        /// <summary>Messages refused since the queue became full; written by whoever enqueues.</summary>
        public long Overflowed;

        public int Number { get; } = number;

        public PublishLane<Item> Queue { get; } = queue;
    }
}
