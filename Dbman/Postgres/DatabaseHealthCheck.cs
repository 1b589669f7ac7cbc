using Dbman.Schema;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dbman.Postgres;

/// <summary>Ready: PostgreSQL answers, and its schema is current (or newer: a rolling update is under way).</summary>
internal sealed class DatabaseHealthCheck(Database database, DatabaseState state, ILogger<DatabaseHealthCheck> logger) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (state.Reason is { } reason)
        {
            return HealthCheckResult.Unhealthy(reason);
        }

        try
        {
            var applied = await SchemaScripts.ReadAppliedAsync(database, cancellationToken);
            if (SchemaScripts.Missing(applied) is { Count: > 0 } missing)
            {
                var lost = $"the schema went back: {string.Join(", ", missing)} is no longer applied";
                logger.Unhealthy(lost);
                state.Doubt(lost);
                return HealthCheckResult.Unhealthy(lost);
            }

            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (DatabaseFailure.Of(exception) is { } failure)
        {
            return HealthCheckResult.Unhealthy(failure.Detail, exception);
        }
    }
}
