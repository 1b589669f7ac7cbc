using Dbman.Postgres;
using DbUp;
using DbUp.Engine;
using DbUp.Postgresql;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dbman.Schema;

/// <summary>
/// Brings the schema up to date at start, and again whenever the health check doubts it.
/// <para>
/// Any number of replicas may start at once: each takes the same advisory lock, held by a transaction, so that it goes with the connection when a
/// replica dies. The first applies what is missing, one transaction a script together with its line in the journal; the others then find nothing to do.
/// A script that fails leaves the journal unchanged, and this replica not ready.
/// </para>
/// <para>
/// A schema that is newer than this version is served: during a rolling update the new version has migrated while old replicas still run. So every
/// script must leave the schema usable for the version before it (add first, remove one version later).
/// </para>
/// </summary>
internal sealed class SchemaMigrator(
    NpgsqlDataSource source,
    Database database,
    DatabaseState state,
    IOptions<DatabaseOptions> options,
    TimeProvider time,
    ILogger<SchemaMigrator> logger) : BackgroundService
{
    /// <summary>"dbman" in hexadecimal; any constant does, as long as every version uses the same.</summary>
    private const long LockKey = 0x64626d616e;

    /// <summary>First wait before the server is tried again: one that restarts is back within seconds.</summary>
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan ScriptTimeout = TimeSpan.FromMinutes(30);
    private static readonly string TakeLock = SqlText.Read("Schema/TakeLock.sql");
    private static readonly string ReadLimits = SqlText.Read("Schema/ReadLimits.sql");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var delay = FirstRetryDelay;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (await TryAsync(delay, stoppingToken))
            {
                delay = FirstRetryDelay;
                await state.WaitForDoubtAsync(stoppingToken);
            }
            else
            {
                // Jitter: replicas that start together do not knock together.
                await Task.Delay(delay * (0.75 + (Random.Shared.NextDouble() / 2)), time, stoppingToken);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, options.Value.MaxRetryDelay.Ticks));
            }
        }
    }

    private async Task<bool> TryAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            if (await RefusalAsync(cancellationToken) is { } refusal)
            {
                state.Refuse(refusal);
                logger.NotYet(refusal, delay);
                return false;
            }

            await MigrateAsync(cancellationToken);
            state.Serve();
            return true;
        }
        catch (Exception exception) when (DatabaseFailure.Of(exception) is { } failure)
        {
            state.Refuse(failure.Kind == DatabaseFailureKind.LockTimeout
                ? "another replica is bringing the schema up to date"
                : $"PostgreSQL is not usable yet: {exception.Message}");
            logger.NotYet(exception.Message, delay);
            return false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            state.Refuse($"the schema cannot be brought up to date: {exception.Message}");
            logger.Failed(delay, exception);
            return false;
        }
    }

    /// <summary>All replicas together must never use up the server's connections: otherwise operators could not connect either.</summary>
    private async Task<string?> RefusalAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(ReadLimits, static row => row.GetInt32(0), [], cancellationToken);
        var (bounds, limit) = (options.Value, rows[0]);
        var needed = (bounds.MaxReplicas * bounds.MaxPoolSize) + bounds.ReservedConnections;
        return needed <= limit
            ? null
            : $"max_connections is {limit}, but {DatabaseOptions.Section}:MaxReplicas ({bounds.MaxReplicas}) x MaxPoolSize ({bounds.MaxPoolSize}) "
                + $"+ ReservedConnections ({bounds.ReservedConnections}) need {needed}";
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var applied = await SchemaScripts.ReadAppliedAsync(database, cancellationToken);
        var missing = SchemaScripts.Missing(applied);
        if (missing.Count > 0)
        {
            await using var lease = await database.OpenAsync(cancellationToken);
            await using var transaction = await lease.Connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(TakeLock, lease.Connection, transaction);
            command.Parameters.Add(Arg.Long("key", LockKey));
            await command.ExecuteNonQueryAsync(cancellationToken);

            // DbUp blocks, and reads the journal again: what another replica applied while we waited is not applied twice.
            var result = await Task.Run(Apply, cancellationToken);
            if (!result.Successful)
            {
                throw result.Error;
            }

            applied = await SchemaScripts.ReadAppliedAsync(database, cancellationToken);
            logger.Current(SchemaScripts.Known.Count, result.Scripts.Count());
        }
        else
        {
            logger.Current(SchemaScripts.Known.Count, 0);
        }

        if (SchemaScripts.Newer(applied) is { Count: > 0 } newer)
        {
            logger.Newer(string.Join(", ", newer));
        }
    }

    private DatabaseUpgradeResult Apply() =>
        DeployChanges.To
            .PostgresqlDatabase(new PostgresqlConnectionManager(source))
            .WithScripts(SchemaScripts.Known.Select(static name => new SqlScript(name, SchemaScripts.Read(name))))
            .WithPreprocessor(new UnhurriedScripts())
            .WithVariablesDisabled()
            .JournalToPostgresqlTable(SchemaScripts.JournalSchema, SchemaScripts.JournalTable)
            .WithTransactionPerScript()
            .WithExecutionTimeout(ScriptTimeout)
            .LogTo(new ScriptLog(logger))
            .Build()
            .PerformUpgrade();
}
