using Contracts.Files;

namespace Contracts.Public;

/// <summary>A file's metadata.</summary>
/// <param name="Id">128 random bits: any user of the tenant who knows it may read the file, and nobody can guess it.</param>
/// <param name="Owner">User who uploaded it.</param>
/// <param name="Name">Base name given by the uploader.</param>
/// <param name="ContentType">
/// What the content was found to be; <c>application/octet-stream</c> when it is not known, or not what the uploader declared.
/// </param>
/// <param name="Size">Bytes as stored.</param>
/// <param name="Sha256">Of what is stored, in lower-case hexadecimal.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Picture">
/// Of a picture that may be shown; absent of other files, and of older pictures until their thumbnail is first asked for.
/// </param>
public sealed record FileView(string Id, string Owner, string Name, string ContentType, long Size, string Sha256, DateTimeOffset CreatedAt, PictureInfo? Picture = null);

/// <summary>What may be uploaded.</summary>
/// <param name="MaxBytes">Longest file.</param>
/// <param name="ContentTypes">
/// Media types that are accepted, in order; their contents are checked when they come. <c>*/*</c> among them: all others too, as opaque downloads.
/// </param>
public sealed record UploadLimits(long MaxBytes, IReadOnlyList<string> ContentTypes);
