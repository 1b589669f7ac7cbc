using Contracts.Dbman;
using Contracts.Files;
using Contracts.Public;
using Fileman.Blobs;
using Fileman.Downloads;
using Fileman.Files;
using Fileman.Types;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Fileman.Thumbnails;

internal static class ThumbnailEndpoints
{
    private const string Webp = "image/webp";

    /// <summary>Goes up when thumbnails of the same content are made differently, so that callers' copies are not taken for right.</summary>
    private const string Version = "1";

    public static void MapThumbnails(this IEndpointRouteBuilder routes) =>
        routes.MapApi(Api.Thumbnails).MapMethods(FileRoutes.Thumbnail, [HttpMethods.Get, HttpMethods.Head], GetAsync);

    /// <summary>Exactly those who may read the file may read its thumbnail.</summary>
    private static async Task<IResult> GetAsync(
        string file,
        HttpContext context,
        UserIdentity caller,
        DbmanClient dbman,
        IBlobStore blobs,
        ThumbnailMaker maker,
        FilemanTelemetry telemetry,
        ILogger<ThumbnailMaker> logger,
        CancellationToken cancellationToken)
    {
        var result = await dbman.Files.GetAsync(caller.Tenant, file, cancellationToken);
        if (!result.TryGet(out var found, out var problem))
        {
            return Problems.From(problem);
        }

        if (!ContentTypes.HasThumbnail(found.ContentType) || found.ThumbnailBytes == 0)
        {
            return ThumbnailMaker.None.Problem!;
        }

        var tag = new EntityTagHeaderValue($"\"thumbnail-{Version}-{found.Sha256}\"");
        switch (found.ThumbnailBytes is null ? null : Preconditions.Check(context.Request, tag, found.CreatedAt))
        {
            case StatusCodes.Status304NotModified:
                Describe(context.Response, found, tag);
                return Results.StatusCode(StatusCodes.Status304NotModified);
            case StatusCodes.Status412PreconditionFailed:
                return Problems.PreconditionFailed("The thumbnail is not the one that If-Match or If-Unmodified-Since asks for.");
        }

        try
        {
            var bytes = found.ThumbnailBytes is null ? null : await ReadAsync(blobs, found, cancellationToken);
            if (bytes is null)
            {
                var made = await maker.MakeAsync(found, cancellationToken);
                if (made.Webp is not { } webp)
                {
                    return made.Problem!;
                }

                bytes = webp;
            }

            Describe(context.Response, found, tag);
            context.Response.ContentType = Webp;
            context.Response.ContentLength = bytes.Value.Length;
            if (HttpMethods.IsGet(context.Request.Method))
            {
                await context.Response.Body.WriteAsync(bytes.Value, cancellationToken);
                telemetry.Downloaded(bytes.Value.Length);
            }

            return Results.Empty;
        }
        catch (BlobStoreException exception) when (!context.Response.HasStarted)
        {
            logger.StoreLost(exception);
            return Problems.Unavailable("Contents cannot be read or stored now.");
        }
    }

    /// <summary>Null when it is not there, as after a restore that left it out: it is made again.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(IBlobStore blobs, FileRecord file, CancellationToken cancellationToken)
    {
        await using var content = await blobs.OpenAsync(new BlobKey(file.Tenant, file.Id).Thumbnail, 0, Thumbnail.MaxBytes, cancellationToken);
        if (content is null)
        {
            return null;
        }

        using var bytes = new MemoryStream(file.ThumbnailBytes!.Value);
        await content.CopyToAsync(bytes, cancellationToken);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    /// <summary>Like a content: revalidated each time, and never rendered as a page of ours.</summary>
    private static void Describe(HttpResponse response, FileRecord file, EntityTagHeaderValue tag)
    {
        var headers = response.Headers;
        headers.ETag = tag.ToString();
        headers.LastModified = HeaderUtilities.FormatDate(Preconditions.WholeSeconds(file.CreatedAt));
        headers.CacheControl = "private, no-cache";
        headers.ContentDisposition = FileNames.Disposition(Path.ChangeExtension(file.Name, ".webp"), inline: true);
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
    }
}
