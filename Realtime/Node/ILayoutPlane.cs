using Contracts.Layouts;
using Contracts.Results;

namespace Realtime.Node;

/// <summary>The part of the control plane that every node needs.</summary>
internal interface ILayoutPlane
{
    /// <summary>A node's sign of life; the answer brings what is new, and the lease.</summary>
    Task<ServiceResult<NodeHeartbeatResponse>> BeatAsync(string node, NodeHeartbeat heartbeat, CancellationToken cancellationToken);

    /// <summary>The node leaves: nothing waits for it from now on.</summary>
    Task<ServiceResult<Unit>> LeaveAsync(string node, CancellationToken cancellationToken);
}
