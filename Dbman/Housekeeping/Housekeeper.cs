using Dbman.Figures;
using Dbman.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dbman.Housekeeping;

/// <summary>
/// Removes ended sessions (and with them their refresh tokens), expired login failures, lost realtime nodes and replicas of dbman, and old decisions
/// about layouts, in small transactions. Every replica does it; rows that another is at are skipped. Layout records stay: there are few, and they are the order of all changes.
/// </summary>
internal sealed class Housekeeper(
    Database database, OwnConnection own, DatabaseState state, IOptions<HousekeepingOptions> options, TimeProvider time, ILogger<Housekeeper> logger) : BackgroundService
{
    /// <summary>Time between two rounds of one replica: what is removed was not read for minutes to days before.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>How long failed logins of a name are remembered after the last one; a lock that still holds is kept in any case.</summary>
    private static readonly TimeSpan KeepAttempts = TimeSpan.FromDays(2);

    /// <summary>How long a realtime node is shown after its last heartbeat. One that comes back later is a new one.</summary>
    private static readonly TimeSpan KeepNodes = TimeSpan.FromDays(1);

    private static readonly string RemoveSessions = SqlText.Read("Housekeeping/RemoveSessions.sql");
    private static readonly string RemoveAttempts = SqlText.Read("Housekeeping/RemoveAttempts.sql");
    private static readonly string RemoveNodes = SqlText.Read("Housekeeping/RemoveNodes.sql");
    private static readonly string RemoveReplicas = SqlText.Read("Housekeeping/RemoveReplicas.sql");
    private static readonly string RemoveDecisions = SqlText.Read("Housekeeping/RemoveDecisions.sql");

    private readonly HousekeepingOptions _options = options.Value;

    /// <summary>One round; answers how much it removed.</summary>
    public async Task<Removed> RunOnceAsync(CancellationToken cancellationToken) => new(
        await RemoveAsync(RemoveSessions, Arg.Double("keep_seconds", _options.KeepSessions.TotalSeconds), cancellationToken),
        await RemoveAsync(RemoveAttempts, Arg.Double("keep_seconds", KeepAttempts.TotalSeconds), cancellationToken),
        await RemoveAsync(RemoveNodes, Arg.Double("keep_seconds", KeepNodes.TotalSeconds), cancellationToken),
        await RemoveAsync(RemoveReplicas, Arg.Double("keep_seconds", ReplicaStore.ShownFor.TotalSeconds), cancellationToken),
        await RemoveAsync(RemoveDecisions, Arg.Int("keep", _options.KeepDecisions), cancellationToken));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (state.Reason is not null)
            {
                continue;
            }

            try
            {
                var removed = await RunOnceAsync(stoppingToken);
                if (removed.Total > 0)
                {
                    logger.Removed(removed.Sessions, removed.Attempts, removed.Nodes, removed.Replicas, removed.Decisions);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException || DatabaseFailure.Of(exception) is not null)
            {
                logger.Skipped(exception);
            }
        }
    }

    private async Task<int> RemoveAsync(string sql, NpgsqlParameter keep, CancellationToken cancellationToken)
    {
        var total = 0;
        int removed;
        do
        {
            using var turn = await own.EnterAsync(cancellationToken);

            // A parameter belongs to one command.
            removed = await database.ExecuteAsync(sql, [keep.Clone(), Arg.Int("batch", _options.Batch)], cancellationToken);
            total += removed;
        }
        while (removed == _options.Batch);

        return total;
    }
}
