using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Limits;

/// <summary>How many requests run at once, and how many wait; configuration section <c>Concurrency:NAME</c>.</summary>
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

    /// <summary>What a refused caller is told to wait.</summary>
    /// <value>Default 1 s; 1 s to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);
}
