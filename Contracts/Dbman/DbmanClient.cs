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
}

/// <summary>What the subjects' clients share: filling routes, and the four kinds of calls.</summary>
internal static class DbmanCalls
{
    public static ContractsJsonContext Wire => ContractsJsonContext.Default;

    /// <summary>Replaces the route's parameters, escaped, in order.</summary>
    public static string Fill(string route, params ReadOnlySpan<string> values)
    {
        foreach (var value in values)
        {
            var open = route.IndexOf('{', StringComparison.Ordinal);
            var close = route.IndexOf('}', open);
            route = string.Concat(route.AsSpan(0, open), Uri.EscapeDataString(value), route.AsSpan(close + 1));
        }

        return route;
    }

    /// <summary>Adds <c>?after=&amp;limit=</c>.</summary>
    public static string Paged(string path, string? after, int limit) =>
        after is null ? $"{path}?limit={limit}" : $"{path}?after={Uri.EscapeDataString(after)}&limit={limit}";

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
