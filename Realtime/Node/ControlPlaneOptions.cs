using System.ComponentModel.DataAnnotations;

namespace Realtime.Node;

/// <summary>How a node keeps in touch with the control plane; configuration section <c>ControlPlane</c>.</summary>
internal sealed class ControlPlaneOptions : IValidatableObject
{
    public const string Section = "ControlPlane";

    /// <summary>Interval of a node's heartbeats; changes are announced as well, and arrive at once.</summary>
    /// <value>Default 2 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a node acts on what it knows without an answer of the control plane. Longer: survives longer outages of dbman. Shorter: changes wait
    /// less for a node that died.
    /// </summary>
    /// <value>Default 20 s; 1 s to 2 min; at least three heartbeats.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a node may take to apply a change before it gives its lease up and lets the others continue: its broker connection is gone, for
    /// example.
    /// </summary>
    /// <value>Default 30 s; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ApplyPatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Lease < Heartbeat * 3)
        {
            yield return new ValidationResult($"must be at least three times {nameof(Heartbeat)}.", [nameof(Lease)]);
        }
    }
}
