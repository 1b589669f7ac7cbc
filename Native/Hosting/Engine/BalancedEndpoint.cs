using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Engine;

/// <summary>
/// One address for several replicas. A request goes to the ready replica with the fewest requests in progress (an open WebSocket is one), in
/// turn where they are equal. A replica that is down is never chosen; one that is up but not ready only when none is ready, so that its own
/// answer, which says why, is heard rather than none.
/// </summary>
internal sealed class BalancedEndpoint(EndpointAnnotation endpoint, ResourceRun run, ResourceNotificationService notifications)
{
    private readonly Lock _lock = new();
    private IReadOnlyList<Instance> _instances = [];
    private Backend[] _backends = [];
    private int _turn;

    public string ResourceName => run.Resource.Name;

    public int Port => endpoint.AllocatedEndpoint!.Port;

    /// <summary>The best replica that was not tried yet, or null.</summary>
    public Backend? Pick(IReadOnlyCollection<Backend> tried)
    {
        var up = Backends().Where(b => b.Instance.IsRunning && !tried.Contains(b)).ToArray();
        var ready = up.Where(IsReady).ToArray();
        var candidates = ready.Length > 0 ? ready : up;
        var turn = (uint)Interlocked.Increment(ref _turn);
        Backend? best = null;
        for (var i = 0; i < candidates.Length; i++)
        {
            var candidate = candidates[(int)((turn + (uint)i) % (uint)candidates.Length)];
            if (best is null || candidate.InProgress < best.InProgress)
            {
                best = candidate;
            }
        }

        return best;
    }

    /// <summary>Those of the instances that there are now; who stays keeps the count of what it has in progress.</summary>
    private Backend[] Backends()
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_instances, run.Instances))
            {
                _instances = run.Instances;
                _backends = [.. _instances.Select(i => _backends.FirstOrDefault(b => b.Instance == i)
                    ?? new Backend(i, new Uri($"{endpoint.UriScheme}://localhost:{i.Ports[endpoint]}")))];
            }

            return _backends;
        }
    }

    private bool IsReady(Backend backend) =>
        notifications.TryGetCurrentState(backend.Instance.Id, out var state) && state.Snapshot.HealthStatus == HealthStatus.Healthy;

    internal sealed class Backend(Instance instance, Uri address)
    {
        private int _inProgress;

        public Instance Instance => instance;

        public string Address { get; } = address.ToString();

        public int InProgress => Volatile.Read(ref _inProgress);

        public void Enter() => Interlocked.Increment(ref _inProgress);

        public void Leave() => Interlocked.Decrement(ref _inProgress);
    }
}
