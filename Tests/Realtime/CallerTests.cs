using System.Net.Http.Headers;
using Contracts;
using Contracts.Publish;
using Microsoft.AspNetCore.Routing;
using Tests.Infrastructure;
using Tests.Layouts.Driving;
using Tests.ServiceDefaults;

namespace Tests.Realtime;

/// <summary>Chat and session publish, session reports revoked sessions, operators use the admin API; no caller may use another's routes.</summary>
public sealed class CallerTests(SharedDriver shared) : IClassFixture<SharedDriver>
{
    private static readonly string[] Everybody =
        [ServiceNames.Chat, ServiceNames.Session, ServiceNames.Fileman, ServiceNames.Dbman, ServiceNames.Realtime, ServiceNames.Operator, TestKeys.Tests];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryInternalRouteIsOpenToItsCallers_And403ToOthers()
    {
        var node = shared.Rig.Nodes[0];
        using var http = new HttpClient { BaseAddress = node.Address };
        var routes = node.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => IsInternal(endpoint.RoutePattern.RawText!))
            .Select(static endpoint => (Method: endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single(), Path: endpoint.RoutePattern.RawText!))
            .ToList();
        Assert.True(routes.Count > 15, $"{routes.Count}");

        foreach (var (method, path) in routes)
        {
            string[] allowed = path switch
            {
                RealtimeRoutes.Publish => [ServiceNames.Chat, ServiceNames.Session],
                RealtimeRoutes.SessionRevoked => [ServiceNames.Session],
                _ => [ServiceNames.Operator, ServiceNames.Realtime],
            };
            foreach (var caller in Everybody)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", TestKeys.Token(caller, ServiceNames.Realtime)) } };
                using var response = await http.SendAsync(request, Token);
                if (allowed.Contains(caller))
                {
                    Assert.True((int)response.StatusCode is not (401 or 403), $"{caller} may call {method} {path}, and got {(int)response.StatusCode}.");
                }
                else
                {
                    await response.ProblemAsync(403, ProblemTypes.Forbidden);
                }
            }
        }
    }

    [Fact]
    public async Task OperatorsTokenForAnotherServiceIsRefused()
    {
        using var http = new HttpClient { BaseAddress = shared.Rig.Nodes[0].Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestKeys.Token(ServiceNames.Operator, ServiceNames.Dbman));
        using var response = await http.GetAsync(new Uri("/admin/v1/layouts", UriKind.Relative), Token);
        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
    }

    internal static bool IsInternal(string route) =>
        route.StartsWith("/internal", StringComparison.OrdinalIgnoreCase) || route.StartsWith("/admin", StringComparison.OrdinalIgnoreCase);
}
