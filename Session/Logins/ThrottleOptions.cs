using System.ComponentModel.DataAnnotations;

namespace Session.Logins;

/// <summary>
/// How guessing is slowed down; configuration section <c>LoginThrottle</c>. The counts of a name are kept by dbman, so they hold across replicas; what one address may do wrong in all is
/// counted by each replica.
/// </summary>
internal sealed class ThrottleOptions : IValidatableObject
{
    public const string Section = "LoginThrottle";

    /// <summary>Failures in a row of one address, device or session after which it is locked out of a user name.</summary>
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

    /// <summary>
    /// Failures of all unknown addresses together after which they are all locked out of a user name. Devices that were signed in before, and sessions, are not. One address alone does not
    /// get there, as its own locks grow.
    /// </summary>
    /// <value>Default 100; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int NameLockAfter { get; set; } = 100;

    /// <summary>Failed logins that one address may have at once, counting all names, on one replica.</summary>
    /// <value>Default 50: an office behind one address on a Monday; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int AddressFailures { get; set; } = 50;

    /// <summary>Time after which an address regains one failure.</summary>
    /// <value>Default 20 s; 10 ms to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan AddressFailureInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Attempts of one source on one user name that may wait for each other on one replica; one more is answered 429.</summary>
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
