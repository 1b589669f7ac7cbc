using System.ComponentModel.DataAnnotations;

namespace Realtime.Sockets;

/// <summary>WebSockets; configuration section <c>Sockets</c>.</summary>
internal sealed class SocketOptions : IValidatableObject
{
    public const string Section = "Sockets";

    /// <summary>Most WebSockets of this node; one more is answered with 503.</summary>
    /// <value>Default 20000; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Most WebSockets of one user on this node; one more is answered with 429.</summary>
    /// <value>Default 50: a person's devices and tabs, or a small fleet of one bot; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int MaxPerUser { get; set; } = 50;

    /// <summary>Most WebSockets of one tenant on this node.</summary>
    /// <value>Default 15000; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int MaxPerTenant { get; set; } = 15_000;

    /// <summary>Most WebSockets from one address on this node.</summary>
    /// <value>Default 5000: a large office behind one address; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int MaxPerAddress { get; set; } = 5_000;

    /// <summary>
    /// Origins that browsers may connect from; empty: any. Requests without an Origin header come from no browser and are not checked.
    /// </summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Longest message from a client, in bytes, all fragments together.</summary>
    /// <value>Default 48 KiB: the longest signal fits; 1 KiB to 1 MiB.</value>
    [Range(1_024, 1_024 * 1_024)]
    public int MaxFrameBytes { get; set; } = 48 * 1_024;

    /// <summary>Longest time from the first fragment of a message to its last.</summary>
    /// <value>Default 30 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A ping is sent when nothing was received for this long.</summary>
    /// <value>Default 25 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>A connection that sent nothing for this long, pongs included, is closed with 4004.</summary>
    /// <value>Default 60 s; 200 ms to 1 h; above <see cref="PingInterval"/>.</value>
    [Range(typeof(TimeSpan), "00:00:00.200", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the other side has to answer a close frame before the connection is cut.</summary>
    /// <value>Default 5 s; 10 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most subscriptions of a connection.</summary>
    /// <value>Default 200; 1 to 10000.</value>
    [Range(1, 10_000)]
    public int MaxSubscriptions { get; set; } = 200;

    /// <summary>Frames a second that a connection may send in the long run.</summary>
    /// <value>Default 50; 1 to 100000.</value>
    [Range(1, 100_000)]
    public int FramesPerSecond { get; set; } = 50;

    /// <summary>Frames that a connection may send at once after a pause.</summary>
    /// <value>Default 300, so that a client with all its subscriptions may resume; 1 to 100000.</value>
    [Range(1, 100_000)]
    public int FramesBurst { get; set; } = 300;

    /// <summary>Most frames that wait ahead of messages: signals, system events, answers.</summary>
    /// <value>Default 1024; 16 to 65536.</value>
    [Range(16, 65_536)]
    public int ControlFrames { get; set; } = 1_024;

    /// <summary>Most bytes that wait ahead of messages.</summary>
    /// <value>Default 1 MiB; 128 KiB to 64 MiB.</value>
    [Range(128 * 1_024, 64 * 1_024 * 1_024)]
    public int ControlBytes { get; set; } = 1_024 * 1_024;

    /// <summary>Write to the socket rather than through the server's buffers where that is possible (not with TLS).</summary>
    public bool DirectWrites { get; set; } = true;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IdleTimeout <= PingInterval)
        {
            yield return new ValidationResult($"must be above {nameof(PingInterval)}.", [nameof(IdleTimeout)]);
        }

        foreach (var origin in AllowedOrigins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
            {
                yield return new ValidationResult($"'{origin}' is no origin such as https://app.example.org.", [nameof(AllowedOrigins)]);
            }
        }
    }
}
