using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Engine.Redis;

/// <summary>Healthy when a new connection authenticates and a PING is answered.</summary>
internal sealed class RedisHealthCheck(RedisResource redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!redis.PrimaryEndpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy("The port is not known yet.");
        }

        try
        {
            var password = redis.PasswordParameter is { } parameter ? await parameter.GetValueAsync(cancellationToken) : null;
            using var client = new TcpClient();
            await client.ConnectAsync(redis.PrimaryEndpoint.Host, redis.PrimaryEndpoint.Port, cancellationToken);
            var stream = client.GetStream();
            stream.ReadTimeout = 2_000;
            var commands = password is null ? Command("PING") : Command("AUTH", password) + Command("PING");
            await stream.WriteAsync(Encoding.UTF8.GetBytes(commands), cancellationToken);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var expected = password is null ? 1 : 2;
            for (var i = 0; i < expected; i++)
            {
                var answer = await reader.ReadLineAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken);
                if (answer is null || !answer.StartsWith('+'))
                {
                    return HealthCheckResult.Unhealthy($"The server answered '{answer}'.");
                }
            }

            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }

    private static string Command(params string[] parts) =>
        $"*{parts.Length}\r\n{string.Concat(parts.Select(p => $"${Encoding.UTF8.GetByteCount(p)}\r\n{p}\r\n"))}";
}
