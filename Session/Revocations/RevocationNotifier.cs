using System.Threading.Channels;
using Contracts;
using Contracts.Publish;
using Contracts.Results;
using Contracts.Sessions;
using Microsoft.Extensions.Options;
using ServiceDefaults.Identity.Revocations;

namespace Session.Revocations;

/// <summary>
/// Asks Realtime to close the sockets of revoked sessions, and notifies rooms that a removed user has left them. Both are stored before: every
/// service hears of an ended session from dbman, and a room's members are read from there; this only makes it immediate. So nobody waits for it,
/// it is tried a bounded number of times, and what is lost is logged and counted.
/// </summary>
internal sealed class RevocationNotifier : BackgroundService
{
    /// <summary>Longest wait between attempts.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(10);

    private readonly RealtimeClient _realtime;
    private readonly RevocationOptions _options;
    private readonly TimeProvider _time;
    private readonly SessionTelemetry _telemetry;
    private readonly ILogger<RevocationNotifier> _logger;
    private readonly Channel<Notice> _queue;
    private readonly RevokedSessions _revoked;

    public RevocationNotifier(
        RealtimeClient realtime, RevokedSessions revoked, IOptions<RevocationOptions> options, TimeProvider time, SessionTelemetry telemetry, ILogger<RevocationNotifier> logger)
    {
        _realtime = realtime;
        _revoked = revoked;
        _options = options.Value;
        _time = time;
        _telemetry = telemetry;
        _logger = logger;
        _queue = Channel.CreateBounded<Notice>(_options.QueueCapacity);
        telemetry.ObserveRevocationQueue(() => _queue.Reader.Count);
    }

    /// <summary>Queues a notice; never waits.</summary>
    public void Notify(string tenant, string user, IReadOnlyList<string> sessions, string reason)
    {
        if (sessions.Count == 0)
        {
            return;
        }

        var now = _time.GetUtcNow();
        _revoked.Add([.. sessions.Select(session => new RevokedSession(tenant, user, session, now))]);
        _telemetry.SessionsRevoked(sessions.Count, reason);
        Enqueue(new Notice(tenant, user, $"{sessions.Count} ended session(s)", new SessionRevokedRequest(tenant, user, sessions)));
    }

    /// <summary>Queues the events to the rooms of a removed user; never waits.</summary>
    public void Notify(string tenant, string user, IReadOnlyList<SystemEventRecord> events)
    {
        foreach (var batch in events.Chunk(Limits.PublishBatch))
        {
            Enqueue(new Notice(tenant, user, $"{batch.Length} event(s) in rooms", Events: new PublishRequest([], batch)));
        }
    }

    private void Enqueue(Notice notice)
    {
        if (!_queue.Writer.TryWrite(notice))
        {
            Dropped(notice);
        }
    }

    private void Dropped(Notice notice)
    {
        _telemetry.RevocationNotice("dropped");
        _logger.RevocationDropped(notice.Tenant, notice.User, notice.Description);
    }

    /// <summary>Runs after the server has stopped: no notice can arrive, and the queued ones get a last attempt.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } senders)
        {
            await Task.WhenAny(senders, Task.Delay(_options.FlushTimeout, _time, cancellationToken));
        }

        await base.StopAsync(cancellationToken);
        while (_queue.Reader.TryRead(out var lost))
        {
            Dropped(lost);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, _options.Senders).Select(_ => SendAllAsync(stoppingToken)));

    private async Task SendAllAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var notice in _queue.Reader.ReadAllAsync(stoppingToken))
            {
                await SendAsync(notice, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Out of time; StopAsync counts what is left.
        }
    }

    private async Task SendAsync(Notice notice, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            ServiceProblem? problem;
            try
            {
                problem = notice.Ended is { } ended
                    ? (await _realtime.SessionRevokedAsync(ended, stoppingToken)).Problem
                    : (await _realtime.PublishAsync(notice.Events!, stoppingToken)).Problem;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A bug in the call must not end the sender.
                _logger.RevocationBroken(notice.Tenant, notice.User, notice.Description, exception);
                _telemetry.RevocationNotice("failed");
                return;
            }

            if (problem is null)
            {
                _telemetry.RevocationNotice("sent");
                return;
            }

            if (!problem.IsTransient || attempt == _options.MaxAttempts)
            {
                _telemetry.RevocationNotice("failed");
                _logger.RevocationFailed(notice.Tenant, notice.User, notice.Description, attempt, problem.Type, problem.Detail);
                return;
            }

            await Task.Delay(Wait(attempt, problem.RetryAfter), _time, stoppingToken);
        }
    }

    private TimeSpan Wait(int attempt, TimeSpan? asked)
    {
        var backoff = TimeSpan.FromTicks(Math.Min(MaxDelay.Ticks, _options.FirstDelay.Ticks << Math.Min(attempt - 1, 20)));
        var jittered = backoff * (0.5 + (Random.Shared.NextDouble() * 0.5));
        return asked > jittered ? (asked < MaxDelay ? asked.Value : MaxDelay) : jittered;
    }

    /// <summary>One call to Realtime: of ended sessions, or of events.</summary>
    private sealed record Notice(string Tenant, string User, string Description, SessionRevokedRequest? Ended = null, PublishRequest? Events = null);
}
