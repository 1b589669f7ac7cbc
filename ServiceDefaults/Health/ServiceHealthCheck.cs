using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Health;

/// <summary>Asks another service whether it is ready; any replica of it will do.</summary>
internal sealed class ServiceHealthCheck(string serviceName, IHttpClientFactory clients) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var client = clients.CreateClient(serviceName);
            using var response = await client.GetAsync(
                new Uri($"http://{serviceName}{HealthEndpoints.Prefix}/ready"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode
                ? HealthCheckResult.Healthy()
                : Failed(context, $"{serviceName} is not ready: {(int)response.StatusCode}");
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Failed(context, $"{serviceName} cannot be reached: {exception.Message}", exception);
        }
    }

    private static HealthCheckResult Failed(HealthCheckContext context, string reason, Exception? exception = null) =>
        new(context.Registration.FailureStatus, reason, exception);
}
