using Chat.Rooms;
using Fileman;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Identity;
using Session;
using Session.Keys;
using Tests.Realtime;

namespace Tests.Infrastructure;

/// <summary>Chat, session and fileman are called by users alone: no route of theirs is for services, whichever key these have.</summary>
public sealed class PublicServicesTests
{
    /// <summary>Discards the port: nobody listens there.</summary>
    private const string Nowhere = "http://127.0.0.1:9";

    [Fact]
    public async Task ChatHasNoRouteForServices()
    {
        await using var chat = RunningService<RoomEvents>.Start(Settings());
        AssertNone(chat.Get<EndpointDataSource>());
    }

    [Fact]
    public async Task SessionHasNoRouteForServices()
    {
        await using var session = RunningService<SessionTelemetry>.Start(
            Settings(), static services => services.AddSingleton<IUserKeySource>(static provider => provider.GetRequiredService<KeyRing>()));
        AssertNone(session.Get<EndpointDataSource>());
    }

    [Fact]
    public async Task FilemanHasNoRouteForServices()
    {
        var folder = Directory.CreateTempSubdirectory("fileman-");
        await using (var fileman = RunningService<FilemanTelemetry>.Start(new(Settings(), StringComparer.Ordinal) { ["Blobs:Folder"] = folder.FullName }))
        {
            AssertNone(fileman.Get<EndpointDataSource>());
        }

        folder.Delete(recursive: true);
    }

    private static Dictionary<string, string?> Settings() => new(StringComparer.Ordinal) { ["services:dbman:http:0"] = Nowhere, ["services:realtime:http:0"] = Nowhere };

    private static void AssertNone(EndpointDataSource endpoints)
    {
        var routes = endpoints.Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.True(routes.Count > 5);
        Assert.DoesNotContain(routes, static route => CallerTests.IsInternal(route.RoutePattern.RawText!));
        Assert.DoesNotContain(routes, static route => route.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(static data => data.Policy is Policies.Service or Policies.Operator));
    }
}
