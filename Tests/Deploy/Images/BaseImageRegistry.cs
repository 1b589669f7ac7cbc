using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Deploy.Images;

/// <summary>A registry on the loopback with one base image, as small as one can be, so that images can be built where none can be pulled. It takes what is pushed.</summary>
internal sealed class BaseImageRegistry : IAsyncDisposable
{
    public const string User = "1654";

    private const string Manifest = "application/vnd.docker.distribution.manifest.v2+json";
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (byte[] Content, string Type)> _manifests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MemoryStream> _uploads = new(StringComparer.Ordinal);

    private BaseImageRegistry(WebApplication app) => _app = app;

    /// <summary>Host and port.</summary>
    public string Address => $"localhost:{new Uri(_app.Urls.Single()).Port}";

    public string Image => $"{Address}/dotnet/aspnet:10.0-noble-chiseled";

    /// <summary>Names and references of all manifests, those of the base too.</summary>
    public IEnumerable<string> Manifests => _manifests.Keys;

    /// <summary>Content of an image's configuration, by its name and its digest or tag.</summary>
    public JsonNode Configuration(string name, string reference) =>
        JsonNode.Parse(_blobs[(string)JsonNode.Parse(_manifests[$"{name}@{reference}"].Content)!["config"]!["digest"]!])!;

    public static async Task<BaseImageRegistry> StartAsync(CancellationToken cancellationToken)
    {
        var tar = Layer();
        var layer = Compress(tar);
        var config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture = "amd64",
            os = "linux",
            config = new { User, Env = new[] { "ASPNETCORE_HTTP_PORTS=8080", "APP_UID=1654" } },
            rootfs = new { type = "layers", diff_ids = new[] { Digest(tar) } },
            history = new[] { new { created = "2026-01-01T00:00:00Z", created_by = "base" } },
        });
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = Manifest,
            config = new { mediaType = "application/vnd.docker.container.image.v1+json", size = config.Length, digest = Digest(config) },
            layers = new[] { new { mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip", size = layer.Length, digest = Digest(layer) } },
        });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var registry = new BaseImageRegistry(app);
        registry._blobs[Digest(config)] = config;
        registry._blobs[Digest(layer)] = layer;
        registry.Keep("dotnet/aspnet", "10.0-noble-chiseled", manifest, Manifest);
        app.MapGet("/v2/", () => Results.Ok());
        app.MapMethods("/v2/{owner}/{image}/manifests/{reference}", [HttpMethods.Get, HttpMethods.Head], registry.GetManifest);
        app.MapPut("/v2/{owner}/{image}/manifests/{reference}", registry.PutManifestAsync);
        app.MapMethods("/v2/{owner}/{image}/blobs/{digest}", [HttpMethods.Get, HttpMethods.Head], (string digest) =>
            registry._blobs.TryGetValue(digest, out var blob) ? Results.Bytes(blob, "application/octet-stream") : Results.NotFound());
        app.MapPost("/v2/{owner}/{image}/blobs/uploads/", registry.Begin);
        app.MapPatch("/v2/{owner}/{image}/blobs/uploads/{id}", registry.AppendAsync);
        app.MapPut("/v2/{owner}/{image}/blobs/uploads/{id}", registry.CompleteAsync);
        await app.StartAsync(cancellationToken);
        return registry;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private string Keep(string name, string reference, byte[] content, string type)
    {
        var digest = Digest(content);
        _manifests[$"{name}@{reference}"] = _manifests[$"{name}@{digest}"] = (content, type);
        return digest;
    }

    private IResult GetManifest(string owner, string image, string reference, HttpResponse response)
    {
        if (!_manifests.TryGetValue($"{owner}/{image}@{reference}", out var found))
        {
            return Results.NotFound();
        }

        response.Headers["Docker-Content-Digest"] = Digest(found.Content);
        return Results.Bytes(found.Content, found.Type);
    }

    private async Task<IResult> PutManifestAsync(string owner, string image, string reference, HttpRequest request)
    {
        var digest = Keep($"{owner}/{image}", reference, await ReadAsync(request), request.ContentType!);
        request.HttpContext.Response.Headers["Docker-Content-Digest"] = digest;
        return Results.Created($"/v2/{owner}/{image}/manifests/{digest}", null);
    }

    /// <summary>An upload; or, as everything lies in one place here, nothing when the blob is there under another name.</summary>
    private IResult Begin(string owner, string image, string? mount)
    {
        if (mount is not null && _blobs.ContainsKey(mount))
        {
            return Results.Created($"/v2/{owner}/{image}/blobs/{mount}", null);
        }

        var id = Guid.NewGuid().ToString("N");
        _uploads[id] = new MemoryStream();
        return Results.Accepted($"/v2/{owner}/{image}/blobs/uploads/{id}");
    }

    private async Task<IResult> AppendAsync(string owner, string image, string id, HttpRequest request)
    {
        var upload = _uploads[id];
        await request.Body.CopyToAsync(upload, request.HttpContext.RequestAborted);
        request.HttpContext.Response.Headers.Range = $"0-{upload.Length - 1}";
        return Results.Accepted($"/v2/{owner}/{image}/blobs/uploads/{id}");
    }

    private async Task<IResult> CompleteAsync(string owner, string image, string id, string digest, HttpRequest request)
    {
        await AppendAsync(owner, image, id, request);
        var content = _uploads[id].ToArray();
        if (Digest(content) != digest)
        {
            return Results.BadRequest();
        }

        _blobs[digest] = content;
        return Results.Created($"/v2/{owner}/{image}/blobs/{digest}", null);
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var copy = new MemoryStream();
        await request.Body.CopyToAsync(copy, request.HttpContext.RequestAborted);
        return copy.ToArray();
    }

    private static byte[] Layer()
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "base.txt") { DataStream = new MemoryStream("base"u8.ToArray()) });
        }

        return stream.ToArray();
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }

    private static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
}
