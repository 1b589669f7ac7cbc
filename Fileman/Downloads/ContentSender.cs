using System.Buffers;
using System.Text;
using Contracts.Files;
using Fileman.Blobs;
using Fileman.Types;

namespace Fileman.Downloads;

/// <summary>Writes a content, or ranges of it, to a response. One buffer a download, whatever the content's size.</summary>
internal sealed class ContentSender(IBlobStore blobs, FilemanTelemetry telemetry, ILogger<ContentSender> logger)
{
    private const int BufferBytes = 64 * 1_024;

    /// <summary>
    /// Sends everything (null), one range as 206, or several as 206 multipart/byteranges. False, with nothing sent, when the content is not there.
    /// </summary>
    public async Task<bool> SendAsync(HttpContext context, FileRecord file, IReadOnlyList<ByteRange>? ranges, CancellationToken cancellationToken)
    {
        var response = context.Response;
        var type = ContentTypes.HeaderOf(file.ContentType);
        if (ranges is { Count: > 1 })
        {
            return await SendPartsAsync(context, file, ranges, type, cancellationToken);
        }

        var range = ranges is [var only] ? only : new ByteRange(0, file.Size - 1);
        response.ContentType = type;
        response.ContentLength = range.Length;
        if (ranges is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = range.Of(file.Size);
        }

        if (range.Length == 0 || HttpMethods.IsHead(context.Request.Method))
        {
            return true;
        }

        return await CopyAsync(context, file, range, cancellationToken);
    }

    private async Task<bool> SendPartsAsync(
        HttpContext context, FileRecord file, IReadOnlyList<ByteRange> ranges, string type, CancellationToken cancellationToken)
    {
        var boundary = Guid.NewGuid().ToString("N");
        var heads = ranges.Select(range =>
            Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Type: {type}\r\nContent-Range: {range.Of(file.Size)}\r\n\r\n")).ToList();
        var end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");

        var response = context.Response;
        response.StatusCode = StatusCodes.Status206PartialContent;
        response.ContentType = $"multipart/byteranges; boundary={boundary}";
        response.ContentLength = heads.Sum(static head => (long)head.Length) + ranges.Sum(static range => range.Length) + end.Length;
        for (var i = 0; i < ranges.Count; i++)
        {
            if (!await CopyAsync(context, file, ranges[i], cancellationToken, heads[i]))
            {
                return false;
            }
        }

        await response.Body.WriteAsync(end, cancellationToken);
        return true;
    }

    /// <summary>Opens before it writes: as long as nothing is sent, a content that is not there is still a clean answer.</summary>
    private async Task<bool> CopyAsync(
        HttpContext context, FileRecord file, ByteRange range, CancellationToken cancellationToken, ReadOnlyMemory<byte> head = default)
    {
        await using var content = await blobs.OpenAsync(new BlobKey(file.Tenant, file.Id), range.From, range.Length, cancellationToken);
        if (content is null)
        {
            telemetry.ContentMissing();
            logger.ContentMissing(file.Tenant, file.Id);
            if (!context.Response.HasStarted)
            {
                Forget(context.Response);
                return false;
            }

            // Deleted between two parts of one answer.
            context.Abort();
            return true;
        }

        var body = context.Response.Body;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var left = range.Length;
        try
        {
            if (!head.IsEmpty)
            {
                await body.WriteAsync(head, cancellationToken);
            }

            while (left > 0)
            {
                var read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
                if (read == 0)
                {
                    break;
                }

                await body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            telemetry.Downloaded(range.Length - left);
        }

        if (left > 0)
        {
            logger.ContentShort(file.Tenant, file.Id, left);
            context.Abort();
        }

        return true;
    }

    /// <summary>Takes back what was said about a content that cannot be sent.</summary>
    public static void Forget(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentLength = null;
        response.Headers.Clear();
    }
}
