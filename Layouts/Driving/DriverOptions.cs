using System.ComponentModel.DataAnnotations;

namespace Layouts.Driving;

/// <summary>How layouts are driven to their goals; configuration section <c>Driver</c>.</summary>
internal sealed class DriverOptions : IValidatableObject
{
    public const string Section = "Driver";

    /// <summary>How often a node asks whether it is to drive, and the one that drives whether there are goals; news are announced besides.</summary>
    /// <value>Default 2 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a driver that died is waited for.</summary>
    /// <value>Default 10 s; 1 s to 2 min; at least three intervals.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After a step: when it is first asked whether all nodes have applied it. Doubles with each time that they have not, up to
    /// <see cref="Interval"/>.
    /// </summary>
    /// <value>Default 100 ms; 10 ms to 10 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan FirstLook { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A step that waits for longer goes into the history of decisions, with the nodes that it waits for.</summary>
    /// <value>Default 15 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Lease < Interval * 3)
        {
            yield return new ValidationResult($"must be at least three times {nameof(Interval)}.", [nameof(Lease)]);
        }
    }
}
