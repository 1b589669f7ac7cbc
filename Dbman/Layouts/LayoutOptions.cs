using System.ComponentModel.DataAnnotations;

namespace Dbman.Layouts;

/// <summary>Bounds of channel layouts; configuration section <c>Dbman:Layouts</c>.</summary>
internal sealed class LayoutOptions
{
    public const string Section = "Dbman:Layouts";

    /// <summary>Most scopes with a layout of their own: a node that starts gets all of them in one answer.</summary>
    /// <value>Default 5000; 1 to 100000.</value>
    [Range(1, 100_000)]
    public int MaxScopes { get; set; } = 5_000;

    /// <summary>Most goals at a time: all of them are one answer.</summary>
    /// <value>Default 1000; 1 to 100000.</value>
    [Range(1, 100_000)]
    public int MaxGoals { get; set; } = 1_000;
}
