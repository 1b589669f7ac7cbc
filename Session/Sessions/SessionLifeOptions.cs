using System.ComponentModel.DataAnnotations;
using Contracts;

namespace Session.Sessions;

/// <summary>How long sessions and their tokens live; configuration section <c>Sessions</c>.</summary>
internal sealed class SessionLifeOptions
{
    public const string Section = "Sessions";

    /// <summary>Life of an access token. Not longer than <c>UserTokens:MaxLifetime</c> of every service: for that long each remembers that a session was ended.</summary>
    /// <value>Default 10 min; 30 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Absolute life of a session, however often it is refreshed.</summary>
    /// <value>Default 30 days; 1 min to 365 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Live sessions of a user; one more ends the oldest.</summary>
    /// <value>Default 50; 1 to 200.</value>
    [Range(1, Limits.Page)]
    public int MaxPerUser { get; set; } = 50;
}
