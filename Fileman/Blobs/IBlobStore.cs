namespace Fileman.Blobs;

/// <summary>
/// Where contents are kept. A content is written once, as a whole or not at all, and never changed. When the store cannot be used the methods throw
/// <see cref="BlobStoreException"/>.
/// </summary>
internal interface IBlobStore
{
    /// <summary>Bytes that the store can still take; null where it has no such bound.</summary>
    long? FreeBytes { get; }

    /// <summary>Begins a content. Nothing can be read under the key before <see cref="IBlobWriter.CommitAsync"/>.</summary>
    Task<IBlobWriter> CreateAsync(BlobKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Reads from <paramref name="offset"/>; null when there is no such content. The caller takes <paramref name="length"/> bytes (at least one) and disposes; the stream may hold more.
    /// </summary>
    Task<Stream?> OpenAsync(BlobKey key, long offset, long length, CancellationToken cancellationToken);

    /// <summary>Removes a content, and what an upload that never ended left of it. Safe to repeat.</summary>
    Task DeleteAsync(BlobKey key, CancellationToken cancellationToken);
}
