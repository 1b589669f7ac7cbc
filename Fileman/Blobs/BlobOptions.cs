using System.ComponentModel.DataAnnotations;

namespace Fileman.Blobs;

/// <summary>Where contents are kept; configuration section <c>Blobs</c>.</summary>
internal sealed class BlobOptions : IValidatableObject
{
    public const string Section = "Blobs";

    /// <summary>Which store.</summary>
    /// <value>Default Folder.</value>
    public BlobStoreKind Store { get; set; } = BlobStoreKind.Folder;

    /// <summary>Folder: where; relative paths start at the content root. Several replicas need one that they share.</summary>
    /// <value>Default <c>.data/blobs</c>.</value>
    public string Folder { get; set; } = ".data/blobs";

    /// <summary>
    /// Folder: bytes of its disk that uploads leave free. Past this they are refused with 507, while the disk still has room for downloads' and the system's own needs.
    /// </summary>
    /// <value>Default 1 GiB; 0 to 1 PiB.</value>
    [Range(0, 1L << 50)]
    public long MinFreeBytes { get; set; } = 1L << 30;

    /// <summary>S3: bucket, which must exist.</summary>
    public string? Bucket { get; set; }

    /// <summary>S3: address of a compatible server; absent for AWS itself.</summary>
    public Uri? ServiceUrl { get; set; }

    /// <summary>S3: region; with <see cref="ServiceUrl"/> the one that requests are signed for.</summary>
    /// <value>Default us-east-1.</value>
    public string Region { get; set; } = "us-east-1";

    /// <summary>S3: put the bucket into the path and not into the host name; most compatible servers need it.</summary>
    public bool ForcePathStyle { get; set; }

    /// <summary>S3: absent, with <see cref="SecretKey"/>, to use the SDK's chain (environment, profile, role).</summary>
    public string? AccessKey { get; set; }

    /// <summary>S3: belongs to <see cref="AccessKey"/>.</summary>
    public string? SecretKey { get; set; }

    /// <summary>S3: bytes of one part, and so of the buffer that one upload holds.</summary>
    /// <value>Default 8 MiB; 5 MiB (S3's least) to 64 MiB. Ten thousand parts are the most that S3 joins.</value>
    [Range(5 * 1_024 * 1_024, 64 * 1_024 * 1_024)]
    public int PartBytes { get; set; } = 8 * 1_024 * 1_024;

    /// <summary>S3: longest time of one call without its body's transfer to us.</summary>
    /// <value>Default 30 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>S3: repetitions of a failed call by the SDK.</summary>
    /// <value>Default 2; 0 to 10.</value>
    [Range(0, 10)]
    public int MaxRetries { get; set; } = 2;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Store == BlobStoreKind.Folder && string.IsNullOrWhiteSpace(Folder))
        {
            yield return new ValidationResult("A folder is required.", [nameof(Folder)]);
        }

        if (Store == BlobStoreKind.S3 && string.IsNullOrWhiteSpace(Bucket))
        {
            yield return new ValidationResult("A bucket is required.", [nameof(Bucket)]);
        }

        if (AccessKey is null != SecretKey is null)
        {
            yield return new ValidationResult("Both keys are required, or none.", [nameof(AccessKey), nameof(SecretKey)]);
        }
    }
}

/// <summary>Kinds of stores.</summary>
internal enum BlobStoreKind
{
    /// <summary>A folder of the file system.</summary>
    Folder,

    /// <summary>A bucket of S3 or of a compatible server.</summary>
    S3,
}
