using System.ComponentModel.DataAnnotations;

namespace Dashboard.Overview;

/// <summary>What counts as well.</summary>
internal sealed class OverviewOptions
{
    public const string Section = "Dashboard:Overview";

    /// <summary>Part of a service's requests that may fail (5xx) or time out before it is not well.</summary>
    /// <value>The default is 0.01; from 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double MaxFailures { get; set; } = 0.01;

    /// <summary>Requests of the last minute below which a part says nothing.</summary>
    /// <value>The default is 20; from 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int LeastRequests { get; set; } = 20;

    /// <summary>95th percentile of dbman's requests beyond which it is slow.</summary>
    /// <value>The default is 250 ms; from 1 ms to 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan SlowRequest { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>99th percentile of handing a batch to the broker beyond which publishing is slow.</summary>
    /// <value>The default is 100 ms; from 1 ms to 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan SlowPublish { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Part of deliveries that had to be fetched again beyond which the broker loses too much.</summary>
    /// <value>The default is 0.01; from 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double MaxRetransmissions { get; set; } = 0.01;
}
