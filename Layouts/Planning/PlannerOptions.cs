using System.ComponentModel.DataAnnotations;
using Contracts.Layouts;

namespace Layouts.Planning;

/// <summary>How many shards hot rooms should have; configuration section <c>Planner</c>.</summary>
internal sealed class PlannerOptions : IValidatableObject
{
    public const string Section = "Planner";

    /// <summary>Whether the driver sets what the planner proposes as goals of rooms.</summary>
    /// <value>Default false: proposals are shown and written down, and nothing is done.</value>
    public bool Apply { get; set; }

    /// <summary>
    /// Part of one core that a Redis master may work for one room; a room that takes more gets more shards, where they take load off its busiest
    /// master. Of what a master has: where it may use less than a core, a quarter of that.
    /// </summary>
    /// <value>Default 0.25; 0.001 to 1.</value>
    [Range(0.001, 1)]
    public double MasterShare { get; set; } = 0.25;

    /// <summary>
    /// Messages a second of one room on one Redis master at which it should get more shards, while it is not known what an event costs Redis: no
    /// master answers INFO, or nobody has published for a while. Where the masters of its shards are not known either, messages a second on a shard.
    /// </summary>
    /// <value>Default 500; 0.1 to 1000000.</value>
    [Range(0.1, 1_000_000)]
    public double MessagesPerShard { get; set; } = 500;

    /// <summary>
    /// How often a room's rate is judged; at least as long as the nodes' windows (<c>Figures:HotWindow</c>), so that each is a new one.
    /// </summary>
    /// <value>Default 15 s; 100 ms to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Windows in a row that must ask for more shards; and windows that must not, before a proposal is withdrawn.</summary>
    /// <value>Default 3; 1 to 1000.</value>
    [Range(1, 1_000)]
    public int GrowWindows { get; set; } = 3;

    /// <summary>Windows in a row that must do with fewer: giving up costs nothing to put off.</summary>
    /// <value>Default 20; 1 to 10000.</value>
    [Range(1, 10_000)]
    public int ShrinkWindows { get; set; } = 20;

    /// <summary>How long a room is left alone after its number of shards has changed.</summary>
    /// <value>Default 10 min; 0 to 7 days.</value>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan CoolDown { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Most shards that are proposed.</summary>
    /// <value>Default 64; 1 to 64, a power of two.</value>
    [Range(1, LayoutRules.MaxShards)]
    public int MaxShards { get; set; } = LayoutRules.MaxShards;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((MaxShards & (MaxShards - 1)) != 0)
        {
            yield return new ValidationResult("must be a power of two.", [nameof(MaxShards)]);
        }
    }
}
