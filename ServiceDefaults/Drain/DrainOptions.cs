using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Drain;

/// <summary>How a replica leaves; configuration section <c>Drain</c>.</summary>
public sealed class DrainOptions
{
    internal const string Section = "Drain";

    /// <summary>How long it keeps serving after SIGTERM, not ready, until every balancer has noticed.</summary>
    /// <value>Default 5 s, in Development 0; 0 to 5 min. Longer than the prober's period times its failure threshold.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long requests, sockets and background work get to finish after that.</summary>
    /// <value>Default 20 s; 1 s to 10 min. Delay + Timeout stays below the orchestrator's grace period.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);
}
