using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Identity.Revocations;

/// <summary>A replica that does not know yet which sessions have ended takes no tokens, and so no traffic.</summary>
internal sealed class RevocationHealthCheck(RevokedSessions revoked) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(revoked.IsLoaded
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "Which sessions have ended was not read yet."));
}
