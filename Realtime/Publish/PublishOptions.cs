using System.ComponentModel.DataAnnotations;

namespace Realtime.Publish;

/// <summary>The publish API; configuration section <c>Publish</c>.</summary>
internal sealed class PublishOptions
{
    public const string Section = "Publish";

    /// <summary>Longest body of a publish call, in bytes.</summary>
    /// <value>Default 16 MiB: a full batch of the longest messages in plain text fits; 64 KiB to 256 MiB.</value>
    [Range(64 * 1_024, 256 * 1_024 * 1_024)]
    public int MaxBodyBytes { get; set; } = 16 * 1_024 * 1_024;

    /// <summary>Most publish calls at once; one more is refused with 503.</summary>
    /// <value>Default 256; 1 to 10000.</value>
    [Range(1, 10_000)]
    public int MaxInFlight { get; set; } = 256;
}
