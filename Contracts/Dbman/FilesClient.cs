using Contracts.Files;
using Contracts.Results;
using static Contracts.Dbman.DbmanCalls;
using static Contracts.RouteTemplate;

namespace Contracts.Dbman;

/// <summary>Metadata of files, and quota.</summary>
public sealed class FilesClient
{
    private readonly HttpClient _http;

    internal FilesClient(HttpClient http) => _http = http;

    /// <summary>Reserves quota. 413 <see cref="ProblemTypes.QuotaExceeded"/>.</summary>
    public Task<ServiceResult<FileRecord>> ReserveAsync(string tenant, ReserveFileRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.Files, tenant), request, Wire.ReserveFileRequest, Wire.FileRecord, idempotent: false, cancellationToken);

    /// <summary>Completes an upload. 404 <see cref="ProblemTypes.FileNotFound"/> when its reservation has ended. Safe to repeat.</summary>
    public Task<ServiceResult<FileRecord>> CompleteAsync(string tenant, string file, CompleteFileRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.CompleteFile, tenant, file), request, Wire.CompleteFileRequest, Wire.FileRecord, idempotent: true, cancellationToken);

    /// <summary>Says that a thumbnail was stored, or that none can be made. Safe to repeat. 404 <see cref="ProblemTypes.FileNotFound"/>.</summary>
    public Task<ServiceResult<FileRecord>> SetThumbnailAsync(string tenant, string file, SetThumbnailRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.Thumbnail, tenant, file), request, Wire.SetThumbnailRequest, Wire.FileRecord, idempotent: true, cancellationToken);

    /// <summary>404 <see cref="ProblemTypes.FileNotFound"/>; files that are not ready are not found.</summary>
    public Task<ServiceResult<FileRecord>> GetAsync(string tenant, string file, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.File, tenant, file), Wire.FileRecord, cancellationToken);

    /// <summary>Ready files of a tenant in order of id; <paramref name="owner"/> narrows to one uploader.</summary>
    public Task<ServiceResult<Page<FileRecord>>> ListAsync(string tenant, string? owner, string? after, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync(
            Paged(Fill(DbmanRoutes.Files, tenant), after, limit) + (owner is null ? "" : "&owner=" + Uri.EscapeDataString(owner)),
            Wire.PageFileRecord,
            cancellationToken);

    /// <summary>Hides a file; its content is removed afterwards. Gives up a reservation too. 404 <see cref="ProblemTypes.FileNotFound"/>.</summary>
    public Task<ServiceResult<FileRecord>> DeleteAsync(string tenant, string file, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Delete, Fill(DbmanRoutes.File, tenant, file), content: null, Wire.FileRecord, idempotent: true, cancellationToken);

    /// <summary>Storage used by a tenant.</summary>
    public Task<ServiceResult<StorageUsage>> GetUsageAsync(string tenant, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.StorageUsage, tenant), Wire.StorageUsage, cancellationToken);

    /// <summary>Files whose content may be removed now.</summary>
    public Task<ServiceResult<ReapableFilesResponse>> ListReapableAsync(int limit, CancellationToken cancellationToken) =>
        _http.GetAsync($"{DbmanRoutes.ReapableFiles}?limit={limit}", Wire.ReapableFilesResponse, cancellationToken);

    /// <summary>The content is gone: forget the row. Safe to repeat.</summary>
    public Task<ServiceResult<Unit>> ForgetAsync(string tenant, string file, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Post, Fill(DbmanRoutes.ForgetFile, tenant, file), content: null, Wire.Unit, idempotent: true, cancellationToken);
}
