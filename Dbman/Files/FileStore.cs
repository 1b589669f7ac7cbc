using Contracts.Files;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Files;

/// <summary>
/// Metadata of files, and quota. Every change to the storage that a tenant's files use locks the tenant's storage row first, so what is reserved and
/// what is stored never passes the quota together, however many uploads begin at once.
/// </summary>
internal sealed class FileStore(Database database)
{
    private static readonly string ReserveFile = SqlText.Read("Files/ReserveFile.sql");
    private static readonly string CompleteFile = SqlText.Read("Files/CompleteFile.sql");
    private static readonly string GetFile = SqlText.Read("Files/GetFile.sql");
    private static readonly string ListFiles = SqlText.Read("Files/ListFiles.sql");
    private static readonly string ListFilesOfOwner = SqlText.Read("Files/ListFilesOfOwner.sql");
    private static readonly string DeleteFile = SqlText.Read("Files/DeleteFile.sql");
    private static readonly string ForgetFile = SqlText.Read("Files/ForgetFile.sql");
    private static readonly string SetThumbnail = SqlText.Read("Files/SetThumbnail.sql");
    private static readonly string ReadUsage = SqlText.Read("Files/ReadUsage.sql");
    private static readonly string ListReapable = SqlText.Read("Files/ListReapable.sql");

    public async Task<(FileVerdict Verdict, FileRecord? File)> ReserveAsync(string tenant, ReserveFileRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ReserveFile,
            ReadVerdict,
            [
                Arg.Text("tenant", tenant),
                Arg.Text("file", request.Id),
                Arg.Text("owner", request.Owner),
                Arg.Text("name", request.Name),
                Arg.Text("content_type", request.ContentType),
                Arg.Long("bytes", request.ReservedBytes),
                Arg.Int("expires_in", request.ExpiresInSeconds),
            ],
            cancellationToken);
        return rows.Count == 0 ? (FileVerdict.NoTenant, null) : rows[0];
    }

    public async Task<(FileVerdict Verdict, FileRecord? File)> CompleteAsync(
        string tenant, string file, CompleteFileRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            CompleteFile,
            ReadVerdict,
            [
                Arg.Text("tenant", tenant),
                Arg.Text("file", file),
                Arg.Long("size", request.Size),
                Arg.Text("sha256", request.Sha256),
                Arg.Text("content_type", request.ContentType),
                Arg.OptionalInt("width", request.Picture?.Width),
                Arg.OptionalInt("height", request.Picture?.Height),
                Arg.Flag("animated", request.Picture?.Animated ?? false),
            ],
            cancellationToken);
        return rows.Count == 0 ? (FileVerdict.NoFile, null) : rows[0];
    }

    /// <summary>Null when there is no such file. One that has a thumbnail, or is known to have none, is answered as it is.</summary>
    public Task<FileRecord?> SetThumbnailAsync(string tenant, string file, SetThumbnailRequest request, CancellationToken cancellationToken) =>
        database.FirstAsync(
            SetThumbnail,
            static row => ReadFile(row),
            [
                Arg.Text("tenant", tenant),
                Arg.Text("file", file),
                Arg.Int("bytes", request.Bytes),
                Arg.OptionalInt("width", request.Picture?.Width),
                Arg.OptionalInt("height", request.Picture?.Height),
                Arg.OptionalFlag("animated", request.Picture?.Animated),
            ],
            cancellationToken);

    public Task<FileRecord?> GetAsync(string tenant, string file, CancellationToken cancellationToken) =>
        database.FirstAsync(GetFile, static row => ReadFile(row), [Arg.Text("tenant", tenant), Arg.Text("file", file)], cancellationToken);

    /// <summary>One more than <paramref name="limit"/> where there are more; null when there is no such tenant.</summary>
    public async Task<List<FileRecord>?> ListAsync(string tenant, string? owner, string? after, int limit, CancellationToken cancellationToken)
    {
        NpgsqlParameter[] args = [Arg.Text("tenant", tenant), Arg.Text("after", after ?? ""), Arg.Int("limit", limit + 1)];
        var rows = owner is null
            ? await database.ListAsync(ListFiles, ReadFileOrNull, args, cancellationToken)
            : await database.ListAsync(ListFilesOfOwner, ReadFileOrNull, [.. args, Arg.Text("owner", owner)], cancellationToken);
        return rows.Count == 0 ? null : [.. rows.OfType<FileRecord>()];
    }

    /// <summary>Null when there is no such file. A file that is being deleted is answered as such: the call may be repeated.</summary>
    public Task<FileRecord?> DeleteAsync(string tenant, string file, CancellationToken cancellationToken) =>
        database.FirstAsync(DeleteFile, static row => ReadFile(row), [Arg.Text("tenant", tenant), Arg.Text("file", file)], cancellationToken);

    /// <summary>False when the file is in use: ready, or being uploaded.</summary>
    public async Task<bool> ForgetAsync(string tenant, string file, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ForgetFile, static row => row.GetBoolean(0), [Arg.Text("tenant", tenant), Arg.Text("file", file)], cancellationToken);
        return rows[0];
    }

    /// <summary>Null when there is no such tenant.</summary>
    public Task<StorageUsage?> GetUsageAsync(string tenant, CancellationToken cancellationToken) =>
        database.FirstAsync(
            ReadUsage,
            static row => new StorageUsage(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
            [Arg.Text("tenant", tenant)],
            cancellationToken);

    public Task<List<FileRecord>> ListReapableAsync(int limit, CancellationToken cancellationToken) =>
        database.ListAsync(ListReapable, static row => ReadFile(row), [Arg.Int("limit", limit)], cancellationToken);

    private static (FileVerdict Verdict, FileRecord? File) ReadVerdict(NpgsqlDataReader row) =>
        (FileVerdicts.Parse(row.GetString(0)), row.IsDBNull(1) ? null : ReadFile(row, 1));

    private static FileRecord? ReadFileOrNull(NpgsqlDataReader row) => row.IsDBNull(0) ? null : ReadFile(row);

    /// <summary>tenant_id, id, owner_id, name, content_type, size, sha256, status, created_at, width, height, animated, thumbnail_bytes.</summary>
    private static FileRecord ReadFile(NpgsqlDataReader row, int first = 0) => new(
        row.GetString(first),
        row.GetString(first + 1),
        row.GetString(first + 2),
        row.GetString(first + 3),
        row.GetString(first + 4),
        row.GetInt64(first + 5),
        row.GetString(first + 6),
        row.GetString(first + 7),
        row.Time(first + 8),
        row.IsDBNull(first + 9) ? null : new PictureInfo(row.GetInt32(first + 9), row.GetInt32(first + 10), row.GetBoolean(first + 11)),
        row.IsDBNull(first + 12) ? null : row.GetInt32(first + 12));
}
