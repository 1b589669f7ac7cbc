using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Fileman.Types;
using Fileman.Uploads;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Requests;

namespace Fileman.Files;

internal static class FileEndpoints
{
    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var files = routes.MapApi(Api.Requests);
        files.MapGet(FileRoutes.Files, ListAsync);
        files.MapGet(FileRoutes.UploadLimits, GetLimits);
        files.MapGet(FileRoutes.File, GetAsync);
        files.MapDelete(FileRoutes.File, DeleteAsync);
    }

    /// <summary>The caller's own files; a tenant admin sees everybody's. A list of all files for all users would give away the ids that are the right to read.</summary>
    private static async Task<IResult> ListAsync(
        string? after, int? limit, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (!Paging.TryParse(after, limit, out var paging, out var problem))
        {
            return problem;
        }

        var result = await dbman.Files.ListAsync(
            caller.Tenant, caller.IsAdmin ? null : caller.User, paging.After, paging.Limit, cancellationToken);
        return result.ToHttp(static page => Results.Ok(new Page<FileView>([.. page.Items.Select(static file => file.ToView())], page.Next)));
    }

    private static IResult GetLimits(IOptions<UploadOptions> options) => Results.Ok(new UploadLimits(
        options.Value.MaxBytes,
        [.. ContentTypes.Accepted([.. options.Value.AllowedTypes]).Order(StringComparer.Ordinal)]));

    private static async Task<IResult> GetAsync(string file, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        var result = await dbman.Files.GetAsync(caller.Tenant, file, cancellationToken);
        return result.ToHttp(static found => Results.Ok(found.ToView()));
    }

    /// <summary>Hides the file at once; the reaper removes its content.</summary>
    private static async Task<IResult> DeleteAsync(
        string file, UserIdentity caller, DbmanClient dbman, FilemanTelemetry telemetry, CancellationToken cancellationToken)
    {
        var result = await dbman.Files.GetAsync(caller.Tenant, file, cancellationToken);
        if (!result.TryGet(out var found, out var problem))
        {
            return Problems.From(problem);
        }

        if (found.Owner != caller.User && !caller.IsAdmin)
        {
            return Problems.Forbidden("Only its owner or a tenant admin may delete a file.");
        }

        var deleted = await dbman.Files.DeleteAsync(caller.Tenant, file, cancellationToken);
        return deleted.ToHttp(_ =>
        {
            telemetry.Deleted();
            return Results.NoContent();
        });
    }
}
