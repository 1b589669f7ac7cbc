using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Tests.Fileman.Blobs;

/// <summary>
/// As much of S3 as a store of contents needs, in memory: objects with ranges, multipart uploads with S3's own rules (least part size, order, ETags). Signatures are not verified.
/// </summary>
internal sealed class S3Server : IAsyncDisposable
{
    /// <summary>All parts but the last.</summary>
    private const int LeastPartBytes = 5 * 1_024 * 1_024;

    private static readonly XNamespace Xml = "http://s3.amazonaws.com/doc/2006-03-01/";
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);

    private S3Server(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public IReadOnlyCollection<string> Objects => [.. _objects.Keys];

    public IReadOnlyCollection<string> Uploads => [.. _uploads.Values.Select(static upload => upload.Path)];

    /// <summary>While set, every call is answered with this status.</summary>
    public int? Failure { get; set; }

    /// <summary>Largest request body seen: what a client held in memory for one call.</summary>
    public int LargestBody { get; private set; }

    public static async Task<S3Server> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Logging.ClearProviders();
        var server = new S3Server(builder.Build());
        server._app.Run(server.HandleAsync);
        await server._app.StartAsync(cancellationToken);
        server.Address = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var body = await ReadAsync(context.Request);
        if (Failure is { } failure)
        {
            await FailAsync(context, failure, "InternalError");
            return;
        }

        var path = context.Request.Path.Value!;
        var query = context.Request.Query;
        await (context.Request.Method switch
        {
            "PUT" when query.ContainsKey("partNumber") => PutPartAsync(context, path, body),
            "PUT" => PutAsync(context, path, body),
            "POST" when query.ContainsKey("uploads") => BeginAsync(context, path),
            "POST" when query.ContainsKey("uploadId") => CompleteAsync(context, path, body),
            "GET" when query.ContainsKey("uploads") => ListUploadsAsync(context, path),
            "GET" => GetAsync(context, path),
            "DELETE" when query.ContainsKey("uploadId") => AbortAsync(context),
            "DELETE" => DeleteAsync(context, path),
            _ => FailAsync(context, 501, "NotImplemented"),
        });
    }

    private async Task<byte[]> ReadAsync(HttpRequest request)
    {
        if (request.Headers["x-amz-content-sha256"].ToString().StartsWith("STREAMING", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Signed chunks are not understood: {request.GetDisplayUrl()}");
        }

        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        LargestBody = Math.Max(LargestBody, (int)buffer.Length);
        return buffer.ToArray();
    }

    private Task PutAsync(HttpContext context, string path, byte[] body)
    {
        _objects[path] = body;
        context.Response.Headers.ETag = TagOf(body);
        return Task.CompletedTask;
    }

    private Task BeginAsync(HttpContext context, string path)
    {
        var id = Guid.NewGuid().ToString("N");
        _uploads[id] = new Upload(path);
        return WriteAsync(context, new XElement(
            Xml + "InitiateMultipartUploadResult",
            new XElement(Xml + "Bucket", BucketOf(path)),
            new XElement(Xml + "Key", KeyOf(path)),
            new XElement(Xml + "UploadId", id)));
    }

    private Task PutPartAsync(HttpContext context, string path, byte[] body)
    {
        if (!_uploads.TryGetValue(context.Request.Query["uploadId"]!, out var upload) || upload.Path != path)
        {
            return FailAsync(context, 404, "NoSuchUpload");
        }

        upload.Parts[int.Parse(context.Request.Query["partNumber"]!)] = body;
        context.Response.Headers.ETag = TagOf(body);
        return Task.CompletedTask;
    }

    private Task CompleteAsync(HttpContext context, string path, byte[] body)
    {
        var id = context.Request.Query["uploadId"].ToString();
        if (!_uploads.TryGetValue(id, out var upload) || upload.Path != path)
        {
            return FailAsync(context, 404, "NoSuchUpload");
        }

        var named = XDocument.Parse(Encoding.UTF8.GetString(body)).Root!.Elements().Where(static part => part.Name.LocalName == "Part")
            .Select(static part => (
                Number: int.Parse(part.Elements().Single(static one => one.Name.LocalName == "PartNumber").Value),
                Tag: part.Elements().Single(static one => one.Name.LocalName == "ETag").Value.Trim('"')))
            .ToList();
        if (named.Count == 0 || !named.SequenceEqual(named.OrderBy(static part => part.Number)))
        {
            return FailAsync(context, 400, "InvalidPartOrder");
        }

        if (named.Any(part => !upload.Parts.TryGetValue(part.Number, out var bytes) || TagOf(bytes).Trim('"') != part.Tag))
        {
            return FailAsync(context, 400, "InvalidPart");
        }

        if (named.SkipLast(1).Any(part => upload.Parts[part.Number].Length < LeastPartBytes))
        {
            return FailAsync(context, 400, "EntityTooSmall");
        }

        _objects[path] = [.. named.SelectMany(part => upload.Parts[part.Number])];
        _uploads.TryRemove(id, out _);
        return WriteAsync(context, new XElement(
            Xml + "CompleteMultipartUploadResult",
            new XElement(Xml + "Bucket", BucketOf(path)),
            new XElement(Xml + "Key", KeyOf(path)),
            new XElement(Xml + "ETag", TagOf(_objects[path]))));
    }

    private Task AbortAsync(HttpContext context)
    {
        context.Response.StatusCode = _uploads.TryRemove(context.Request.Query["uploadId"].ToString(), out _) ? 204 : 404;
        return Task.CompletedTask;
    }

    private Task ListUploadsAsync(HttpContext context, string path)
    {
        var prefix = context.Request.Query["prefix"].ToString();
        var bucket = BucketOf(path);
        return WriteAsync(context, new XElement(
            Xml + "ListMultipartUploadsResult",
            new XElement(Xml + "Bucket", bucket),
            new XElement(Xml + "IsTruncated", "false"),
            _uploads.Where(upload => BucketOf(upload.Value.Path) == bucket && KeyOf(upload.Value.Path).StartsWith(prefix, StringComparison.Ordinal))
                .Select(static upload => new XElement(
                    Xml + "Upload",
                    new XElement(Xml + "Key", KeyOf(upload.Value.Path)),
                    new XElement(Xml + "UploadId", upload.Key)))));
    }

    private async Task GetAsync(HttpContext context, string path)
    {
        if (!_objects.TryGetValue(path, out var bytes))
        {
            await FailAsync(context, 404, "NoSuchKey");
            return;
        }

        var (from, to) = (0L, bytes.Length - 1L);
        if (RangeHeaderValue.TryParse(context.Request.Headers.Range.ToString(), out var range))
        {
            from = range.Ranges.Single().From!.Value;
            to = Math.Min(range.Ranges.Single().To ?? to, to);
            if (from > to)
            {
                await FailAsync(context, 416, "InvalidRange");
                return;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{to}/{bytes.Length}";
        }

        context.Response.ContentLength = to - from + 1;
        context.Response.Headers.ETag = TagOf(bytes);
        await context.Response.Body.WriteAsync(bytes.AsMemory((int)from, (int)(to - from + 1)), context.RequestAborted);
    }

    private Task DeleteAsync(HttpContext context, string path)
    {
        _objects.TryRemove(path, out _);
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static Task FailAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", code)));
    }

    private static Task WriteAsync(HttpContext context, XElement element)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync(new XDocument(element).ToString(), context.RequestAborted);
    }

    private static string BucketOf(string path) => path.TrimStart('/').Split('/')[0];

    private static string KeyOf(string path) => path.TrimStart('/')[(BucketOf(path).Length + 1)..];

    private static string TagOf(byte[] bytes) => $"\"{Convert.ToHexStringLower(MD5.HashData(bytes))}\"";

    private sealed record Upload(string Path)
    {
        public ConcurrentDictionary<int, byte[]> Parts { get; } = new();
    }
}
