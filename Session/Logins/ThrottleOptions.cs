using System.ComponentModel.DataAnnotations;

namespace Session.Logins;

/// <summary>How guessing is slowed down; configuration section <c>LoginThrottle</c>. The count is kept by dbman, so it holds across replicas.</summary>
internal sealed class ThrottleOptions : IValidatableObject
{
    public const string Section = "LoginThrottle";

    /// <summary>Failures in a row after which a user name is locked.</summary>
    /// <value>Default 5; 1 to 1000.</value>
    [Range(1, 1_000)]
    public int LockAfter { get; set; } = 5;

    /// <summary>First lock; doubles with each further failure.</summary>
    /// <value>Default 30 s; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan FirstLock { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest lock.</summary>
    /// <value>Default 15 min; 1 s to 7 days; not below <see cref="FirstLock"/>.</value>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan LongestLock { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Attempts on one user name that may wait for each other on one replica; one more is answered 429.</summary>
    /// <value>Default 16; 0 to 1000.</value>
    [Range(0, 1_000)]
    public int MaxWaiting { get; set; } = 16;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LongestLock < FirstLock)
        {
            yield return new ValidationResult($"must not be below {nameof(FirstLock)}.", [nameof(LongestLock)]);
        }
    }
}
