using System.ComponentModel.DataAnnotations;

namespace Dbman.Messages.Commit;

/// <summary>Group commit of messages; configuration section <c>Dbman:Commit</c>.</summary>
internal sealed class CommitOptions
{
    public const string Section = "Dbman:Commit";

    /// <summary>Batches in flight at once, each on a connection of its own.</summary>
    /// <value>Default 4; 1 to 64.</value>
    [Range(1, 64)]
    public int Lanes { get; set; } = 4;

    /// <summary>Most messages of one transaction.</summary>
    /// <value>Default 512; 1 to 4096.</value>
    [Range(1, 4_096)]
    public int MaxBatch { get; set; } = 512;

    /// <summary>Messages that wait in one lane; a call that does not fit is refused as a whole.</summary>
    /// <value>Default 4096; 256 to 1000000. At least one full call.</value>
    [Range(256, 1_000_000)]
    public int LaneQueue { get; set; } = 4_096;

    /// <summary>A message that waited longer than this is refused without being tried: its caller has most likely gone.</summary>
    /// <value>Default 10 s; 100 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(10);
}
