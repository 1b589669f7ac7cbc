using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis;

/// <summary>Healthy when every primary answers a ping: on a cluster each of them owns slots that nobody else serves.</summary>
internal sealed class RedisHealthCheck(Func<IConnectionMultiplexer> connect) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var connection = connect();
            var servers = connection.GetServers().Where(static server => !server.IsReplica).ToList();
            if (servers.Count == 0)
            {
                return Failed(context, "no primary is known");
            }

            await Task.WhenAll(servers.Select(static server => server.PingAsync())).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Failed(context, exception.Message, exception);
        }
    }

    private static HealthCheckResult Failed(HealthCheckContext context, string reason, Exception? exception = null) =>
        new(context.Registration.FailureStatus, reason, exception);
}
