using System.ComponentModel.DataAnnotations;

namespace Layouts.Console.Overview;

/// <summary>
/// What counts as well, over the last minute; configuration section <c>Console:Overview</c>. The defaults are the bounds of the alerts in
/// <c>deploy/monitoring</c>.
/// </summary>
internal sealed class OverviewOptions
{
    public const string Section = "Console:Overview";

    /// <summary>Part of requests and copies that may fail before it is unwell; from a tenth of it on it is degraded.</summary>
    /// <value>Default 0.01; 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double MaxFailures { get; set; } = 0.01;

    /// <summary>95th percentile of dbman's requests beyond which it is slow.</summary>
    /// <value>Default 250 ms; 1 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan SlowRequest { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>99th percentile of publishing beyond which it is slow.</summary>
    /// <value>Default 100 ms; 1 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan SlowPublish { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Dropped and fetched again against delivered, and slow consumers against sockets, beyond which somebody should look.</summary>
    /// <value>Default 0.01; 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double MaxLost { get; set; } = 0.01;
}
