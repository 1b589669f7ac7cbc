using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Fileman.Blobs;

/// <summary>
/// Contents in a bucket of S3 or of a compatible server, as objects <c>tenant/file</c>.
/// </summary>
/// <remarks>
/// A short content is one PUT. A longer one is a multipart upload: one buffer a writer, sent when it is full while the sender waits, so an upload holds
/// <see cref="BlobOptions.PartBytes"/> of memory whatever its length. An object appears whole when the upload is completed. What a crash leaves (parts) has no
/// object; <see cref="DeleteAsync"/> looks for it by the key.
/// </remarks>
internal sealed class S3BlobStore(IAmazonS3 s3, string bucket, int partBytes) : IBlobStore
{
    public long? FreeBytes => null;

    public Task<IBlobWriter> CreateAsync(BlobKey key, CancellationToken cancellationToken) =>
        Task.FromResult<IBlobWriter>(new S3BlobWriter(s3, bucket, key.ToString(), partBytes));

    public async Task<Stream?> OpenAsync(BlobKey key, long offset, long length, CancellationToken cancellationToken)
    {
        try
        {
            var response = await s3.GetObjectAsync(
                new GetObjectRequest { BucketName = bucket, Key = key.ToString(), ByteRange = new ByteRange(offset, offset + length - 1) },
                cancellationToken);
            return response.ResponseStream;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (Exception exception) when (IsLost(exception, cancellationToken))
        {
            throw Lost(exception);
        }
    }

    public async Task DeleteAsync(BlobKey key, CancellationToken cancellationToken)
    {
        var name = key.ToString();
        try
        {
            await s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = name }, cancellationToken);
            var uploads = await s3.ListMultipartUploadsAsync(
                new ListMultipartUploadsRequest { BucketName = bucket, Prefix = name }, cancellationToken);
            foreach (var upload in uploads.MultipartUploads ?? [])
            {
                if (upload.Key == name)
                {
                    await s3.AbortMultipartUploadAsync(
                        new AbortMultipartUploadRequest { BucketName = bucket, Key = name, UploadId = upload.UploadId }, cancellationToken);
                }
            }
        }
        catch (Exception exception) when (IsLost(exception, cancellationToken))
        {
            throw Lost(exception);
        }
    }

    /// <summary>Anything but the caller's cancellation: an answer of the server, or none.</summary>
    public static bool IsLost(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && (exception is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or OperationCanceledException);

    public static BlobStoreException Lost(Exception exception) =>
        new($"The bucket of contents cannot be used: {exception.Message}", exception);
}
