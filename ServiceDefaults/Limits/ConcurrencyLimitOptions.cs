using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Limits;

/// <summary>How many requests run at once, how many wait, and what part of that one caller may have; configuration section <c>Concurrency:NAME</c>.</summary>
public sealed class ConcurrencyLimitOptions
{
    internal const string Section = "Concurrency";

    /// <summary>Most requests that run at once.</summary>
    /// <value>Default 128; 1 to 100000.</value>
    [Range(1, 100_000)]
    public int Permits { get; set; } = 128;

    /// <summary>Most requests that wait for their turn; one more is refused at once.</summary>
    /// <value>Default 256; 0 to 100000.</value>
    [Range(0, 100_000)]
    public int Queue { get; set; } = 256;

    /// <summary>Longest wait; past it the caller has given up, or should.</summary>
    /// <value>Default 1 s; 1 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Part of the permits, and of the queue, that one user may have. At least one of each.</summary>
    /// <value>Default 0.125; 0.001 to 1.</value>
    [Range(0.001, 1)]
    public double UserShare { get; set; } = 0.125;

    /// <summary>Part that one tenant may have.</summary>
    /// <value>Default 0.75; 0.001 to 1. Where there is one tenant, 1.</value>
    [Range(0.001, 1)]
    public double TenantShare { get; set; } = 0.75;

    /// <summary>Part that callers from one address may have, all together.</summary>
    /// <value>Default 0.75; 0.001 to 1. Where all callers come from one address, 1.</value>
    [Range(0.001, 1)]
    public double AddressShare { get; set; } = 0.75;

    /// <summary>
    /// Bytes per second that a client must send or receive to keep its permit while others wait for one. While nobody waits,
    /// <see cref="LimitsOptions"/> alone apply.
    /// </summary>
    /// <value>Default 32 KiB; 1 to 1 GiB.</value>
    [Range(1, 1_024L * 1_024 * 1_024)]
    public long MinBytesPerSecond { get; set; } = 32 * 1_024;

    /// <summary>Time over which that rate is taken. Only time counts in which the server waits for the other side.</summary>
    /// <value>Default 5 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(5);
}
