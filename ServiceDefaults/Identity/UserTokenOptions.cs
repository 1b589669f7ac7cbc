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

    /// <summary>Where the public keys are.</summary>
    /// <value>Default <c>http://session/.well-known/jwks.json</c>, resolved by service discovery.</value>
    [Required]
    public Uri KeysAddress { get; set; } = new("http://session/.well-known/jwks.json");

    /// <summary>How far clocks may differ.</summary>
    /// <value>Default 30 s; 0 to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Age at which the keys are read again in the background.</summary>
    /// <value>Default 5 min; 10 s to 1 day. A withdrawn key is trusted for this long at most while the issuer can be reached.</value>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan KeysRefresh { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Least time between two reads, however many unknown key ids come in.</summary>
    /// <value>Default 5 s; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan KeysRefreshFloor { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long keys stay trusted while the issuer cannot be reached.</summary>
    /// <value>Default 1 day; 1 min to 30 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan KeysMaxAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Longest life that a token may still have, and so how long the end of a session is remembered. Session's <c>Sessions:AccessTokenLifetime</c> must not be longer.
    /// </summary>
    /// <value>Default 15 min; 30 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often dbman is polled for ended sessions: every service refuses an ended session within this time.</summary>
    /// <value>Default 400 ms; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan RevocationPoll { get; set; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Most ended sessions that are remembered, at about 200 bytes each. Past it the oldest are forgotten, and counted.</summary>
    /// <value>Default 200000; 1 to 10000000.</value>
    [Range(1, 10_000_000)]
    public int MaxRevocations { get; set; } = 200_000;

    /// <summary>Longest token, in characters.</summary>
    /// <value>Default 4096; 256 to 16384.</value>
    [Range(256, 16_384)]
    public int MaxTokenLength { get; set; } = 4_096;

    /// <summary>Most tokens that are remembered as rightly signed, at about 1 KiB each.</summary>
    /// <value>Default 20000; 0 (every request checks the signature) to 1000000.</value>
    [Range(0, 1_000_000)]
    public int CacheSize { get; set; } = 20_000;
}
