namespace Fileman.Blobs;

/// <summary>A content that is being written. Disposed without a commit, nothing of it stays.</summary>
internal interface IBlobWriter : IAsyncDisposable
{
    /// <summary>Appends; returns when the bytes have been taken out of <paramref name="bytes"/>, and so slows the sender down to the store's pace.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the content durable and readable.</summary>
    Task CommitAsync(CancellationToken cancellationToken);
}
