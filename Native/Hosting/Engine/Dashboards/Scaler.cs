using Aspire.Hosting.ApplicationModel;
using Wire = Dashboard.Wire;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>How many replicas of a project run, changed while it runs. The balancer asks who is there with every request, so that it follows.</summary>
internal sealed class Scaler(Orchestrator orchestrator)
{
    /// <summary>One machine's worth, and as many as autoscalers commonly go to; what a deployment runs is for its platform to say.</summary>
    public const int Most = 20;

    public int? IndexOf(string id) => orchestrator.Runs.SelectMany(r => r.Instances).FirstOrDefault(i => ResourceNames.Same(i.Id, id))?.Index;

    public Wire.Scaling? ScalingOf(IResource resource) => Find(resource.Name) is { IsScalable: true } run
        ? new Wire.Scaling { Replicas = run.Instances.Count, Most = Most }
        : null;

    /// <summary>Null when it was done, else why it was not.</summary>
    public async Task<string?> ScaleAsync(string resource, int replicas, CancellationToken cancellationToken)
    {
        if (Find(resource) is not { } run)
        {
            return $"There is no resource '{resource}' that runs.";
        }

        if (!run.IsScalable)
        {
            return $"'{resource}' is one process: only projects whose addresses are balanced can have more.";
        }

        if (replicas is < 1 or > Most)
        {
            return $"'{resource}' can have 1 to {Most} replicas, not {replicas}.";
        }

        await run.ScaleAsync(replicas, cancellationToken);
        return null;
    }

    private ResourceRun? Find(string resource) => orchestrator.Runs.FirstOrDefault(r => ResourceNames.Same(r.Resource.Name, resource));
}
