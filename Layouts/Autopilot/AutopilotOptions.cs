using System.ComponentModel.DataAnnotations;
using Contracts.Layouts;
using Realtime.Channels;

namespace Layouts.Autopilot;

/// <summary>When the autopilot leaves a stage, and when it goes back; configuration section <c>Autopilot</c>.</summary>
internal sealed class AutopilotOptions : IValidatableObject
{
    public const string Section = "Autopilot";

    private static readonly int[] DefaultPerMille = [10, 50, 250, 1_000];

    /// <summary>
    /// How long after a step nothing is counted yet: rooms are still being moved, and what was published before shows in figures afterwards. Longer
    /// than <see cref="ShadowOptions.Window"/>, after which a copy that never came is counted.
    /// </summary>
    /// <value>Default 10 s; 0 to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long all gates have to hold before a stage is left: a few of the cycles in which load comes and goes, and enough to notice that something
    /// is wrong.
    /// </summary>
    /// <value>Default 5 min; 100 ms to 7 days.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan Soak { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long the gates are watched in sharded before the goal counts as reached: no stage follows, but a rollback may.
    /// </summary>
    /// <value>Default 15 min; 100 ms to 7 days.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan Watch { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Shares of rooms that are canaries, one after the other, of 1000.</summary>
    /// <value>Default 10, 50, 250, 1000; up to 16 numbers from 1 to 1000, each greater than the one before.</value>
    public int[]? CanaryPerMille { get; set; }

    /// <summary>Where it goes when a gate breaks.</summary>
    /// <value>Default shadow: nobody listens to the shards, and parity is still measured; or legacy.</value>
    [RegularExpression($"^({LayoutStages.Shadow}|{LayoutStages.Legacy})$")]
    public string RollBackTo { get; set; } = LayoutStages.Shadow;

    /// <summary>Fewest compared events from which parity is judged: among fewer, one missing event would already break it.</summary>
    /// <value>Default 1000; 1 to 10000000.</value>
    [Range(1, 10_000_000)]
    public long MinCompared { get; set; } = 1_000;

    /// <summary>Events whose copies match, of those that were compared. Less than 1, as the broker may lose a copy with a connection.</summary>
    /// <value>Default 0.999; 0.5 to 1.</value>
    [Range(0.5, 1)]
    public double MinParity { get; set; } = 0.999;

    /// <summary>
    /// Fewest published copies of the scope from which latency and failures are judged: a 99th percentile of fewer is chance.
    /// </summary>
    /// <value>Default 1000; 1 to 10000000.</value>
    [Range(1, 10_000_000)]
    public long MinPublished { get; set; } = 1_000;

    /// <summary>
    /// How much slower the slowest hundredth of the copies on shards may be than that of the legacy copies of the same events. Measured within a
    /// fifth.
    /// </summary>
    /// <value>Default 1.5; 1 to 100.</value>
    [Range(1, 100)]
    public double MaxLatencyRatio { get; set; } = 1.5;

    /// <summary>By how much it may be slower in any case: where both take a fraction of a millisecond, their ratio is noise.</summary>
    /// <value>Default 5 ms; 0 to 10 s.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan LatencySlack { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The bound where nothing goes over the legacy channel and no earlier figure of it is known.</summary>
    /// <value>Default 100 ms; 1 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan MaxLatency { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Copies that the broker did not take, of all. Callers repeat them; more than a few mean that shards cannot be reached.</summary>
    /// <value>Default 0.001; 0 to 1.</value>
    [Range(0, 1)]
    public double MaxFailedRatio { get; set; } = 0.001;

    /// <summary>
    /// Fewest deliveries, over all nodes, that losses and repairs are compared with; below that, ratios are noise. A node that stalls for a tenth
    /// of a second makes a hole of a dozen messages, which is no reason to roll back.
    /// </summary>
    /// <value>Default 10000; 1 to 10000000.</value>
    [Range(1, 10_000_000)]
    public long MinDelivered { get; set; } = 10_000;

    /// <summary>
    /// Holes in rooms' sequences that had to be filled from history, against messages delivered: what pub/sub lost, once for each room and node.
    /// </summary>
    /// <value>Default 0.001; 0 to 1.</value>
    [Range(0, 1)]
    public double MaxRepairedRatio { get; set; } = 0.001;

    /// <summary>
    /// Messages dropped or fetched again, against messages delivered. Above <see cref="MaxRepairedRatio"/>, as one hole may be many messages.
    /// </summary>
    /// <value>Default 0.005; 0 to 1.</value>
    [Range(0, 1)]
    public double MaxLostRatio { get; set; } = 0.005;

    /// <summary>
    /// Sockets closed as too slow within the soak, against subscriptions: clients that cannot keep up do so in any layout, but not suddenly more of
    /// them.
    /// </summary>
    /// <value>Default 0.02; 0 to 1.</value>
    [Range(0, 1)]
    public double MaxSlowRatio { get; set; } = 0.02;

    /// <summary>The shares of canaries in order.</summary>
    public IReadOnlyList<int> Shares => CanaryPerMille is { Length: > 0 } shares ? shares : DefaultPerMille;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var shares = Shares;
        if (shares.Count > 16 || shares.Any(static share => share is < 1 or > 1_000) || shares.Zip(shares.Skip(1)).Any(static pair => pair.First >= pair.Second))
        {
            yield return new ValidationResult("must be up to 16 numbers from 1 to 1000, each greater than the one before.", [nameof(CanaryPerMille)]);
        }
    }
}
