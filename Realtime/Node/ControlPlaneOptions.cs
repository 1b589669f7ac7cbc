using System.ComponentModel.DataAnnotations;

namespace Realtime.Node;

/// <summary>How a node keeps in touch with the control plane; configuration section <c>ControlPlane</c>.</summary>
internal sealed class ControlPlaneOptions : IValidatableObject
{
    public const string Section = "ControlPlane";

    /// <summary>How often a node shows that it lives; changes are announced besides, and heard at once.</summary>
    /// <value>Default 2 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a node acts on what it knows without hearing from the control plane. Longer: outages of dbman are ridden out. Shorter: changes wait
    /// less long for a node that died.
    /// </summary>
    /// <value>Default 20 s; 1 s to 2 min; at least three heartbeats.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a node may take to apply a change before it gives its lease up and lets the others go on: its broker connection is gone, for example.
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
