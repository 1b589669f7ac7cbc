namespace Contracts.Public;

/// <summary>A file's metadata.</summary>
/// <param name="Id">128 random bits: whoever in the tenant knows it may read the file, and nobody can guess it.</param>
/// <param name="Owner">User who uploaded it.</param>
/// <param name="Name">Base name given by the uploader.</param>
/// <param name="ContentType">Declared by the uploader and checked against the content.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
/// <param name="CreatedAt">When.</param>
public sealed record FileView(string Id, string Owner, string Name, string ContentType, long Size, string Sha256, DateTimeOffset CreatedAt);

/// <summary>What may be uploaded.</summary>
/// <param name="MaxBytes">Longest file.</param>
/// <param name="ContentTypes">Media types that are accepted, in order; their contents are checked when they come.</param>
public sealed record UploadLimits(long MaxBytes, IReadOnlyList<string> ContentTypes);
