using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Drain;

/// <summary>Not ready from SIGTERM on.</summary>
internal sealed class DrainHealthCheck(DrainState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.IsDraining ? HealthCheckResult.Unhealthy("draining") : HealthCheckResult.Healthy());
}
