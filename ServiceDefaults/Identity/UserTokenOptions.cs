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

    /// <summary>Longest token, in characters.</summary>
    /// <value>Default 4096; 256 to 16384.</value>
    [Range(256, 16_384)]
    public int MaxTokenLength { get; set; } = 4_096;

    /// <summary>Most tokens that are remembered as rightly signed, at about 1 KiB each.</summary>
    /// <value>Default 20000; 0 (every request checks the signature) to 1000000.</value>
    [Range(0, 1_000_000)]
    public int CacheSize { get; set; } = 20_000;
}
