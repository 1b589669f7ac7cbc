using System.Net;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Engine;

/// <summary>Healthy when an endpoint answers with the expected status.</summary>
internal sealed class HttpHealthCheck(EndpointReference endpoint, string path, int statusCode) : IHealthCheck
{
    /// <summary>Shared: probes go to loopback only, and a connection per probe would be most of its cost.</summary>
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectTimeout = TimeSpan.FromSeconds(2),
    })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        ProbeAsync(new Uri(new Uri(endpoint.Url), path), statusCode, cancellationToken);

    public static async Task<HealthCheckResult> ProbeAsync(Uri uri, int statusCode, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode == (HttpStatusCode)statusCode
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"{uri} answered {(int)response.StatusCode}, not {statusCode}.");
        }
        catch (HttpRequestException e)
        {
            return HealthCheckResult.Unhealthy($"{uri} does not answer: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"{uri} did not answer within {Client.Timeout.TotalSeconds:0} s.");
        }
    }
}
