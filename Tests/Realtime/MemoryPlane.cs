using Contracts.Layouts;
using Contracts.Results;
using Realtime.Node;

namespace Tests.Realtime;

/// <summary>The control plane as dbman keeps it, in memory: the same rules, injected faults, and access to what each node reported.</summary>
internal sealed class MemoryPlane(TimeProvider? time = null) : ILayoutPlane
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly List<LayoutRecord> _records = [];
    private readonly Dictionary<string, (long Applied, DateTimeOffset Until)> _nodes = new(StringComparer.Ordinal);

    /// <summary>Nodes for which every call fails.</summary>
    public Func<string, bool> IsAway { get; set; } = static _ => false;

    /// <summary>What some other node reads of what is on the broker.</summary>
    public int WireVersion { get; set; } = int.MaxValue;

    /// <summary>Adds records although nodes are behind: the barrier is switched off.</summary>
    public bool IgnoresNodes { get; init; }

    public long Revision
    {
        get
        {
            lock (_gate)
            {
                return _records.Count;
            }
        }
    }

    /// <summary>Adds a record; null when it was added, else the nodes that have not applied the ones before.</summary>
    public string? TryChange(LayoutScope scope, LayoutState? state)
    {
        lock (_gate)
        {
            var late = _nodes.Where(node => node.Value.Until > _time.GetUtcNow() && node.Value.Applied < _records.Count).Select(static node => node.Key).ToArray();
            if (late.Length > 0 && !IgnoresNodes)
            {
                return $"waiting for {string.Join(", ", late)}";
            }

            _records.Add(new LayoutRecord(_records.Count + 1, scope, state, "test", null, _time.GetUtcNow()));
            return null;
        }
    }

    /// <summary>Nodes with a lease that have not applied everything.</summary>
    public string? Late()
    {
        lock (_gate)
        {
            var late = _nodes.Where(node => node.Value.Until > _time.GetUtcNow() && node.Value.Applied < _records.Count).Select(static node => $"{node.Key} at {node.Value.Applied}").ToArray();
            return late.Length == 0 ? null : $"{string.Join(", ", late)} of {_records.Count}";
        }
    }

    /// <summary>A node's lease has expired here: changes no longer wait for it.</summary>
    public void Expire(string node)
    {
        lock (_gate)
        {
            _nodes[node] = _nodes[node] with { Until = DateTimeOffset.MinValue };
        }
    }

    public Task<ServiceResult<NodeHeartbeatResponse>> BeatAsync(string node, NodeHeartbeat heartbeat, CancellationToken cancellationToken)
    {
        if (IsAway(node))
        {
            return Task.FromResult<ServiceResult<NodeHeartbeatResponse>>(Away);
        }

        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var granted = heartbeat.Applied == _records.Count || (_nodes.TryGetValue(node, out var known) && known.Until > now);
            _nodes[node] = (heartbeat.Applied, granted ? now + TimeSpan.FromMilliseconds(heartbeat.LeaseMilliseconds * 1.2) : DateTimeOffset.MinValue);
            var news = _records.Where(record => record.Epoch > heartbeat.Known).GroupBy(static record => record.Scope).Select(static scope => scope.Last());
            return Task.FromResult<ServiceResult<NodeHeartbeatResponse>>(new NodeHeartbeatResponse(
                granted, new LayoutsResponse(_records.Count, [.. news]), Math.Min(heartbeat.WireVersion, WireVersion)));
        }
    }

    public Task<ServiceResult<Unit>> LeaveAsync(string node, CancellationToken cancellationToken)
    {
        if (IsAway(node))
        {
            return Task.FromResult<ServiceResult<Unit>>(Away);
        }

        lock (_gate)
        {
            _nodes.Remove(node);
        }

        return Task.FromResult<ServiceResult<Unit>>(default(Unit));
    }

    private static ServiceProblem Away => new(503, Contracts.ProblemTypes.DependencyUnavailable, "Away", RetryAfter: TimeSpan.FromSeconds(1));
}
