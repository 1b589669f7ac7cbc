using System.ComponentModel.DataAnnotations;

namespace Fileman.Uploads;

/// <summary>What may be uploaded; configuration section <c>Uploads</c>.</summary>
internal sealed class UploadOptions
{
    public const string Section = "Uploads";

    /// <summary>Longest file, in bytes.</summary>
    /// <value>Default 100 MiB; 1 to 5 GiB.</value>
    [Range(1, 5L * 1_024 * 1_024 * 1_024)]
    public long MaxBytes { get; set; } = 100L * 1_024 * 1_024;

    /// <summary>Longest time of one upload.</summary>
    /// <value>Default 10 min; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How much longer than <see cref="Timeout"/> the quota stays reserved. An upload that still stores its last bytes must not meet the reaper, so this is far longer than that may take.
    /// </summary>
    /// <value>Default 5 min; 10 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan ReservationMargin { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long cleaning up after a failed upload may take before it is left to the reaper.</summary>
    /// <value>Default 5 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan CleanUpTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Media types that are accepted. A type whose contents we cannot check is accepted unchecked if it is listed. <c>application/octet-stream</c>
    /// covers every unknown type, and contents that are not of the type they claim.
    /// </summary>
    /// <value>Default (empty): everything.</value>
    public IList<string> AllowedTypes { get; set; } = [];
}
