using Dbman.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dbman.Housekeeping;

/// <summary>
/// Removes ended sessions (and with them their refresh tokens) and forgotten login failures, in small transactions. Every replica does it; rows that another
/// is at are skipped.
/// </summary>
internal sealed class Housekeeper(
    Database database, DatabaseState state, IOptions<HousekeepingOptions> options, TimeProvider time, ILogger<Housekeeper> logger) : BackgroundService
{
    private static readonly string RemoveSessions = SqlText.Read("Housekeeping/RemoveSessions.sql");
    private static readonly string RemoveAttempts = SqlText.Read("Housekeeping/RemoveAttempts.sql");

    private readonly HousekeepingOptions _options = options.Value;

    /// <summary>One round; answers how many sessions and login failures it removed.</summary>
    public async Task<(int Sessions, int Attempts)> RunOnceAsync(CancellationToken cancellationToken) =>
        (await RemoveAsync(RemoveSessions, _options.KeepSessions, cancellationToken), await RemoveAsync(RemoveAttempts, _options.KeepAttempts, cancellationToken));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (state.Reason is not null)
            {
                continue;
            }

            try
            {
                var (sessions, attempts) = await RunOnceAsync(stoppingToken);
                if (sessions + attempts > 0)
                {
                    logger.Removed(sessions, attempts);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException || DatabaseFailure.Of(exception) is not null)
            {
                logger.Skipped(exception);
            }
        }
    }

    private async Task<int> RemoveAsync(string sql, TimeSpan keep, CancellationToken cancellationToken)
    {
        var total = 0;
        int removed;
        do
        {
            removed = await database.ExecuteAsync(
                sql, [Arg.Double("keep_seconds", keep.TotalSeconds), Arg.Int("batch", _options.Batch)], cancellationToken);
            total += removed;
        }
        while (removed == _options.Batch);

        return total;
    }
}
