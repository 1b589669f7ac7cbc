using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Aspire.Hosting.Engine.Postgres;

/// <summary>Healthy when a connection of its own can be opened and answers. Not from a pool: a pooled one would not notice a server that lets nobody in.</summary>
internal sealed class PostgresHealthCheck(Func<string?> connectionString) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (connectionString() is not { } known)
        {
            return HealthCheckResult.Unhealthy("The connection string is not known yet.");
        }

        try
        {
            var settings = new NpgsqlConnectionStringBuilder(known) { Pooling = false, Timeout = 2, CommandTimeout = 2 };
            settings.Database ??= "postgres";
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
