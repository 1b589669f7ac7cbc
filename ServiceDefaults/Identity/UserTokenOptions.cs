using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Identity;

/// <summary>How users' access tokens are checked; configuration section <c>UserTokens</c>.</summary>
public sealed class UserTokenOptions
{
    internal const string Section = "UserTokens";

    /// <summary>Who must have issued the token.</summary>
    [Required, MinLength(1)]
    public string Issuer { get; set; } = "session";

    /// <summary>Whom the token must be for.</summary>
    [Required, MinLength(1)]
    public string Audience { get; set; } = "chat";

    /// <summary>
    /// Longest life that a token may still have, and so how long the end of a session is remembered. Session's <c>Sessions:AccessTokenLifetime</c> must not be longer.
    /// </summary>
    /// <value>Default 15 min; 30 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Most ended sessions that are remembered, at about 200 bytes each. Past it the oldest are forgotten, and counted.</summary>
    /// <value>Default 200000; 1 to 10000000.</value>
    [Range(1, 10_000_000)]
    public int MaxRevocations { get; set; } = 200_000;

    /// <summary>Most tokens that are remembered as rightly signed, at about 1 KiB each.</summary>
    /// <value>Default 20000; 0 (every request checks the signature) to 1000000.</value>
    [Range(0, 1_000_000)]
    public int CacheSize { get; set; } = 20_000;
}
