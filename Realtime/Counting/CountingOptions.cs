using System.ComponentModel.DataAnnotations;

namespace Realtime.Counting;

/// <summary>What a node counts and reports; configuration section <c>Figures</c>, as everything about figures.</summary>
internal sealed class CountingOptions
{
    public const string Section = "Figures";

    /// <summary>How often a heartbeat brings the node's figures. Not with every one: they are some kilobytes, and written to disk.</summary>
    /// <value>Default 5 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Report { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Over how long the hottest rooms are counted: long enough that a burst of a second is not a hot room, short enough to see one within half a
    /// minute.
    /// </summary>
    /// <value>Default 10 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan HotWindow { get; set; } = TimeSpan.FromSeconds(10);
}
