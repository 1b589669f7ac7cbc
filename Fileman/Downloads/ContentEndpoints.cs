using Contracts;
using Contracts.Dbman;
using Contracts.Files;
using Contracts.Public;
using Fileman.Blobs;
using Fileman.Files;
using Fileman.Types;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Fileman.Downloads;

internal static class ContentEndpoints
{
    private const string Inline = "inline";
    private const string Attachment = "attachment";

    public static void MapContents(this IEndpointRouteBuilder routes) =>
        routes.MapApi(Api.Downloads)
            .MapMethods(FileRoutes.Content, [HttpMethods.Get, HttpMethods.Head], GetAsync)
            // As long as the receiver takes; the server's least rate ends those that take nothing.
            .DisableRequestTimeout();

    private static async Task<IResult> GetAsync(
        string file,
        string? disposition,
        HttpContext context,
        UserIdentity caller,
        DbmanClient dbman,
        ContentSender sender,
        ILogger<ContentSender> logger,
        CancellationToken cancellationToken)
    {
        if (disposition is not (null or Inline or Attachment))
        {
            return Problems.InvalidRequest($"'disposition' must be '{Inline}' or '{Attachment}'.", "disposition");
        }

        var result = await dbman.Files.GetAsync(caller.Tenant, file, cancellationToken);
        if (!result.TryGet(out var found, out var problem))
        {
            return Problems.From(problem);
        }

        var request = context.Request;
        var tag = new EntityTagHeaderValue($"\"{found.Sha256}\"");
        Describe(context.Response, found, tag, disposition == Inline && ContentTypes.MayBeInline(found.ContentType));
        switch (Preconditions.Check(request, tag, found.CreatedAt))
        {
            case StatusCodes.Status304NotModified:
                return Results.StatusCode(StatusCodes.Status304NotModified);
            case StatusCodes.Status412PreconditionFailed:
                ContentSender.Forget(context.Response);
                return Problems.PreconditionFailed("The content is not the one that If-Match or If-Unmodified-Since asks for.");
        }

        var ranges = HttpMethods.IsGet(request.Method) && Preconditions.AllowsRange(request, tag, found.CreatedAt)
            ? RangeRules.Parse(request.Headers.Range, found.Size)
            : null;
        if (ranges is { Count: 0 })
        {
            ContentSender.Forget(context.Response);
            context.Response.Headers.ContentRange = $"bytes */{found.Size}";
            return Problems.RangeNotSatisfiable($"The content has {found.Size} bytes.");
        }

        try
        {
            return await sender.SendAsync(context, found, ranges, cancellationToken)
                ? Results.Empty
                : Problems.NotFound("The file's content is not there.", ProblemTypes.FileNotFound);
        }
        catch (BlobStoreException exception) when (!context.Response.HasStarted)
        {
            logger.StoreLost(exception);
            ContentSender.Forget(context.Response);
            return Problems.Unavailable("Contents cannot be read now.");
        }
    }

    /// <summary>
    /// Uploaded content must never run in our origin: it is an attachment, its type is not guessed, and if it is shown all the same it is in a
    /// sandbox that may load nothing.
    /// </summary>
    private static void Describe(HttpResponse response, FileRecord file, EntityTagHeaderValue tag, bool inline)
    {
        var headers = response.Headers;
        headers.ETag = tag.ToString();
        headers.LastModified = HeaderUtilities.FormatDate(Preconditions.WholeSeconds(file.CreatedAt));
        headers.AcceptRanges = "bytes";
        // A deleted file is gone at once, and a shared cache serves nobody else's user: ask every time, which the ETag makes cheap.
        headers.CacheControl = "private, no-cache";
        headers.ContentDisposition = FileNames.Disposition(file.Name, inline);
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
    }
}
