using System.ComponentModel.DataAnnotations;

namespace Dbman.Housekeeping;

/// <summary>How rows that are no longer needed are removed; configuration section <c>Dbman:Housekeeping</c>.</summary>
internal sealed class HousekeepingOptions
{
    public const string Section = "Dbman:Housekeeping";

    /// <summary>
    /// How long a session is remembered after its end, with every refresh token it had: until then reuse can be distinguished from an unknown token.
    /// </summary>
    /// <value>Default 7 days; 0 to 365 days.</value>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan KeepSessions { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Decisions about channel layouts that are kept: the newest ones.</summary>
    /// <value>Default 5000; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int KeepDecisions { get; set; } = 5_000;

    /// <summary>Rows removed in one transaction; a round continues until it finds fewer.</summary>
    /// <value>Default 500; 1 to 10000.</value>
    [Range(1, 10_000)]
    public int Batch { get; set; } = 500;
}
