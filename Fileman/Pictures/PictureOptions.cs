using System.ComponentModel.DataAnnotations;

namespace Fileman.Pictures;

/// <summary>Which pictures are shown, and what making their thumbnails may cost; configuration section <c>Pictures</c>.</summary>
internal sealed class PictureOptions
{
    public const string Section = "Pictures";

    /// <summary>
    /// Most pixels of a picture, counted in each of its frames. Showing one takes 4 bytes a pixel of everybody's memory who looks at it, however short the file is. A larger one is kept as an opaque
    /// download.
    /// </summary>
    /// <value>Default 50 million, which phones reach; 10 thousand to 1 thousand million.</value>
    [Range(10_000, 1_000_000_000)]
    public long MaxPixels { get; set; } = 50_000_000;

    /// <summary>
    /// Thumbnails that are made concurrently. Each takes a CPU, and up to <see cref="WorkerMemoryBytes"/> on top of the service's own memory.
    /// </summary>
    /// <value>Default 1; 1 to 64.</value>
    [Range(1, 64)]
    public int Workers { get; set; } = 1;

    /// <summary>Thumbnails that wait to be made; one more is answered with 503.</summary>
    /// <value>Default 64; 0 to 10000.</value>
    [Range(0, 10_000)]
    public int Queue { get; set; } = 64;

    /// <summary>
    /// Longest time that a worker may take by the clock; past it, it is killed. That may be due to a busy machine, so the picture is tried again at
    /// the next request.
    /// </summary>
    /// <value>Default 25 s, below what a request may take; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Most memory of one worker, which the kernel enforces (Linux): a picture that takes more has no thumbnail. A picture of 50 million pixels takes 90 MB as a JPEG, and over 300 MB as an interlaced
    /// PNG.
    /// </summary>
    /// <value>Default 384 MiB; 192 MiB to 16 GiB.</value>
    [Range(192L * 1_024 * 1_024, 16L * 1_024 * 1_024 * 1_024)]
    public long WorkerMemoryBytes { get; set; } = 384L * 1_024 * 1_024;
}
