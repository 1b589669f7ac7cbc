using System.ComponentModel.DataAnnotations;

namespace Realtime.Migration.Figures;

/// <summary>What nodes count and report, and how it is shown; configuration section <c>Figures</c>.</summary>
internal sealed class FiguresOptions : IValidatableObject
{
    public const string Section = "Figures";

    /// <summary>How often a heartbeat brings the node's figures. Not with every one: they are some kilobytes, and written to disk.</summary>
    /// <value>Default 5 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Report { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Over how long the hottest rooms are counted: long enough that a burst of a second is not a hot room, short enough to see one within half a minute.</summary>
    /// <value>Default 10 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan HotWindow { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Rooms that are counted at a time to find the hottest: each room with more than one event in so many is found, and counts are too high by as little.</summary>
    /// <value>Default 256; 32 to 65536.</value>
    [Range(32, 65_536)]
    public int SketchRooms { get; set; } = 256;

    /// <summary>How often figures are read while somebody looks at them.</summary>
    /// <value>Default 5 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Over how long rates and percentiles are shown: at least two reports, as the nodes do not report together.</summary>
    /// <value>Default 15 s; 100 ms to 10 min; at least two reports.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long reading goes on when nobody asks any more: a page that is reloaded finds its charts filled.</summary>
    /// <value>Default 2 min; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Points of the charts that are kept; with the default of <see cref="Poll"/> ten minutes.</summary>
    /// <value>Default 120; 2 to 2000.</value>
    [Range(2, 2_000)]
    public int Points { get; set; } = 120;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Window < Report * 2)
        {
            yield return new ValidationResult($"must be at least twice {nameof(Report)}.", [nameof(Window)]);
        }
    }
}
