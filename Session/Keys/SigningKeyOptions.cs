using System.ComponentModel.DataAnnotations;

namespace Session.Keys;

/// <summary>How signing keys come and go; configuration section <c>SigningKeys</c>.</summary>
internal sealed class SigningKeyOptions
{
    public const string Section = "SigningKeys";

    /// <summary>How long a key signs.</summary>
    /// <value>Default 7 days; 2 h to 365 days.</value>
    [Range(typeof(TimeSpan), "02:00:00", "365.00:00:00")]
    public TimeSpan SigningPeriod { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Age of what the JWKS and the readiness probe answer from: a key that another replica made is seen within this time.</summary>
    /// <value>Default 5 s; 0 to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Freshness { get; set; } = TimeSpan.FromSeconds(5);
}
