using System.ComponentModel.DataAnnotations;
using Contracts;

namespace Realtime.Fanout;

/// <summary>How rooms are kept and repaired; configuration section <c>Fanout</c>.</summary>
internal sealed class FanoutOptions : IValidatableObject
{
    public const string Section = "Fanout";

    /// <summary>Most recent messages of a room that are kept for slow and returning subscribers.</summary>
    /// <value>Default 8192: seconds of the busiest room; 16 to 65536; a power of two. A quiet room keeps no more than it has.</value>
    [Range(16, 65_536)]
    public int RingFrames { get; set; } = 8_192;

    /// <summary>Most bytes of recent messages of a room.</summary>
    /// <value>Default 4 MiB; 64 KiB to 1 GiB.</value>
    [Range(65_536L, 1_024L * 1_024 * 1_024)]
    public long RingBytes { get; set; } = 4 * 1_024 * 1_024;

    /// <summary>Most messages of a room that are held because an earlier one is missing; later ones are fetched from history instead.</summary>
    /// <value>Default 1024; 16 to 4096; a power of two.</value>
    [Range(16, SeqWindow.Size)]
    public int HoldBackFrames { get; set; } = 1_024;

    /// <summary>Most bytes held back in a room.</summary>
    /// <value>Default 4 MiB; 64 KiB to 1 GiB.</value>
    [Range(65_536L, 1_024L * 1_024 * 1_024)]
    public long HoldBackBytes { get; set; } = 4 * 1_024 * 1_024;

    /// <summary>How long a missing message may still come by itself before it is fetched.</summary>
    /// <value>Default 50 ms; 0 to 10 s.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan ReorderWindow { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Least time between the starts of two write rounds of a room. The first message after a pause is written at once; those that follow within this
    /// time share a write, which is what makes a busy room cheap.
    /// </summary>
    /// <value>Default 5 ms; 0 to 1 s.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How often the heads of all rooms are compared with dbman, to find messages that were lost at the end.</summary>
    /// <value>Default 5 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan TailCheckInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a subscriber waits for its room's channels before it is asked to retry.</summary>
    /// <value>Default 5 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Messages of one page of history.</summary>
    /// <value>Default 128; 16 to 500.</value>
    [Range(16, Limits.HistoryPage)]
    public int HistoryPage { get; set; } = 128;

    /// <summary>
    /// Longest wait before dbman is asked again after it failed; the first is a tenth of a second, and each is twice the one before, with jitter.
    /// </summary>
    /// <value>Default 5 s; 100 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!int.IsPow2(RingFrames))
        {
            yield return new ValidationResult("must be a power of two.", [nameof(RingFrames)]);
        }

        if (!int.IsPow2(HoldBackFrames))
        {
            yield return new ValidationResult("must be a power of two.", [nameof(HoldBackFrames)]);
        }
    }
}
