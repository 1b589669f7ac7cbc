using System.ComponentModel.DataAnnotations;

namespace Dbman.Housekeeping;

/// <summary>How rows that are no longer needed are removed; configuration section <c>Dbman:Housekeeping</c>.</summary>
internal sealed class HousekeepingOptions
{
    public const string Section = "Dbman:Housekeeping";

    /// <summary>Time between two rounds of one replica.</summary>
    /// <value>Default 10 min; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a session is remembered after its end, with every refresh token it had: until then reuse can be distinguished from an unknown token.
    /// </summary>
    /// <value>Default 7 days; 0 to 365 days.</value>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan KeepSessions { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long failed logins of a name are remembered after the last one.</summary>
    /// <value>Default 2 days; 1 min to 365 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan KeepAttempts { get; set; } = TimeSpan.FromDays(2);

    /// <summary>How long a realtime node is shown after its last sign of life. One that comes back later is a new one.</summary>
    /// <value>Default 1 day; 1 min to 365 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan KeepNodes { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a replica of dbman that died is shown after its last report.</summary>
    /// <value>Default 10 min; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan KeepReplicas { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Decisions about channel layouts that are kept: the newest ones.</summary>
    /// <value>Default 5000; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int KeepDecisions { get; set; } = 5_000;

    /// <summary>Rows removed in one transaction; a round continues until it finds fewer.</summary>
    /// <value>Default 500; 1 to 10000.</value>
    [Range(1, 10_000)]
    public int Batch { get; set; } = 500;
}
