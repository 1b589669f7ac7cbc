using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Limits;

/// <summary>Bounds on what one caller can make the server hold; configuration section <c>Limits</c>.</summary>
public sealed class LimitsOptions
{
    internal const string Section = "Limits";

    /// <summary>Longest request body, in bytes, where the endpoint sets no other.</summary>
    /// <value>Default 1 MiB; 1 KiB to 1 GiB.</value>
    [Range(1_024, 1_024L * 1_024 * 1_024)]
    public long MaxBodyBytes { get; set; } = 1_024 * 1_024;

    /// <summary>Longest time for the headers to arrive: a connection that only trickles is closed.</summary>
    /// <value>Default 10 s; 1 s to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an idle connection is kept.</summary>
    /// <value>Default 2 min, longer than callers keep theirs, so that they and not we close first; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Most connections, WebSockets not counted.</summary>
    /// <value>Default 20000; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public long MaxConnections { get; set; } = 20_000;

    /// <summary>Most WebSockets.</summary>
    /// <value>Default 20000; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public long MaxWebSockets { get; set; } = 20_000;

    /// <summary>Longest time of a request where the endpoint sets no other, until its answer has been taken; WebSockets are exempt once they are open.</summary>
    /// <value>Default 30 s; 100 ms to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time for a body to arrive that is read as a whole, before the request takes anything else. Uploads have <see cref="MinBytesPerSecond"/> instead.</summary>
    /// <value>Default 10 s; 100 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes a second that a body must come at, and that an answer must be taken at, on average; otherwise the connection ends. WebSockets are exempt.</summary>
    /// <value>Default 2 KiB, which the slowest phone manages; 1 to 1 GiB.</value>
    [Range(1, 1_024L * 1_024 * 1_024)]
    public double MinBytesPerSecond { get; set; } = 2 * 1_024;
}
