using Contracts.Publish;
using Contracts.Results;
using Microsoft.Extensions.Options;

namespace Chat.Relay;

/// <summary>
/// Publishes system events (joins, leaves, roles). They are ephemeral: sent with bounded retry and not stored, so what cannot be sent is lost, counted and logged.
/// They have a queue of their own, so that a jam of messages does not keep a removal from taking effect.
/// </summary>
internal sealed class SystemEventRelay : IHostedService
{
    /// <summary>An event holds ids, a role and a time; this is above what the longest of them take.</summary>
    private const int EventWeight = 1_024;

    private readonly PublishLane<SystemEventRecord> _lane;
    private readonly RealtimeClient _realtime;
    private readonly RelayOptions _options;
    private readonly RelayTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<SystemEventRelay> _logger;
    // Never disposed: it holds no timer, and a host that is stopped twice at once may stop this after it was disposed of.
    private readonly CancellationTokenSource _abort = new();
    private Task _running = Task.CompletedTask;

    public SystemEventRelay(
        RealtimeClient realtime,
        IOptions<RelayOptions> options,
        RelayTelemetry telemetry,
        TimeProvider time,
        ILogger<SystemEventRelay> logger)
    {
        _realtime = realtime;
        _options = options.Value;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _lane = new PublishLane<SystemEventRecord>(Settings(), time);
    }

    /// <summary>Hands over an event. Never waits; when there is no room the event is lost.</summary>
    public void Enqueue(SystemEventRecord record)
    {
        if (!_lane.TryEnqueue(record))
        {
            Lost(1, "the queue is full");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => _lane.RunAsync(_abort.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _lane.Complete();
        using var deadline = new CancellationTokenSource(_options.FlushTimeout, _time);
        await using var timeout = deadline.Token.UnsafeRegister(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        await using var shutdown = cancellationToken.UnsafeRegister(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        await _running;
    }

    private PublishLaneSettings<SystemEventRecord> Settings() => new()
    {
        Capacity = _options.SystemCapacity,
        MaxBatch = _options.MaxBatch,
        MaxBatchWeight = _options.MaxBatchBytes,
        MaxAttempts = _options.MaxAttempts,
        Backoff = new Backoff(_options.FirstBackoff, _options.MaxBackoff),
        Weight = static _ => EventWeight,
        PublishAsync = async (batch, cancellationToken) =>
            (await _realtime.PublishAsync(new PublishRequest([], [.. batch]), cancellationToken)).Problem,
        Published = batch => _telemetry.SystemPublished(batch.Count),
        Retrying = (batch, problem) => _logger.Retrying(batch.Count, "system events", problem.Status, problem.Type, problem.Detail),
        GivenUp = GivenUp,
    };

    private void GivenUp(List<SystemEventRecord> batch, ServiceProblem? problem, Exception? exception)
    {
        if (exception is not null)
        {
            _logger.PublishFailed(batch.Count, "system events", exception);
        }

        Lost(batch.Count, problem?.Detail ?? problem?.Type ?? exception?.Message ?? "the shutdown's time was up");
    }

    private void Lost(int count, string reason)
    {
        _telemetry.SystemLost(count);
        _logger.SystemEventsLost(count, reason);
    }
}
