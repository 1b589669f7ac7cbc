using System.Net.Http.Headers;

namespace ServiceDefaults.Identity;

/// <summary>Signs outgoing calls. Sits inside the retries, so that a late attempt carries a fresh token.</summary>
internal sealed class ServiceCredentialHandler(ServiceTokens tokens) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Issue());
        return base.SendAsync(request, cancellationToken);
    }
}
