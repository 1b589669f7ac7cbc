using System.ComponentModel.DataAnnotations;

namespace Dbman.Figures;

/// <summary>How this replica says what it has counted; configuration section <c>Dbman:Figures</c>.</summary>
internal sealed class FiguresOptions
{
    public const string Section = "Dbman:Figures";

    /// <summary>How often it writes its row: one small statement without a write to the log.</summary>
    /// <value>Default 5 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Report { get; set; } = TimeSpan.FromSeconds(5);
}
