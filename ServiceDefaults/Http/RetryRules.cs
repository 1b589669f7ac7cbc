using System.Net;
using System.Net.Sockets;
using Contracts;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace ServiceDefaults.Http;

/// <summary>What is repeated, after which wait, and what counts against the other side.</summary>
internal static class RetryRules
{
    /// <summary>
    /// Only calls that are safe, or that say themselves that they may be sent twice: a repeated append without an id would be two
    /// messages. And only failures that another replica or a moment later may not have: a 500 is a bug, and repeating it multiplies load.
    /// </summary>
    public static bool ShouldRetry(RetryPredicateArguments<HttpResponseMessage> args, TimeSpan maxRetryAfter, TimeProvider time)
    {
        if (args.Context.CancellationToken.IsCancellationRequested || !IsRepeatable(args.Context.GetRequestMessage()))
        {
            return false;
        }

        return args.Outcome switch
        {
            // An open circuit is here to spare the other side: no repetition.
            { Exception: BrokenCircuitException } => false,
            { Exception: HttpRequestException or SocketException or TimeoutRejectedException or IOException } => true,
            { Result: { } response } => IsTransient(response.StatusCode) && (RetryAfter(response, time) ?? TimeSpan.Zero) <= maxRetryAfter,
            _ => false,
        };
    }

    /// <summary>
    /// A replica that sheds load politely (429, or 503 with Retry-After) works; counting that as failure would turn "busy" into "down".
    /// </summary>
    public static bool CountsAsFailure(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or SocketException or TimeoutRejectedException or IOException } => true,
        { Result: { } response } => (int)response.StatusCode >= 500 && response.Headers.RetryAfter is null,
        _ => false,
    };

    /// <summary>The wait that the server requested, or null for the default.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage? response, TimeProvider time)
    {
        if (response?.Headers.RetryAfter is not { } header)
        {
            return null;
        }

        var wait = header.Delta ?? header.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static bool IsRepeatable(HttpRequestMessage? request) =>
        request is not null
        && (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Options
            || request.Options.TryGetValue(RequestOptions.Idempotent, out var idempotent) && idempotent);

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
