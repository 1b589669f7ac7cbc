using System.ComponentModel.DataAnnotations;

namespace Session.Keys;

/// <summary>How signing keys come and go; configuration section <c>SigningKeys</c>.</summary>
internal sealed class SigningKeyOptions : IValidatableObject
{
    public const string Section = "SigningKeys";

    /// <summary>How long a key signs.</summary>
    /// <value>Default 7 days; 1 h to 365 days; at least four times <see cref="PublishAhead"/>.</value>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan SigningPeriod { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a key is published before it signs: by then every validator has read it.</summary>
    /// <value>Default 30 min; 1 min to 30 days. Keep it above <see cref="JwksMaxAge"/> plus the validators' refresh.</value>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan PublishAhead { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a key stays published after the last token it signed has expired: room for clocks that differ.</summary>
    /// <value>Default 5 min; 0 to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan PublishAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the stored keys are read.</summary>
    /// <value>Default 1 min; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Wait after a reading that failed.</summary>
    /// <value>Default 2 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Age of what the JWKS and the readiness probe answer from: a key that another replica made is seen within this time.</summary>
    /// <value>Default 5 s; 0 to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Freshness { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long others may cache the JWKS.</summary>
    /// <value>Default 5 min; 0 to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan JwksMaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SigningPeriod < PublishAhead * 4)
        {
            yield return new ValidationResult($"must be at least four times {nameof(PublishAhead)}.", [nameof(SigningPeriod)]);
        }

        if (PublishAhead <= JwksMaxAge)
        {
            yield return new ValidationResult($"must be above {nameof(JwksMaxAge)}.", [nameof(PublishAhead)]);
        }
    }
}
