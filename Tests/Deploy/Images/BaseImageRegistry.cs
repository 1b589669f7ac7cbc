using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Deploy.Images;

/// <summary>A registry on the loopback with one base image, as small as one can be, so that images can be built where none can be pulled.</summary>
internal sealed class BaseImageRegistry : IAsyncDisposable
{
    public const string User = "1654";

    private const string Manifest = "application/vnd.docker.distribution.manifest.v2+json";
    private readonly WebApplication _app;

    private BaseImageRegistry(WebApplication app) => _app = app;

    public string Image => $"localhost:{new Uri(_app.Urls.Single()).Port}/dotnet/aspnet:10.0-noble-chiseled";

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
        var blobs = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [Digest(config)] = config, [Digest(layer)] = layer };

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/v2/", () => Results.Ok());
        app.MapMethods("/v2/dotnet/aspnet/manifests/{reference}", [HttpMethods.Get, HttpMethods.Head], (HttpResponse response) =>
        {
            response.Headers["Docker-Content-Digest"] = Digest(manifest);
            return Results.Bytes(manifest, Manifest);
        });
        app.MapGet("/v2/dotnet/aspnet/blobs/{digest}", (string digest) =>
            blobs.TryGetValue(digest, out var blob) ? Results.Bytes(blob, "application/octet-stream") : Results.NotFound());
        await app.StartAsync(cancellationToken);
        return new BaseImageRegistry(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

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
