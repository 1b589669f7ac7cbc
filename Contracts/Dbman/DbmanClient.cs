using System.Text.Json.Serialization.Metadata;
using Contracts.Results;

namespace Contracts.Dbman;

/// <summary>
/// dbman's API, one property a subject. Calls return the problem that dbman answered with; they throw only on cancellation.
/// </summary>
public sealed class DbmanClient(HttpClient http)
{
    /// <summary>Tenants, users, credentials.</summary>
    public DirectoryClient Directory { get; } = new(http);

    /// <summary>Sessions, refresh tokens, signing keys.</summary>
    public SessionsClient Sessions { get; } = new(http);

    /// <summary>Rooms, members, read markers.</summary>
    public RoomsClient Rooms { get; } = new(http);

    /// <summary>Messages, heads, relay positions.</summary>
    public MessagesClient Messages { get; } = new(http);

    /// <summary>Metadata of files, quota.</summary>
    public FilesClient Files { get; } = new(http);

    /// <summary>Channel layouts, nodes, the driver's lease, goals and decisions.</summary>
    public LayoutsClient Layouts { get; } = new(http);

    /// <summary>dbman's own replicas.</summary>
    public ReplicasClient Replicas { get; } = new(http);
}

/// <summary>What the subjects' clients share.</summary>
internal static class DbmanCalls
{
    public static ContractsJsonContext Wire => ContractsJsonContext.Default;

    public static Task<ServiceResult<T>> GetAsync<T>(this HttpClient http, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        http.SendAsync(HttpMethod.Get, path, content: null, type, idempotent: true, cancellationToken);

    public static Task<ServiceResult<T>> SendJsonAsync<TBody, T>(
        this HttpClient http,
        HttpMethod method,
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<T> type,
        bool idempotent,
        CancellationToken cancellationToken) =>
        http.SendAsync(method, path, ServiceHttp.Json(body, bodyType), type, idempotent, cancellationToken);
}
