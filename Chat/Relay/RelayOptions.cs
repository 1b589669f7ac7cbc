using System.ComponentModel.DataAnnotations;

namespace Chat.Relay;

/// <summary>How committed messages get to Realtime; configuration section <c>Relay</c>.</summary>
internal sealed class RelayOptions
{
    public const string Section = "Relay";

    /// <summary>Number of queues, each with one publish call in flight. A room always uses the same one.</summary>
    /// <value>Default 4; 1 to 64.</value>
    [Range(1, 64)]
    public int Lanes { get; set; } = 4;

    /// <summary>Most messages that wait in one lane; further ones are left to the sweeper.</summary>
    /// <value>Default 4096; 1 to 100000. A message takes at most about 20 KB of memory.</value>
    [Range(1, 100_000)]
    public int LaneCapacity { get; set; } = 4_096;

    /// <summary>Most messages of one publish call.</summary>
    /// <value>Default 256; 1 to 512.</value>
    [Range(1, Contracts.Limits.PublishBatch)]
    public int MaxBatch { get; set; } = 256;

    /// <summary>Most bytes of one publish call, estimated from above; one message alone may exceed it.</summary>
    /// <value>Default 1 MiB; 1 KiB to 8 MiB. Below what Realtime accepts.</value>
    [Range(1_024, 8 * 1_024 * 1_024)]
    public int MaxBatchBytes { get; set; } = 1_024 * 1_024;

    /// <summary>Calls for one batch, the first included; after that its messages are left to the sweeper.</summary>
    /// <value>Default 8; 1 to 100.</value>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 8;

    /// <summary>Wait after the first refused call; doubles with each further one.</summary>
    /// <value>Default 50 ms; 1 ms to 10 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait between two calls for one batch.</summary>
    /// <value>Default 2 s; 1 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often relayed ranges are reported to dbman.</summary>
    /// <value>Default 200 ms; 10 ms to 10 s. Stay well below the sweeper's grace time.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan MarkInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the shutdown waits for the queues to be published and reported.</summary>
    /// <value>Default 10 s; 0 to 5 min; the drain timeout bounds it too.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
