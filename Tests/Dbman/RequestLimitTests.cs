using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Microsoft.AspNetCore.Routing;
using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>Bad input, too much of it, and callers without permission.</summary>
public sealed class RequestLimitTests(DataServers servers, SharedDbman shared) : IClassFixture<SharedDbman>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CallIsRefused_WhenTheReplicaIsAtItsBound()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(
            database,
            Token,
            ("Dbman:Concurrency:Requests", "1"),
            ("Dbman:Concurrency:Queue", "0"),
            ("Dbman:Database:StatementTimeout", "00:01:00"),
            ("Dbman:Database:LockTimeout", "00:00:59"));
        Task<Contracts.Results.ServiceResult<Contracts.Tenants.TenantRecord>> first;
        await using (await database.HoldAsync("LOCK TABLE tenants IN ACCESS EXCLUSIVE MODE", Token))
        {
            first = app.Client.Directory.GetTenantAsync("t", Token);
            await database.WaitForBlockedAsync(1, Token);

            var refused = (await app.Client.Directory.GetTenantAsync("t", Token)).Refused(503, ProblemTypes.Overloaded);
            Assert.NotNull(refused.RetryAfter);

            // A node does not lose its lease because dbman is busy.
            Assert.True((await app.Client.Layouts.BeatAsync("n", new NodeHeartbeat(0, 0, 1_000), Token)).Ok().Granted);
        }

        (await first).Refused(404, ProblemTypes.TenantNotFound);
    }

    [Fact]
    public async Task StatementEndsInTime_WhenALockIsNotGiven()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(
            database, Token, ("Dbman:Database:LockTimeout", "00:00:00.100"), ("Dbman:Database:StatementTimeout", "00:00:00.300"));
        await using (await database.HoldAsync("LOCK TABLE tenants IN ACCESS EXCLUSIVE MODE", Token))
        {
            var refused = (await app.Client.Directory.GetTenantAsync("t", Token)).Refused(503, ProblemTypes.DatabaseTimeout);
            Assert.NotNull(refused.RetryAfter);
        }

        (await app.Client.Directory.GetTenantAsync("t", Token)).Refused(404, ProblemTypes.TenantNotFound);
    }

    [Fact]
    public async Task EveryRouteIsClosed_WithoutAServicesToken()
    {
        var routes = shared.App.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText!.StartsWith("/internal", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(61, routes.Count);

        foreach (var route in routes)
        {
            var method = route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single();
            foreach (var credential in new[] { null, "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJjaGF0IiwiYXVkIjoiaW50ZXJuYWwifQ.", "Basic YTpi" })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), route.RoutePattern.RawText!.Replace("{", "").Replace("}", ""));
                request.Headers.Authorization = credential is null ? null : AuthenticationHeaderValue.Parse(credential);
                using var response = await shared.App.Anonymous.SendAsync(request, Token);
                Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {route.RoutePattern.RawText} answered {response.StatusCode} to {credential}");
            }
        }
    }

    [Theory]
    [InlineData("GET", "/internal/v1/tenants/a:b", "", 400, ProblemTypes.InvalidId)]
    [InlineData("GET", "/internal/v1/tenants/a%2Fb/rooms/c", "", 400, ProblemTypes.InvalidId)]
    [InlineData("GET", "/internal/v1/tenants/t/rooms/r/messages?after=1&before=2", "", 400, ProblemTypes.InvalidRequest)]
    [InlineData("GET", "/internal/v1/tenants/t/rooms/r/messages?after=-1", "", 400, ProblemTypes.InvalidRequest)]
    [InlineData("GET", "/internal/v1/tenants/t/rooms/r/messages?after=x", "", 400, ProblemTypes.InvalidRequest)]
    [InlineData("GET", "/internal/v1/tenants/t/rooms/r/messages?limit=501", "", 400, ProblemTypes.InvalidRequest)]
    [InlineData("GET", "/internal/v1/tenants/t/users?limit=0", "", 400, ProblemTypes.InvalidRequest)]
    [InlineData("GET", "/internal/v1/tenants/t/users?after=a:b", "", 400, ProblemTypes.InvalidId)]
    [InlineData("POST", "/internal/v1/messages/append", "{\"items\":", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/messages/append", "{\"items\":7}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/messages/append", "{}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/messages/append", "{\"items\":[null]}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/messages/append", "{\"items\":[{\"tenant\":\"t\"}]}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/messages/append", "null", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/tenants", "{\"id\":\"t\",\"name\":\"\\u0000\",\"openRegistration\":true,\"storageQuota\":1,\"admin\":{\"id\":\"a\",\"username\":\"a\",\"displayName\":\"a\",\"role\":\"admin\",\"passwordHash\":\"h\"}}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/tenants", "{\"id\":\"t\",\"name\":\"n\",\"openRegistration\":true,\"storageQuota\":-1,\"admin\":{\"id\":\"a\",\"username\":\"a\",\"displayName\":\"a\",\"role\":\"admin\",\"passwordHash\":\"h\"}}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("GET", "/internal/v1/layouts?known=x", "", 400, ProblemTypes.InvalidRequest)]
    [InlineData("GET", "/internal/v1/layouts/history?limit=201", "", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/layouts", "{\"scope\":{},\"expectedEpoch\":0,\"by\":\"ops\"}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/layouts", "{\"scope\":{},\"expectedEpoch\":0,\"by\":\"ops\",\"state\":{\"stage\":null,\"step\":\"\",\"shards\":4,\"nextShards\":null,\"shardKey\":\"message\"}}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("POST", "/internal/v1/layouts", "{\"scope\":{\"room\":\"r\"},\"expectedEpoch\":0,\"by\":\"ops\",\"state\":null}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("PUT", "/internal/v1/layouts/nodes/a:b", "{\"applied\":0,\"known\":0,\"leaseMilliseconds\":1000}", 400, ProblemTypes.InvalidId)]
    [InlineData("PUT", "/internal/v1/layouts/nodes/n", "{\"applied\":0}", 400, ProblemTypes.InvalidRequest)]
    [InlineData("DELETE", "/internal/v1/tenants/t/rooms/r/members/u", "", 400, ProblemTypes.InvalidId)]
    [InlineData("PATCH", "/internal/v1/tenants/t", "", 405, ProblemTypes.MethodNotAllowed)]
    [InlineData("GET", "/internal/v1/nothing", "", 404, ProblemTypes.NotFound)]
    public async Task ProblemIsClear_WhenTheRequestIsBad(string method, string path, string body, int status, string type)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await shared.App.Http.SendAsync(request, Token);

        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == (int)response.StatusCode && text.Contains(type, StringComparison.Ordinal), $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task CallIsRefused_WhenItHoldsMoreThanALimit()
    {
        var item = new AppendItem("t", "r", "m", "u", "");

        (await shared.App.Client.Messages.AppendAsync(new AppendRequest([.. Enumerable.Repeat(item, Limits.AppendBatch + 1)]), Token))
            .Refused(400, ProblemTypes.InvalidRequest);
        (await shared.App.Client.Messages.GetHeadsAsync(new HeadsRequest([.. Enumerable.Repeat(new RoomKey("t", "r"), Limits.HeadsBatch + 1)]), Token))
            .Refused(400, ProblemTypes.InvalidRequest);
        Assert.Empty((await shared.App.Client.Messages.AppendAsync(new AppendRequest([]), Token)).Ok().Outcomes);

        // The longest call that is allowed is not too long for the server.
        var longest = new AppendItem("t", "r", "m", "u", new string('\u0001', Limits.MessageText));
        (await shared.App.Client.Messages.AppendAsync(new AppendRequest([.. Enumerable.Repeat(longest, Limits.AppendBatch)]), Token)).Ok();
    }

    [Fact]
    public async Task HeadsOfManyRoomsComeTogether()
    {
        var tenant = await shared.App.Client.TenantAsync(Token);
        var (one, two) = (await shared.App.Client.RoomAsync(tenant, Token), await shared.App.Client.RoomAsync(tenant, Token));
        await shared.App.Client.AppendAsync(tenant, two, "admin", "m", "m", Token);

        var heads = (await shared.App.Client.Messages.GetHeadsAsync(
            new HeadsRequest([new RoomKey(tenant, one), new RoomKey(tenant, two), new RoomKey(tenant, two), new RoomKey(tenant, "missing")]), Token)).Ok().Heads;

        Assert.Equivalent(new[] { new RoomHead(tenant, one, 0), new RoomHead(tenant, two, 1) }, heads, strict: true);
    }
}
