using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServiceDefaults.Identity.Revocations;

namespace ServiceDefaults.Health;

/// <summary>
/// Whether dbman answers. It is asked for ended sessions several times a second, by the client, key and port of every other call, and refuses that without its database:
/// this says more than a probe of its own, which could not reach dbman's health, as only the kubelet and Prometheus reach the management port.
/// </summary>
internal sealed class DbmanHealthCheck(RevokedSessions revoked) : IHealthCheck
{
    /// <summary>Some ten answers that did not come. A single slow one takes no replica out of the balancer.</summary>
    internal static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(5);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(revoked.SilenceOfDbman switch
    {
        null => Failed(context, "dbman has not answered yet."),
        { } silence when silence > LongestSilence => Failed(context, $"dbman has not answered for {silence.TotalSeconds:0} s."),
        _ => HealthCheckResult.Healthy(),
    });

    private static HealthCheckResult Failed(HealthCheckContext context, string reason) => new(context.Registration.FailureStatus, reason);
}
