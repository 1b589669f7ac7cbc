using System.Text.Json.Serialization;

namespace Contracts.Results;

/// <summary>
/// Why a call was refused: the fields of RFC 9457 problem details that programs act on.
/// </summary>
/// <param name="Status">HTTP status, 400 to 599.</param>
/// <param name="Type">One of <see cref="ProblemTypes"/>, or <c>about:blank</c> where the other side is no service of ours.</param>
/// <param name="Title">Short, the same for every occurrence of the type.</param>
/// <param name="Detail">What happened this time; may be shown to a person.</param>
/// <param name="RetryAfter">How long to wait before the same call may succeed; from the Retry-After header.</param>
public sealed record ServiceProblem(
    int Status,
    string Type,
    string Title,
    string? Detail = null,
    [property: JsonIgnore] TimeSpan? RetryAfter = null)
{
    /// <summary>Whether the same call may succeed later without being changed.</summary>
    [JsonIgnore]
    public bool IsTransient => Status is 408 or 429 or 502 or 503 or 504;

    /// <summary>Whether this problem has the given type.</summary>
    public bool Is(string type) => string.Equals(Type, type, StringComparison.Ordinal);
}
