using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Health;

/// <summary>How health checks run; configuration section <c>Health</c>.</summary>
public sealed class HealthOptions
{
    internal const string Section = "Health";

    /// <summary>Longest time that one check may take before it counts as failed.</summary>
    /// <value>Default 2 s; 50 ms to 30 s. Keep it below the timeout of the prober.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:30")]
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(2);
}
