using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Contracts;
using Contracts.Results;

namespace Client.Tokens;

/// <summary>
/// Puts the access token on requests; when it is refused once, gets another and sends again, where the body allows it. Where no token is to be had the request is answered here, with the
/// problem that the session service gave, so that callers see one kind of failure.
/// </summary>
internal sealed class TokenHandler(ITokenSource tokens) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        AccessToken token;
        try
        {
            token = await tokens.GetAsync(TimeSpan.Zero, cancellationToken);
        }
        catch (TokenException exception)
        {
            return Answer(request, exception);
        }

        request.Headers.Authorization = Header(token);
        var response = await base.SendAsync(request, cancellationToken);
        if (!IsTokenRefused(response))
        {
            return response;
        }

        tokens.Invalidate(token.Value);

        // A streamed body is consumed by the first attempt; a buffered one can be sent again.
        if (request.Content is StreamContent)
        {
            return response;
        }

        try
        {
            token = await tokens.GetAsync(TimeSpan.Zero, cancellationToken);
        }
        catch (TokenException)
        {
            // The refusal says more than the failed refresh: let the caller see it.
            return response;
        }

        response.Dispose();
        request.Headers.Authorization = Header(token);
        return await base.SendAsync(request, cancellationToken);
    }

    /// <summary>Only a 401 with a challenge speaks of the token: a wrong password is a 401 too, and sending that again would be another guess.</summary>
    private static bool IsTokenRefused(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.Unauthorized && response.Headers.WwwAuthenticate.Count > 0;

    private static AuthenticationHeaderValue Header(AccessToken token) => new("Bearer", token.Value);

    private static HttpResponseMessage Answer(HttpRequestMessage request, TokenException exception)
    {
        var problem = exception.Problem ?? new ServiceProblem((int)HttpStatusCode.Unauthorized, ProblemTypes.Unauthenticated, exception.Message);
        var response = new HttpResponseMessage((HttpStatusCode)problem.Status)
        {
            RequestMessage = request,
            Content = JsonContent.Create(problem, ContractsJsonContext.Default.ServiceProblem, new MediaTypeHeaderValue("application/problem+json")),
        };
        if (problem.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        }

        return response;
    }
}
