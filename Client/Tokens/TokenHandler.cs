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
        try
        {
            request.Headers.Authorization = await HeaderAsync(cancellationToken);
        }
        catch (TokenException exception)
        {
            return Answer(request, exception);
        }

        var response = await base.SendAsync(request, cancellationToken);

        // A streamed body is gone with the first attempt; a buffered one can go out again.
        if (response.StatusCode != HttpStatusCode.Unauthorized || request.Content is StreamContent)
        {
            return response;
        }

        tokens.Invalidate();
        AuthenticationHeaderValue renewed;
        try
        {
            renewed = await HeaderAsync(cancellationToken);
        }
        catch (TokenException)
        {
            // The refusal says more than the failed refresh: let the caller see it.
            return response;
        }

        response.Dispose();
        request.Headers.Authorization = renewed;
        return await base.SendAsync(request, cancellationToken);
    }

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

    private async ValueTask<AuthenticationHeaderValue> HeaderAsync(CancellationToken cancellationToken) =>
        new("Bearer", (await tokens.GetAsync(TimeSpan.Zero, cancellationToken)).Value);
}
