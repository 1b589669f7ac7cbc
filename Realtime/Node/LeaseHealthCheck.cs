using Microsoft.Extensions.Diagnostics.HealthChecks;
using Realtime.Channels;

namespace Realtime.Node;

/// <summary>A node without a lease on the layouts may not publish: traffic goes to the others.</summary>
internal sealed class LeaseHealthCheck(NodeLease lease, NodeAgent agent) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lease.Holds ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(agent.Problem ?? "The lease ran out."));
}
