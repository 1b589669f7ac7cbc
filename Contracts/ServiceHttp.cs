using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Contracts.Results;

namespace Contracts;

/// <summary>
/// Sends one request and makes a <see cref="ServiceResult{T}"/> of what comes back: typed clients stay tables of routes.
/// </summary>
internal static class ServiceHttp
{
    /// <summary>Problem bodies are short; more than this is not read.</summary>
    private const int MaxProblemBytes = 16 * 1024;

    public static async Task<ServiceResult<TResponse>> SendAsync<TResponse>(
        this HttpClient http,
        HttpMethod method,
        string path,
        HttpContent? content,
        JsonTypeInfo<TResponse> responseType,
        bool idempotent,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (idempotent)
        {
            request.Options.Set(RequestOptions.Idempotent, value: true);
        }

        return await http.SendAsync(
            request,
            async (response, token) => typeof(TResponse) == typeof(Unit) || response.StatusCode == HttpStatusCode.NoContent
                ? default
                : await response.Content.ReadFromJsonAsync(responseType, token) ?? throw new JsonException("The answer had no body."),
            cancellationToken);
    }

    /// <summary>Sends a request and lets the caller read the answer of a success.</summary>
    public static async Task<ServiceResult<TResponse>> SendAsync<TResponse>(
        this HttpClient http,
        HttpRequestMessage request,
        Func<HttpResponseMessage, CancellationToken, Task<TResponse?>> read,
        CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode
                ? new ServiceResult<TResponse>((await read(response, cancellationToken))!)
                : await ReadProblemAsync(response, cancellationToken);
        }
        catch (Exception exception) when (IsLostDependency(exception, cancellationToken))
        {
            return Lost(http, exception.Message);
        }
    }

    /// <summary>
    /// The call failed on its way, not by the caller's will. Timeout and circuit breaker of the resilience handler throw their own types, which this
    /// project need not know: anything but cancellation by the caller and errors of this very code counts as a lost dependency. A connection that is
    /// reset just as it opens surfaces as a bare SocketException: the handler asks it for its remote end point outside of its own translation.
    /// </summary>
    private static bool IsLostDependency(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && (exception is HttpRequestException or SocketException or IOException or JsonException or OperationCanceledException or TimeoutException
            || exception.GetType().Namespace?.StartsWith("Polly", StringComparison.Ordinal) == true);

    private static ServiceProblem Lost(HttpClient http, string detail) => new(
        (int)HttpStatusCode.ServiceUnavailable,
        ProblemTypes.DependencyUnavailable,
        "A service that is needed did not answer.",
        $"{http.BaseAddress?.Host}: {detail}",
        TimeSpan.FromSeconds(1));

    private static async Task<ServiceProblem> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var retryAfter = response.Headers.RetryAfter?.Delta;
        if (response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json"
            && response.Content.Headers.ContentLength is null or <= MaxProblemBytes)
        {
            try
            {
                var problem = await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.ServiceProblem, cancellationToken);
                if (problem is not null)
                {
                    return problem with { Status = status, RetryAfter = retryAfter };
                }
            }
            catch (JsonException)
            {
                // Not one of our problems: what is known is the status, and that is returned below.
            }
        }

        return new ServiceProblem(status, "about:blank", response.ReasonPhrase ?? "Error", RetryAfter: retryAfter);
    }

    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type)
    {
        // A buffered body has a length and can be sent again by a retry.
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        return content;
    }
}
