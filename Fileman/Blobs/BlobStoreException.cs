namespace Fileman.Blobs;

/// <summary>The store of contents cannot be used now: a lost dependency, not the caller's fault.</summary>
internal sealed class BlobStoreException : Exception
{
    public BlobStoreException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public BlobStoreException(string message)
        : base(message)
    {
    }

    public BlobStoreException()
    {
    }

    /// <summary>The store is full: writes fail until an operator frees space.</summary>
    public bool IsFull { get; init; }
}
