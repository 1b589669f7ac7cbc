namespace Contracts.Files;

/// <summary>A file's metadata as stored.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Id">Unique within the tenant.</param>
/// <param name="Owner">User who uploaded it.</param>
/// <param name="Name">Base name given by the uploader, without path separators and control characters.</param>
/// <param name="ContentType">Checked against the content's first bytes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal; empty while the upload is under way.</param>
/// <param name="Status"><c>uploading</c>, <c>ready</c> or <c>deleting</c>.</param>
/// <param name="CreatedAt">Database time.</param>
/// <param name="Picture">
/// Of a picture that may be shown; null of other files, and of pictures that were stored before sizes were read and not looked at since.
/// </param>
/// <param name="ThumbnailBytes">Length of its thumbnail; 0 when none can be made, null when none was asked for yet.</param>
public sealed record FileRecord(
    string Tenant,
    string Id,
    string Owner,
    string Name,
    string ContentType,
    long Size,
    string Sha256,
    string Status,
    DateTimeOffset CreatedAt,
    PictureInfo? Picture = null,
    int? ThumbnailBytes = null);

/// <summary>
/// Reserves quota for an upload before its first byte is stored: refused with <see cref="ProblemTypes.QuotaExceeded"/> when stored plus reserved
/// bytes would pass it.
/// </summary>
/// <param name="Id">File id.</param>
/// <param name="Owner">Uploading user.</param>
/// <param name="Name">File name.</param>
/// <param name="ContentType">As declared.</param>
/// <param name="ReservedBytes">Declared length, or the upload limit when the length is unknown.</param>
/// <param name="ExpiresInSeconds">The reservation expires after this time; the upload can then no longer be completed.</param>
public sealed record ReserveFileRequest(string Id, string Owner, string Name, string ContentType, long ReservedBytes, int ExpiresInSeconds);

/// <summary>Turns a reservation into a file that others can see.</summary>
/// <param name="Size">Bytes as stored.</param>
/// <param name="Sha256">Of what is stored, in lower-case hexadecimal.</param>
/// <param name="ContentType">What the content turned out to be.</param>
/// <param name="Picture">Of a picture that may be shown.</param>
public sealed record CompleteFileRequest(long Size, string Sha256, string ContentType, PictureInfo? Picture = null);

/// <summary>
/// A thumbnail was made and stored, or cannot be made (<paramref name="Bytes"/> 0). The first that says so counts; its bytes are added to what the
/// tenant uses, whatever the quota, as they are few.
/// </summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Picture">What was read from the content; null leaves what is known.</param>
public sealed record SetThumbnailRequest(int Bytes, PictureInfo? Picture = null);

/// <summary>Storage used by a tenant.</summary>
public sealed record StorageUsage(long UsedBytes, long ReservedBytes, long QuotaBytes);

/// <summary>Files whose content may be removed: expired reservations and deleted files, of any tenant.</summary>
public sealed record ReapableFilesResponse(IReadOnlyList<FileRecord> Files);
