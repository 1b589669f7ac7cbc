using System.Net.Http.Headers;

namespace ServiceDefaults.Identity;

/// <summary>Signs outgoing calls for the service that they go to. Sits inside the retries, so that a late attempt carries a fresh token.</summary>
internal sealed class ServiceCallHandler(ServiceTokens tokens, string callee) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Issue(callee));
        return base.SendAsync(request, cancellationToken);
    }
}
