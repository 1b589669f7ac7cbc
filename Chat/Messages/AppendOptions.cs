using System.ComponentModel.DataAnnotations;

namespace Chat.Messages;

/// <summary>How posts share calls to Dbman; configuration section <c>Append</c>.</summary>
internal sealed class AppendOptions
{
    public const string Section = "Append";

    /// <summary>Most append calls in flight. A post that finds one free goes at once and alone; the others gather until one comes back.</summary>
    /// <value>Default 4; 1 to 64.</value>
    [Range(1, 64)]
    public int Calls { get; set; } = 4;

    /// <summary>Most characters of text of one call; one message alone may exceed it.</summary>
    /// <value>Default 256 Ki; 1 Ki to 2 Mi.</value>
    [Range(1_024, 2 * 1_024 * 1_024)]
    public int MaxBatchCharacters { get; set; } = 256 * 1_024;

    /// <summary>Most posts that wait for a call; one more is refused.</summary>
    /// <value>Default 1024; 1 to 100000.</value>
    [Range(1, 100_000)]
    public int Queue { get; set; } = 1_024;
}
