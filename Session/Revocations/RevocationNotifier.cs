using System.Threading.Channels;
using Contracts.Publish;
using Contracts.Results;
using Contracts.Sessions;
using Microsoft.Extensions.Options;
using ServiceDefaults.Identity.Revocations;

namespace Session.Revocations;

/// <summary>
/// Tells Realtime to close the sockets of ended sessions. The end itself is stored before, and every service hears of it from dbman; this only makes it felt at once. So nobody waits for it,
/// it is tried a bounded number of times, and what is lost is logged and counted: such a socket is closed when its node next asks dbman.
/// </summary>
internal sealed class RevocationNotifier : BackgroundService
{
    private readonly RealtimeClient _realtime;
    private readonly RevocationOptions _options;
    private readonly TimeProvider _time;
    private readonly SessionTelemetry _telemetry;
    private readonly ILogger<RevocationNotifier> _logger;
    private readonly Channel<SessionRevokedRequest> _queue;
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
        _queue = Channel.CreateBounded<SessionRevokedRequest>(_options.QueueCapacity);
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
        if (!_queue.Writer.TryWrite(new SessionRevokedRequest(tenant, user, sessions)))
        {
            _telemetry.RevocationNotice("dropped");
            _logger.RevocationDropped(tenant, user, sessions.Count);
        }
    }

    /// <summary>Runs after the server has stopped: no notice comes any more, and those that wait get a last chance.</summary>
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
            _telemetry.RevocationNotice("dropped");
            _logger.RevocationDropped(lost.Tenant, lost.UserId, lost.SessionIds.Count);
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

    private async Task SendAsync(SessionRevokedRequest notice, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            ServiceProblem? problem;
            try
            {
                problem = (await _realtime.SessionRevokedAsync(notice, stoppingToken)).Problem;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A bug in the call must not end the sender.
                _logger.RevocationBroken(notice.Tenant, notice.UserId, exception);
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
                _logger.RevocationFailed(notice.Tenant, notice.UserId, attempt, problem.Type, problem.Detail);
                return;
            }

            await Task.Delay(Wait(attempt, problem.RetryAfter), _time, stoppingToken);
        }
    }

    private TimeSpan Wait(int attempt, TimeSpan? asked)
    {
        var backoff = TimeSpan.FromTicks(Math.Min(_options.MaxDelay.Ticks, _options.FirstDelay.Ticks << Math.Min(attempt - 1, 20)));
        var jittered = backoff * (0.5 + (Random.Shared.NextDouble() * 0.5));
        return asked > jittered ? (asked < _options.MaxDelay ? asked.Value : _options.MaxDelay) : jittered;
    }
}
