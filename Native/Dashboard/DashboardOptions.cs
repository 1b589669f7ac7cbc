using System.ComponentModel.DataAnnotations;

namespace Dashboard;

/// <summary>What the engine tells its dashboard, as Dashboard__Name in the environment.</summary>
internal sealed class DashboardOptions
{
    /// <value>Where the engine answers.</value>
    [Required]
    public Uri? EngineAddress { get; set; }

    /// <value>What the engine wants to be shown.</value>
    [Required]
    [MinLength(16)]
    public string EngineKey { get; set; } = string.Empty;

    /// <value>What whoever sends telemetry has to show.</value>
    [Required]
    [MinLength(16)]
    public string OtlpKey { get; set; } = string.Empty;

    /// <value>Where sessions' keys are kept, so that they outlive a restart of this process; gone with the run. Without one they do not.</value>
    public string? StateFolder { get; set; }

    /// <value>Pages that are open at once, 1 to 200. Default 20: each costs memory for what it shows.</value>
    [Range(1, 200)]
    public int MostPages { get; set; } = 20;

    /// <value>Lines of an output that a page keeps to scroll and search in, 1 000 to 100 000. Default 10 000.</value>
    [Range(1_000, 100_000)]
    public int LinesOfAPage { get; set; } = 10_000;
}
