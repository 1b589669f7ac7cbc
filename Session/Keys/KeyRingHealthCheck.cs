using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Session.Keys;

/// <summary>Ready when dbman answers (it was asked for the keys a moment ago at most) and there is a key to sign with.</summary>
internal sealed class KeyRingHealthCheck(KeyRing ring, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var result = await ring.GetFreshAsync(cancellationToken);
        return result switch
        {
            { IsSuccess: false } => Unhealthy(context, $"{result.Problem.Type}: {result.Problem.Detail}"),
            _ when ring.LastProblem is { } problem => Unhealthy(context, $"{problem.Type}: {problem.Detail}"),
            _ when result.Value.Signer(time.GetUtcNow()) is null => Unhealthy(context, "there is no key to sign with"),
            _ => HealthCheckResult.Healthy(),
        };
    }

    private static HealthCheckResult Unhealthy(HealthCheckContext context, string reason) => new(context.Registration.FailureStatus, reason);
}
