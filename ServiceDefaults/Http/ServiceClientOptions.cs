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

    /// <summary>Longest time to connect.</summary>
    /// <value>Default 1 s; 10 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Age at which a pooled connection is replaced: so long a new replica may wait for its share of the traffic.</summary>
    /// <value>Default 30 s; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromSeconds(30);

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
    }
}
