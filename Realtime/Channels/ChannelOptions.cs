using System.ComponentModel.DataAnnotations;

namespace Realtime.Channels;

/// <summary>Rooms' channels on the broker; configuration section <c>Channels</c>.</summary>
internal sealed class ChannelOptions
{
    public const string Section = "Channels";

    /// <summary>
    /// Whether the broker is a Redis Cluster, where sharded pub/sub (SPUBLISH, SSUBSCRIBE) spreads channels over the masters; plain pub/sub would be
    /// repeated to every one of them. Configured, not detected: nodes that detected differently would not reach each other.
    /// </summary>
    /// <value>Default false.</value>
    public bool Cluster { get; set; }

    /// <summary>
    /// How long a node stays subscribed to a channel that it no longer needs. An event may reach its channels in either order, and its publisher may
    /// take as long as a command's timeout: longer than that.
    /// </summary>
    /// <value>Default 10 s; 100 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Overlap { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a node asks the cluster's masters which slots they own, and checks its subscriptions there. A lost connection or a moved slot
    /// triggers the check at once; the interval is for silent changes, such as a replica that takes over from a living master.
    /// </summary>
    /// <value>Default 1 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ClusterLook { get; set; } = TimeSpan.FromSeconds(1);
}
