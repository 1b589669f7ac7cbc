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
    /// Media types that are accepted. A type whose contents we cannot check is accepted unchecked if it is listed. <c>application/octet-stream</c>
    /// covers every unknown type, and contents that are not of the type they claim.
    /// </summary>
    /// <value>Default (empty): everything.</value>
    public IList<string> AllowedTypes { get; set; } = [];
}
