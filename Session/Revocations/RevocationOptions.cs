using System.ComponentModel.DataAnnotations;

namespace Session.Revocations;

/// <summary>How Realtime is notified of revoked sessions; configuration section <c>Revocations</c>.</summary>
internal sealed class RevocationOptions
{
    public const string Section = "Revocations";

    /// <summary>Notices that may wait; one more is dropped and counted: the sockets then end when their token expires.</summary>
    /// <value>Default 1000; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; set; } = 1_000;

    /// <summary>Notices that are sent at once.</summary>
    /// <value>Default 4; 1 to 64.</value>
    [Range(1, 64)]
    public int Senders { get; set; } = 4;

    /// <summary>Attempts for one notice.</summary>
    /// <value>Default 5; 1 to 100.</value>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Wait before the second attempt; doubles, with jitter.</summary>
    /// <value>Default 250 ms; 1 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Time at shutdown for what is still queued.</summary>
    /// <value>Default 3 s; 0 to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(3);
}
