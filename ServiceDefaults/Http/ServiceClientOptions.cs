using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Http;

/// <summary>
/// How other services are called. The section <c>ServiceClients</c> holds for all of them; <c>ServiceClients:NAME</c> overrides it for one.
/// </summary>
public sealed class ServiceClientOptions : IValidatableObject
{
    internal const string Section = "ServiceClients";

    /// <summary>Longest time of one attempt, body included.</summary>
    /// <value>Default 2 s; 50 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest time of a call, all attempts and waits together.</summary>
    /// <value>Default 6 s; 50 ms to 10 min; not below <see cref="AttemptTimeout"/>.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Most repetitions of a safe or idempotent call.</summary>
    /// <value>Default 2; 0 to 5.</value>
    [Range(0, 5)]
    public int MaxRetries { get; set; } = 2;

    /// <summary>Wait before the first repetition; doubles, with jitter.</summary>
    /// <value>Default 100 ms; 1 ms to 10 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest Retry-After that is waited out; a longer one goes to the caller at once.</summary>
    /// <value>Default 2 s; 0 to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Share of failed attempts that opens the circuit.</summary>
    /// <value>Default 0.5; 0.05 to 1.</value>
    [Range(0.05, 1.0)]
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>Attempts within <see cref="BreakerSampling"/> below which the circuit stays closed.</summary>
    /// <value>Default 20; 2 to 10000.</value>
    [Range(2, 10_000)]
    public int BreakerMinimumThroughput { get; set; } = 20;

    /// <summary>Window over which failures are counted.</summary>
    /// <value>Default 10 s; 500 ms to 5 min; at least twice <see cref="AttemptTimeout"/>.</value>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:05:00")]
    public TimeSpan BreakerSampling { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an open circuit refuses before it lets one attempt through.</summary>
    /// <value>Default 1 s, so that a dependency that is back is used again soon; 500 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:01:00")]
    public TimeSpan BreakerBreak { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most calls in flight; one more is refused at once.</summary>
    /// <value>Default 1000; 1 to 100000.</value>
    [Range(1, 100_000)]
    public int MaxInFlight { get; set; } = 1_000;

    /// <summary>Longest time to connect.</summary>
    /// <value>Default 1 s; 10 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Age at which a pooled connection is replaced: so long a new replica may wait for its share of the traffic.</summary>
    /// <value>Default 30 s; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time after which an idle connection is closed.</summary>
    /// <value>Default 20 s; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ConnectionIdleTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Most connections to one address.</summary>
    /// <value>Default 128; 1 to 10000.</value>
    [Range(1, 10_000)]
    public int MaxConnectionsPerServer { get; set; } = 128;

    /// <summary>Longest response body, in bytes.</summary>
    /// <value>Default 32 MiB: a full page of the longest messages fits, each character escaped to six bytes; 1 KiB to 256 MiB.</value>
    [Range(1_024, 256 * 1_024 * 1_024)]
    public int MaxResponseBytes { get; set; } = 32 * 1_024 * 1_024;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TotalTimeout < AttemptTimeout)
        {
            yield return new ValidationResult($"must not be below {nameof(AttemptTimeout)}.", [nameof(TotalTimeout)]);
        }

        if (BreakerSampling < AttemptTimeout * 2)
        {
            yield return new ValidationResult($"must be at least twice {nameof(AttemptTimeout)}.", [nameof(BreakerSampling)]);
        }
    }
}
