using System.ComponentModel.DataAnnotations;

namespace Fileman.Reaping;

/// <summary>How contents that can no longer be read are removed; configuration section <c>Reaper</c>.</summary>
internal sealed class ReaperOptions
{
    public const string Section = "Reaper";

    /// <summary>Mean time between two rounds; each wait is spread from half to one and a half of it, so that replicas do not reap together.</summary>
    /// <value>Default 30 s; 10 ms to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);
}
