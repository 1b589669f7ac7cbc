using System.Net.Http.Headers;
using Contracts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using ServiceDefaults.Identity;

namespace Tests.Infrastructure;

/// <summary>
/// Signs each call as a service that may make it, so that tests which are not about callers reach every route of a service through one client. Tests
/// of refusals sign by themselves.
/// </summary>
/// <param name="endpoints">Of the service that is called.</param>
/// <param name="callee">Its name.</param>
internal sealed class RightfulCaller(EndpointDataSource endpoints, string callee) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization ??= new AuthenticationHeaderValue("Bearer", TestKeys.Token(CallerOf(request), callee));
        return base.SendAsync(request, cancellationToken);
    }

    private string CallerOf(HttpRequestMessage request)
    {
        var path = new PathString(Uri.UnescapeDataString(request.RequestUri!.AbsolutePath));
        var endpoint = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(request.Method.Method) == true
                && new TemplateMatcher(TemplateParser.Parse(endpoint.RoutePattern.RawText!), []).TryMatch(path, []))
            .MinBy(static endpoint => endpoint.RoutePattern.Parameters.Count);
        return endpoint?.Metadata.GetMetadata<AllowedCallers>()?.Names.Order(StringComparer.Ordinal).First()
            ?? (endpoint?.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(static data => data.Policy == Policies.Operator) == true ? ServiceNames.Operator : ServiceNames.Chat);
    }
}
