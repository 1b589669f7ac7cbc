using System.ComponentModel.DataAnnotations;

namespace Dbman.Requests;

/// <summary>How many requests may hold a connection at once; configuration section <c>Dbman:Concurrency</c>. Appends are bounded by the commit queue instead.</summary>
internal sealed class ConcurrencyOptions
{
    public const string Section = "Dbman:Concurrency";

    /// <summary>Concurrent requests. With heartbeats and the commit lanes they fit into the pool, so that no request waits inside it.</summary>
    /// <value>Default 13; 1 to 500.</value>
    [Range(1, 500)]
    public int Requests { get; set; } = 13;

    /// <summary>
    /// Concurrent heartbeats of realtime nodes, in addition to <see cref="Requests"/>: behind a backlog of other requests they would come too late,
    /// and all nodes would stop publishing because dbman is busy. Each takes a few milliseconds.
    /// </summary>
    /// <value>Default 1; 1 to 100.</value>
    [Range(1, 100)]
    public int Heartbeats { get; set; } = 1;

    /// <summary>Requests that wait for their turn, and as many heartbeats; the next one is refused.</summary>
    /// <value>Default 512; 0 to 100000.</value>
    [Range(0, 100_000)]
    public int Queue { get; set; } = 512;
}
