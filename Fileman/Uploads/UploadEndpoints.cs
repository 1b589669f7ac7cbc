using Contracts;
using Contracts.Public;
using Fileman.Blobs;
using Fileman.Files;
using Fileman.Types;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ServiceDefaults.Drain;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;

namespace Fileman.Uploads;

internal static class UploadEndpoints
{
    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        // Created now, not with the first upload: an unusable store fails the start, and the free bytes are reported from then on.
        routes.ServiceProvider.GetRequiredService<DiskWatermark>();
        routes.MapApi(Api.Uploads)
            .MapPost(FileRoutes.Files, PostAsync)
            // Counted while it streams, and timed by the uploader: the server's own limits are for bodies that are held in memory.
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .RequireRateLimit(Api.Uploads)
            .WithStreamedBody()
            .DisableRequestTimeout();
    }

    private static async Task<IResult> PostAsync(
        HttpRequest request,
        UserIdentity caller,
        Uploader uploader,
        IOptions<UploadOptions> options,
        DrainState drain,
        CancellationToken cancellationToken)
    {
        if (drain.IsDraining)
        {
            return Problems.Unavailable("This replica is shutting down.", ProblemTypes.Draining);
        }

        var limits = options.Value;
        var refused = Check(request, limits, out var rule, out var name);
        if (refused is not null)
        {
            return refused;
        }

        return await uploader.UploadAsync(caller, name, rule!, request.ContentLength, request.BodyReader, cancellationToken);
    }

    private static IResult? Check(HttpRequest request, UploadOptions limits, out ContentRule? rule, out string name)
    {
        var hasName = FileNames.TryRead(request.Headers, out name);
        rule = ContentTypes.Find(request.ContentType, name, [.. limits.AllowedTypes]);
        if (rule is null)
        {
            return Problems.UnsupportedMediaType($"Content-Type must be one of the accepted types, not '{request.ContentType}'.");
        }

        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && encoding != "identity")
        {
            return Problems.UnsupportedMediaType("Content-Encoding is not accepted: send the content as it is.");
        }

        if (request.ContentLength > limits.MaxBytes)
        {
            return Uploader.TooLarge(limits.MaxBytes).Response;
        }

        return hasName
            ? null
            : Problems.InvalidRequest("The file's name must be valid Unicode.", FileRoutes.FileNameHeader);
    }
}
