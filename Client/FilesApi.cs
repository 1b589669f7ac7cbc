using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Contracts;
using Contracts.Public;
using Contracts.Results;

namespace Client;

/// <summary>Uploads and downloads, streamed.</summary>
public sealed class FilesApi
{
    private readonly HttpClient _http;
    private readonly HttpClient _uploads;

    /// <param name="http">Answers in bounded time.</param>
    /// <param name="uploads">Without a time limit: how long an upload takes is its length's and the line's affair.</param>
    internal FilesApi(HttpClient http, HttpClient uploads)
    {
        _http = http;
        _uploads = uploads;
    }

    private static ContractsJsonContext Wire => ContractsJsonContext.Default;

    /// <summary>Uploads a file. 413 past the size limit or the tenant's quota, 507 when the service's disk is full. The view's
    /// content type is what the content was found to be.</summary>
    /// <param name="content">Read once, to its end; not disposed.</param>
    /// <param name="name">File name for people.</param>
    /// <param name="contentType">Media type.</param>
    /// <param name="cancellationToken">Gives the upload up; nothing of it stays.</param>
    public async Task<ServiceResult<FileView>> UploadAsync(Stream content, string name, string contentType, CancellationToken cancellationToken = default)
    {
        using var body = new StreamContent(new Undisposed(content));
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        body.Headers.Add(FileRoutes.FileNameHeader, Uri.EscapeDataString(name));
        return await _uploads.SendAsync(HttpMethod.Post, FileRoutes.Files, body, Wire.FileView, idempotent: false, cancellationToken);
    }

    /// <summary>What may be uploaded: the longest file, and the accepted media types.</summary>
    public Task<ServiceResult<UploadLimits>> GetLimitsAsync(CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, FileRoutes.UploadLimits, content: null, Wire.UploadLimits, idempotent: true, cancellationToken);

    /// <summary>Metadata of one file.</summary>
    public Task<ServiceResult<FileView>> GetAsync(string file, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, RouteTemplate.Fill(FileRoutes.File, file), content: null, Wire.FileView, idempotent: true, cancellationToken);

    /// <summary>Files in order of id.</summary>
    public Task<ServiceResult<Page<FileView>>> ListAsync(string? after = null, int limit = Limits.Page, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, RouteTemplate.Paged(FileRoutes.Files, after, limit), content: null, Wire.PageFileView, idempotent: true, cancellationToken);

    /// <summary>Removes a file; for its owner and admins.</summary>
    public Task<ServiceResult<Unit>> DeleteAsync(string file, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Delete, RouteTemplate.Fill(FileRoutes.File, file), content: null, Wire.Unit, idempotent: true, cancellationToken);

    /// <summary>Copies a file's bytes, all or from an offset, into <paramref name="destination"/>. Returns how many were written.</summary>
    public async Task<ServiceResult<long>> DownloadAsync(string file, Stream destination, long offset = 0, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, RouteTemplate.Fill(FileRoutes.Content, file));
        if (offset > 0)
        {
            request.Headers.Range = new RangeHeaderValue(offset, to: null);
        }

        return await _http.SendAsync(
            request,
            async (response, token) =>
            {
                await using var body = await response.Content.ReadAsStreamAsync(token);

                // Something between us and the service that ignores ranges sends everything.
                var skip = response.StatusCode == HttpStatusCode.PartialContent ? 0 : offset;
                return await CopyAsync(body, destination, skip, token);
            },
            cancellationToken);
    }

    /// <summary>
    /// Copies the thumbnail of a picture (image/webp) into <paramref name="destination"/>. 404 <see cref="ProblemTypes.ThumbnailNotFound"/> if the
    /// file has none: offer it as a download.
    /// </summary>
    public async Task<ServiceResult<long>> DownloadThumbnailAsync(string file, Stream destination, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, RouteTemplate.Fill(FileRoutes.Thumbnail, file));
        return await _http.SendAsync(
            request,
            async (response, token) =>
            {
                await using var body = await response.Content.ReadAsStreamAsync(token);
                return await CopyAsync(body, destination, skip: 0, token);
            },
            cancellationToken);
    }

    private static async Task<long> CopyAsync(Stream source, Stream destination, long skip, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var written = 0L;
            int read;
            while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
            {
                var passed = (int)Math.Min(skip, read);
                skip -= passed;
                await destination.WriteAsync(buffer.AsMemory(passed, read - passed), cancellationToken);
                written += read - passed;
            }

            return written;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>HttpClient disposes a request's body; the caller's stream is the caller's.</summary>
    private sealed class Undisposed(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => inner.CanSeek;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => inner.Position = value;
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.ReadAsync(buffer, offset, count, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
