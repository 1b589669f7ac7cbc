using System.ComponentModel.DataAnnotations;

namespace Layouts.Figures;

/// <summary>How figures of all nodes are read and shown; configuration section <c>Figures</c>.</summary>
internal sealed class FiguresOptions
{
    public const string Section = "Figures";

    /// <summary>How often figures are read while somebody looks at them.</summary>
    /// <value>Default 5 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Over how long rates and percentiles are shown: at least two reports, as the nodes do not report together.</summary>
    /// <value>Default 15 s; 100 ms to 10 min; at least two reports.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long reading continues after the last request: a page that is reloaded finds its charts filled.</summary>
    /// <value>Default 2 min; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Points of the charts that are kept; with the default of <see cref="Poll"/> ten minutes.</summary>
    /// <value>Default 120; 2 to 2000.</value>
    [Range(2, 2_000)]
    public int Points { get; set; } = 120;
}
