using System.Net.Http.Headers;
using Contracts;
using Contracts.Dbman;
using Microsoft.AspNetCore.Routing;
using ServiceDefaults.Identity;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Dbman;

/// <summary>A service gets from dbman what it needs, and nothing else: one service's key does not open the whole database.</summary>
public sealed class CallerTests(SharedDbman shared) : IClassFixture<SharedDbman>
{
    private const string C = ServiceNames.Chat;
    private const string S = ServiceNames.Session;
    private const string F = ServiceNames.Fileman;
    private const string R = ServiceNames.Realtime;

    private static readonly string[] Everybody = [C, S, F, R, ServiceNames.Dbman, ServiceNames.Operator, TestKeys.Tests];

    /// <summary>A second list, by what each service's code calls: an entry added by mistake is found here.</summary>
    private static readonly Dictionary<string, string[]> Callers = new(StringComparer.Ordinal)
    {
        ["POST " + DbmanRoutes.Tenants] = [S],
        ["GET " + DbmanRoutes.Tenant] = [S, R],
        ["POST " + DbmanRoutes.Users] = [S],
        ["GET " + DbmanRoutes.Users] = [C],
        ["POST " + DbmanRoutes.UsersById] = [C, S],
        ["GET " + DbmanRoutes.User] = [S, R],
        ["PUT " + DbmanRoutes.DisplayName] = [S],
        ["PUT " + DbmanRoutes.Active] = [S],
        ["PUT " + DbmanRoutes.Role] = [S],
        ["POST " + DbmanRoutes.RemoveUser] = [S],
        ["GET " + DbmanRoutes.Directory] = [S],
        ["GET " + DbmanRoutes.Credential] = [S],
        ["PUT " + DbmanRoutes.PasswordHash] = [S],
        ["PUT " + DbmanRoutes.Password] = [S],
        ["GET " + DbmanRoutes.LoginAttempts] = [S],
        ["POST " + DbmanRoutes.LoginAttempts] = [S],
        ["POST " + DbmanRoutes.Sessions] = [S],
        ["GET " + DbmanRoutes.UserSessions] = [S, R],
        ["POST " + DbmanRoutes.RevokeSessions] = [S, R],
        ["GET " + DbmanRoutes.RevokedSessions] = [S, C, F, R],
        ["POST " + DbmanRoutes.RotateRefreshToken] = [S],
        ["GET " + DbmanRoutes.SigningKeys] = [S],
        ["POST " + DbmanRoutes.SigningKeys] = [S],
        ["POST " + DbmanRoutes.Rooms] = [C],
        ["GET " + DbmanRoutes.Rooms] = [C],
        ["GET " + DbmanRoutes.Room] = [C],
        ["GET " + DbmanRoutes.UserRooms] = [C],
        ["GET " + DbmanRoutes.Unread] = [C],
        ["GET " + DbmanRoutes.Members] = [C],
        ["GET " + DbmanRoutes.Member] = [C, R],
        ["PUT " + DbmanRoutes.Member] = [C],
        ["DELETE " + DbmanRoutes.Member] = [C],
        ["PUT " + DbmanRoutes.ReadMarker] = [C],
        ["POST " + DbmanRoutes.Append] = [C],
        ["GET " + DbmanRoutes.History] = [C, R],
        ["POST " + DbmanRoutes.Heads] = [R],
        ["POST " + DbmanRoutes.MarkRelayed] = [C],
        ["POST " + DbmanRoutes.ClaimUnrelayed] = [C],
        ["POST " + DbmanRoutes.Files] = [F],
        ["GET " + DbmanRoutes.Files] = [F],
        ["GET " + DbmanRoutes.File] = [F, C],
        ["DELETE " + DbmanRoutes.File] = [F],
        ["POST " + DbmanRoutes.CompleteFile] = [F],
        ["POST " + DbmanRoutes.Thumbnail] = [F],
        ["POST " + DbmanRoutes.ForgetFile] = [F],
        ["GET " + DbmanRoutes.StorageUsage] = [F],
        ["GET " + DbmanRoutes.ReapableFiles] = [F],
        ["GET " + DbmanRoutes.Layouts] = [R],
        ["POST " + DbmanRoutes.Layouts] = [R],
        ["GET " + DbmanRoutes.LayoutHistory] = [R],
        ["GET " + DbmanRoutes.LayoutNodes] = [R],
        ["PUT " + DbmanRoutes.LayoutNode] = [R],
        ["DELETE " + DbmanRoutes.LayoutNode] = [R],
        ["GET " + DbmanRoutes.LayoutDriver] = [R],
        ["PUT " + DbmanRoutes.LayoutDriver] = [R],
        ["GET " + DbmanRoutes.LayoutGoals] = [R],
        ["PUT " + DbmanRoutes.LayoutGoals] = [R],
        ["POST " + DbmanRoutes.ClearLayoutGoal] = [R],
        ["GET " + DbmanRoutes.LayoutDecisions] = [R],
        ["POST " + DbmanRoutes.LayoutDecisions] = [R],
        ["GET " + DbmanRoutes.Replicas] = [R],
    };

    public static TheoryData<string> Routes => [.. Callers.Keys];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void EveryEndpointOfDbmanNamesItsCallers()
    {
        var declared = shared.App.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText!.StartsWith("/internal", StringComparison.Ordinal))
            .ToDictionary(
                static endpoint => $"{endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single()} {endpoint.RoutePattern.RawText}",
                static endpoint => endpoint.Metadata.GetMetadata<AllowedCallers>()?.Names.Order(StringComparer.Ordinal).ToArray() ?? [],
                StringComparer.Ordinal);

        Assert.Equal(Callers.Keys.Order(StringComparer.Ordinal), declared.Keys.Order(StringComparer.Ordinal));
        Assert.All(declared, route => Assert.Equal(Callers[route.Key].Order(StringComparer.Ordinal), route.Value));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task RouteIsOpenToItsCallers_And403ToOthers(string route)
    {
        var (method, template) = (route[..route.IndexOf(' ', StringComparison.Ordinal)], route[(route.IndexOf('/', StringComparison.Ordinal))..]);
        foreach (var caller in Everybody)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), template.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal))
            {
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", TestKeys.Token(caller, ServiceNames.Dbman)) },
            };
            using var response = await shared.App.Anonymous.SendAsync(request, Token);
            if (Callers[route].Contains(caller))
            {
                // A user who is no member of a room is a 403 of its own type.
                var answer = await response.Content.ReadAsStringAsync(Token);
                Assert.False(
                    (int)response.StatusCode == 401 || answer.Contains(ProblemTypes.Forbidden, StringComparison.Ordinal), $"{caller} may call {route}, and got {(int)response.StatusCode} {answer}");
            }
            else
            {
                await response.ProblemAsync(403, ProblemTypes.Forbidden);
            }
        }
    }

    [Fact]
    public async Task TokenForAnotherServiceIsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, DbmanRoutes.SigningKeys)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", TestKeys.Token(S, R)) },
        };
        using var response = await shared.App.Anonymous.SendAsync(request, Token);
        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
    }
}
