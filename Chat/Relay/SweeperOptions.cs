using System.ComponentModel.DataAnnotations;

namespace Chat.Relay;

/// <summary>How messages that the relay did not publish are found; configuration section <c>Sweeper</c>.</summary>
internal sealed class SweeperOptions
{
    public const string Section = "Sweeper";

    /// <summary>Mean time between two rounds; each wait is spread from half to one and a half of it, so that replicas do not sweep together.</summary>
    /// <value>Default 2 s; 10 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a room's position must have stayed behind before anybody but the relay cares.</summary>
    /// <value>Default 5 s; 0 to 10 min. Much longer than the relay's mark interval, or its messages are published twice.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a claimed room belongs to this replica; what is not repaired by then anybody may claim.</summary>
    /// <value>Default 10 s; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Claim { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages of one page, read from history in one call; long ones are published in several.</summary>
    /// <value>Default 200; 1 to 500.</value>
    [Range(1, Contracts.Limits.HistoryPage)]
    public int PageSize { get; set; } = 200;

    /// <summary>Longest wait between rounds while they fail.</summary>
    /// <value>Default 30 s; 10 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(30);
}
