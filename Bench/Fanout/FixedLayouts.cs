using Contracts.Layouts;
using Contracts.Results;
using Realtime.Migration;

namespace Bench.Fanout;

/// <summary>A control plane that never changes anything: every node has the lease.</summary>
internal sealed class FixedLayouts : ILayoutPlane
{
    public Task<ServiceResult<NodeHeartbeatResponse>> BeatAsync(string node, NodeHeartbeat heartbeat, CancellationToken cancellationToken) =>
        Task.FromResult<ServiceResult<NodeHeartbeatResponse>>(new NodeHeartbeatResponse(Granted: true, new LayoutsResponse(0, [])));

    public Task<ServiceResult<Unit>> LeaveAsync(string node, CancellationToken cancellationToken) => Task.FromResult<ServiceResult<Unit>>(default(Unit));
}
