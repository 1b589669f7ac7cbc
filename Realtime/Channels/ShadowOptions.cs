using System.ComponentModel.DataAnnotations;

namespace Realtime.Channels;

/// <summary>Comparing the copies of events in the stage Shadow; configuration section <c>Shadow</c>.</summary>
internal sealed class ShadowOptions
{
    public const string Section = "Shadow";

    /// <summary>Share of rooms, in per mille, that are compared; chosen by a stable hash, so that every node compares the same ones.</summary>
    /// <value>Default 100; 0 to 1000.</value>
    [Range(0, 1_000)]
    public int SamplePerMille { get; set; } = 100;

    /// <summary>How long the second copy may take before the event counts as missing on one side.</summary>
    /// <value>Default 5 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(5);
}
