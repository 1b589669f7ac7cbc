using System.Buffers;
using Contracts;
using Contracts.Dbman;
using Contracts.Files;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Files;

/// <summary>Metadata of files, and quota.</summary>
internal static class FileEndpoints
{
    /// <summary>A pebibyte: sums of sizes stay far from overflow.</summary>
    private const long MaxBytes = 1L << 50;

    /// <summary>A thumbnail is charged whatever the quota, so it must be small.</summary>
    private const int MaxThumbnailBytes = 1 << 20;

    private const int MaxExpirySeconds = 7 * 24 * 60 * 60;
    private const int Sha256Length = 64;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    public static void MapFiles(this RouteGroupBuilder routes)
    {
        var limited = routes.MapGroup("").AllowCallers(ServiceNames.Fileman).AddEndpointFilter<GateFilter>();
        limited.MapPost(DbmanRoutes.Files, ReserveAsync);
        limited.MapGet(DbmanRoutes.Files, ListAsync);
        limited.MapGet(DbmanRoutes.File, GetAsync).AllowCallers(ServiceNames.Fileman, ServiceNames.Chat);
        limited.MapDelete(DbmanRoutes.File, DeleteAsync);
        limited.MapPost(DbmanRoutes.CompleteFile, CompleteAsync);
        limited.MapPost(DbmanRoutes.Thumbnail, SetThumbnailAsync);
        limited.MapPost(DbmanRoutes.ForgetFile, ForgetAsync);
        limited.MapGet(DbmanRoutes.StorageUsage, UsageAsync);
        limited.MapGet(DbmanRoutes.ReapableFiles, ReapableAsync);
    }

    private static async Task<IResult> ReserveAsync(string tenant, ReserveFileRequest request, FileStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Id("id", request.Id);
        check.Id("owner", request.Owner);
        check.Text("name", request.Name, Limits.Name);
        check.Text("contentType", request.ContentType, Limits.Name);
        check.Range("reservedBytes", request.ReservedBytes, 0, MaxBytes);
        check.Range("expiresInSeconds", request.ExpiresInSeconds, 1, MaxExpirySeconds);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (verdict, file) = await store.ReserveAsync(tenant, request, cancellationToken);
        return verdict == FileVerdict.Ok ? TypedResults.Created((string?)null, file) : Refusal(verdict);
    }

    private static async Task<IResult> CompleteAsync(
        string tenant, string file, CompleteFileRequest request, FileStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Range("size", request.Size, 0, MaxBytes);
        check.Text("contentType", request.ContentType, Limits.Name);
        check.That(
            request.Sha256.Length == Sha256Length && !request.Sha256.AsSpan().ContainsAnyExcept(LowerHex),
            "sha256",
            "must be 64 lower-case hexadecimal digits.");
        CheckPicture(ref check, request.Picture);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (verdict, completed) = await store.CompleteAsync(tenant, file, request, cancellationToken);
        return verdict == FileVerdict.Ok ? TypedResults.Ok(completed) : Refusal(verdict);
    }

    private static async Task<IResult> SetThumbnailAsync(
        string tenant, string file, SetThumbnailRequest request, FileStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Range("bytes", request.Bytes, 0, MaxThumbnailBytes);
        CheckPicture(ref check, request.Picture);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.SetThumbnailAsync(tenant, file, request, cancellationToken) is { } changed ? TypedResults.Ok(changed) : Refusal(FileVerdict.NoFile);
    }

    private static void CheckPicture(ref Check check, PictureInfo? picture)
    {
        if (picture is not null)
        {
            check.Range("picture.width", picture.Width, 1, int.MaxValue);
            check.Range("picture.height", picture.Height, 1, int.MaxValue);
        }
    }

    private static async Task<IResult> GetAsync(string tenant, string file, FileStore store, CancellationToken cancellationToken) =>
        await store.GetAsync(tenant, file, cancellationToken) is { } found ? TypedResults.Ok(found) : Refusal(FileVerdict.NoFile);

    private static async Task<IResult> ListAsync(
        string tenant, FileStore store, CancellationToken cancellationToken, string? owner = null, string? after = null, int limit = 100)
    {
        var check = default(Check);
        check.OptionalId("owner", owner);
        check.Page(after, limit);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.ListAsync(tenant, owner, after, limit, cancellationToken) is { } rows
            ? TypedResults.Ok(rows.ToPage(limit, static file => file.Id))
            : Refusal(FileVerdict.NoTenant);
    }

    private static async Task<IResult> DeleteAsync(string tenant, string file, FileStore store, CancellationToken cancellationToken) =>
        await store.DeleteAsync(tenant, file, cancellationToken) is { } deleted ? TypedResults.Ok(deleted) : Refusal(FileVerdict.NoFile);

    private static async Task<IResult> ForgetAsync(string tenant, string file, FileStore store, CancellationToken cancellationToken) =>
        await store.ForgetAsync(tenant, file, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Conflict("The file is in use; only expired uploads and deleted files can be removed.");

    private static async Task<IResult> UsageAsync(string tenant, FileStore store, CancellationToken cancellationToken) =>
        await store.GetUsageAsync(tenant, cancellationToken) is { } usage ? TypedResults.Ok(usage) : Refusal(FileVerdict.NoTenant);

    private static async Task<IResult> ReapableAsync(FileStore store, CancellationToken cancellationToken, int limit = 100)
    {
        var check = default(Check);
        check.Range("limit", limit, 1, Limits.HeadsBatch);
        return check.Problem is { } problem
            ? problem
            : TypedResults.Ok(new ReapableFilesResponse(await store.ListReapableAsync(limit, cancellationToken)));
    }

    private static ProblemResult Refusal(FileVerdict verdict) => verdict switch
    {
        FileVerdict.NoTenant => Problems.NotFound("There is no such tenant.", ProblemTypes.TenantNotFound),
        FileVerdict.NoOwner => Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound),
        FileVerdict.NoFile => Problems.NotFound("There is no such file in the tenant, or its upload has not finished.", ProblemTypes.FileNotFound),
        FileVerdict.Quota => Problems.TooLarge("The tenant's storage quota would be exceeded.", ProblemTypes.QuotaExceeded),
        _ => Problems.Conflict("The file id is taken, or the file was completed with other content."),
    };
}
