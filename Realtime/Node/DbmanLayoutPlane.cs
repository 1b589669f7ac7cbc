using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;

namespace Realtime.Node;

/// <summary>The control plane as dbman keeps it.</summary>
internal sealed class DbmanLayoutPlane(DbmanClient dbman) : ILayoutPlane
{
    public Task<ServiceResult<NodeHeartbeatResponse>> BeatAsync(string node, NodeHeartbeat heartbeat, CancellationToken cancellationToken) =>
        dbman.Layouts.BeatAsync(node, heartbeat, cancellationToken);

    public Task<ServiceResult<Unit>> LeaveAsync(string node, CancellationToken cancellationToken) => dbman.Layouts.LeaveAsync(node, cancellationToken);
}
