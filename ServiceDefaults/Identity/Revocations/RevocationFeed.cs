using System.Diagnostics;
using Contracts;
using Contracts.Dbman;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity.Revocations;

/// <summary>
/// Polls dbman for ended sessions. Each poll begins where the last answer ended, so a process that starts, or was cut off from dbman, gets all that
/// it missed. While dbman cannot be reached, known revocations stay in force. No session can be ended meanwhile, as dbman stores that.
/// </summary>
internal sealed class RevocationFeed : BackgroundService
{
    /// <summary>How often dbman is polled: every service refuses an ended session within about half a second.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(400);

    private readonly DbmanClient _dbman;
    private readonly RevokedSessions _revoked;
    private readonly UserTokenOptions _options;
    private readonly TimeProvider _time;
    private readonly IdentityTelemetry _telemetry;
    private readonly ILogger<RevocationFeed> _logger;

    // The one reader's own.
    private DateTimeOffset? _since;
    private bool _failed;

    public RevocationFeed(
        DbmanClient dbman, RevokedSessions revoked, IOptions<UserTokenOptions> options, TimeProvider time, IdentityTelemetry telemetry, ILogger<RevocationFeed> logger)
    {
        _dbman = dbman;
        _revoked = revoked;
        _options = options.Value;
        _time = time;
        _telemetry = telemetry;
        _logger = logger;
        revoked.ExpectLoad();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A look every few hundred milliseconds belongs to no trace.
        Activity.Current = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A bug here must not leave the process deaf for the rest of its life.
                _telemetry.RevocationsRead(failed: true);
                _logger.RevocationsBroken(exception);
            }

            // Jitter: replicas that started together should not keep polling together.
            await Task.Delay(Poll * (0.8 + (Random.Shared.NextDouble() * 0.4)), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var window = _options.MaxLifetime + UserTokens.ClockSkew;
            if (!(await _dbman.Sessions.ListRevokedAsync(_since, window, cancellationToken)).TryGet(out var answer, out var problem))
            {
                _telemetry.RevocationsRead(failed: true);
                if (problem.Type == ProblemTypes.Overloaded)
                {
                    // It sheds load; were its callers not ready for that, the load would fall on ever fewer of them.
                    _revoked.Answered();
                }

                if (!_failed)
                {
                    _failed = true;
                    _logger.RevocationsUnread(problem.Type, problem.Detail);
                }

                return;
            }

            _revoked.Add(answer.Sessions);
            _since = answer.Next;
            if (answer.More)
            {
                continue;
            }

            _telemetry.RevocationsRead(failed: false);
            _revoked.Loaded();
            if (_failed)
            {
                _failed = false;
                _logger.RevocationsReadAgain();
            }

            return;
        }
    }
}
