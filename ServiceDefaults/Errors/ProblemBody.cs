using System.Text.Json.Serialization;

namespace ServiceDefaults.Errors;

/// <summary>RFC 9457 problem details as our services write them.</summary>
/// <param name="Type">One of <c>Contracts.ProblemTypes</c>.</param>
/// <param name="Title">The same for every occurrence of the type.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What happened this time.</param>
/// <param name="Path">JSON path of the member that is wrong.</param>
/// <param name="RetryAfter">Seconds; the same as the Retry-After header, for clients that cannot read headers.</param>
/// <param name="TraceId">Finds the request in logs and traces.</param>
internal sealed record ProblemBody(
    [property: JsonPropertyOrder(0)] string Type,
    [property: JsonPropertyOrder(1)] string Title,
    [property: JsonPropertyOrder(2)] int Status,
    [property: JsonPropertyOrder(3)] string? Detail,
    [property: JsonPropertyOrder(4)] string? Path,
    [property: JsonPropertyOrder(5)] long? RetryAfter,
    [property: JsonPropertyOrder(6)] string? TraceId);
