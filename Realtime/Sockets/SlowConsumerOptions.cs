using System.ComponentModel.DataAnnotations;

namespace Realtime.Sockets;

/// <summary>When a connection that reads slowly is given up; configuration section <c>SlowConsumer</c>.</summary>
internal sealed class SlowConsumerOptions
{
    public const string Section = "SlowConsumer";

    /// <summary>A connection whose socket took nothing for this long is closed with 4002.</summary>
    /// <value>Default 20 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Messages that a connection may fall behind in a room, beyond what it had to catch up when it subscribed, while its socket is full.
    /// </summary>
    /// <value>Default 100000; 1 to 100000000.</value>
    [Range(1, 100_000_000)]
    public long MaxLag { get; set; } = 100_000;
}
