using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ServiceDefaults.Errors;

/// <summary>A failure as an endpoint's result; writes problem details whatever the Accept header says.</summary>
public sealed class ProblemResult : IResult, IStatusCodeHttpResult, IContentTypeHttpResult
{
    internal ProblemResult(int status, string type, string? detail, string? path = null, TimeSpan? retryAfter = null)
    {
        Status = status;
        Type = type;
        Detail = detail;
        Path = path;
        RetryAfter = retryAfter;
    }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>One of <see cref="Contracts.ProblemTypes"/>.</summary>
    public string Type { get; }

    /// <summary>What happened this time.</summary>
    public string? Detail { get; }

    /// <summary>JSON path of the member that is wrong.</summary>
    public string? Path { get; }

    /// <summary>When the same call may succeed; always set on 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; }

    int? IStatusCodeHttpResult.StatusCode => Status;

    string? IContentTypeHttpResult.ContentType => ContentType;

    internal const string ContentType = "application/problem+json";

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.Headers[HeaderNames.CacheControl] = "no-store";

        if (Status == StatusCodes.Status408RequestTimeout)
        {
            // What is left of the body would be taken for the next request.
            response.Headers[HeaderNames.Connection] = "close";
        }

        long? seconds = null;
        if (RetryAfter is { } wait)
        {
            // Rounded up: a client that waits what we said must not be early.
            seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers[HeaderNames.RetryAfter] = seconds.Value.ToString(CultureInfo.InvariantCulture);
        }

        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return Task.CompletedTask;
        }

        var traceId = Activity.Current?.TraceId.ToHexString() ?? httpContext.TraceIdentifier;
        var body = new ProblemBody(Type, ProblemTitles.TitleOf(Type, Status), Status, Detail, Path, seconds, traceId);
        // Not RequestAborted: it is cancelled when a request times out, which must still get this answer. The body fits the output buffer.
        return JsonSerializer.SerializeAsync(response.Body, body, ServiceDefaultsJson.Default.ProblemBody, CancellationToken.None);
    }
}
