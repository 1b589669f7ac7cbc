using System.Buffers;
using Amazon.S3;
using Amazon.S3.Model;

namespace Fileman.Blobs;

/// <summary>One content on its way into a bucket; see <see cref="S3BlobStore"/>.</summary>
internal sealed class S3BlobWriter(IAmazonS3 s3, string bucket, string key, int partBytes) : IBlobWriter
{
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(partBytes);
    private readonly List<PartETag> _parts = [];
    private string? _uploadId;
    private int _filled;
    private bool _committed;
    private bool _disposed;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            // Only when more comes: the last part may be full, and must not be followed by an empty one.
            if (_filled == partBytes)
            {
                await GuardAsync(SendPartAsync, cancellationToken);
            }

            var take = Math.Min(bytes.Length, partBytes - _filled);
            bytes.Span[..take].CopyTo(_buffer.AsSpan(_filled));
            _filled += take;
            bytes = bytes[take..];
        }
    }

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await GuardAsync(_uploadId is null ? PutAsync : CompleteAsync, cancellationToken);
        _committed = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        ArrayPool<byte>.Shared.Return(_buffer);
        if (!_committed && _uploadId is not null)
        {
            // Bounded by the SDK's own timeout and retries. When it fails, the reaper finds the parts.
            await GuardAsync(
                token => s3.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = _uploadId }, token),
                CancellationToken.None);
        }
    }

    private Task PutAsync(CancellationToken cancellationToken) => s3.PutObjectAsync(
        new PutObjectRequest
        {
            BucketName = bucket,
            Key = key,
            InputStream = new MemoryStream(_buffer, 0, _filled, writable: false),
            UseChunkEncoding = false,
        },
        cancellationToken);

    private async Task SendPartAsync(CancellationToken cancellationToken)
    {
        _uploadId ??= (await s3.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = bucket, Key = key }, cancellationToken)).UploadId;
        var number = _parts.Count + 1;
        var sent = await s3.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = _uploadId,
                PartNumber = number,
                PartSize = _filled,
                InputStream = new MemoryStream(_buffer, 0, _filled, writable: false),
                UseChunkEncoding = false,
            },
            cancellationToken);
        _parts.Add(new PartETag(number, sent.ETag));
        _filled = 0;
    }

    private async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (_filled > 0)
        {
            await SendPartAsync(cancellationToken);
        }

        await s3.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = _uploadId, PartETags = _parts }, cancellationToken);
    }

    private static async Task GuardAsync(Func<CancellationToken, Task> use, CancellationToken cancellationToken)
    {
        try
        {
            await use(cancellationToken);
        }
        catch (Exception exception) when (S3BlobStore.IsLost(exception, cancellationToken))
        {
            throw S3BlobStore.Lost(exception);
        }
    }
}
