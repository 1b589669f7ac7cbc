using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Chat.Web;

/// <summary>A file of the page, ready to be sent. It never changes while the service runs.</summary>
internal sealed class PageFile(string contentType, byte[] content)
{
    private readonly Lazy<byte[]> _brotli = new(() => Compress(content, static target => new BrotliStream(target, CompressionLevel.Optimal)));
    private readonly Lazy<byte[]> _gzip = new(() => Compress(content, static target => new GZipStream(target, CompressionLevel.Optimal)));

    public byte[] Hash { get; } = SHA256.HashData(content);

    /// <summary>The file in the shortest form that the caller understands. Each form has an ETag of its own, as it has bytes of its own.</summary>
    public IResult Send(HttpContext context, string cacheControl)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = cacheControl;
        headers.Vary = HeaderNames.AcceptEncoding;
        var (encoding, bytes) = Choose(context.Request);
        if (encoding is not null)
        {
            headers.ContentEncoding = encoding;
        }

        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(Hash.AsSpan(0, 12))}{(encoding is null ? "" : "-" + encoding)}\"");
        return Results.Bytes(bytes, contentType, entityTag: tag);
    }

    private (string? Encoding, byte[] Bytes) Choose(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding.Where(static value => value.Quality is null or > 0).Select(static value => value.Value.Value).ToHashSet();
        return accepted.Contains("br") ? ("br", _brotli.Value)
            : accepted.Contains("gzip") ? ("gzip", _gzip.Value)
            : (null, content);
    }

    private static byte[] Compress(byte[] content, Func<Stream, Stream> compressor)
    {
        using var target = new MemoryStream();
        using (var stream = compressor(target))
        {
            stream.Write(content);
        }

        return target.ToArray();
    }
}
