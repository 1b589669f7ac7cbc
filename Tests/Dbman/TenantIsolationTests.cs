using System.Text;
using System.Text.Json;
using Contracts.Dbman;
using Contracts.Files;
using Contracts.Messages;
using Contracts.Rooms;
using Contracts.Sessions;
using Microsoft.AspNetCore.Routing;
using Tests.Infrastructure;

namespace Tests.Dbman;

/// <summary>
/// Walks every route that dbman has with one tenant's name and another's ids: nothing is answered, and nothing is changed. The routes come from the running
/// service, so one that is added later is walked too, or fails here because nobody said what its body looks like.
/// </summary>
public sealed class TenantIsolationTests(DataServers servers)
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// <summary>Asked within a tenant without naming anything in it: answered, with nothing of the other tenant.</summary>
    private static readonly HashSet<string> OwnTenantOnly =
    [
        "GET " + DbmanRoutes.Tenant, "GET " + DbmanRoutes.Users, "GET " + DbmanRoutes.Directory, "POST " + DbmanRoutes.UsersById, "GET " + DbmanRoutes.Rooms, "GET " + DbmanRoutes.Files,
        "GET " + DbmanRoutes.StorageUsage,
        // Unknown names are counted, in the tenant that was named.
        "GET " + DbmanRoutes.LoginAttempts, "POST " + DbmanRoutes.LoginAttempts,
        // Nothing to forget is success.
        "POST " + DbmanRoutes.ForgetFile,
    ];

    /// <summary>Name no tenant in the path, or nothing in it.</summary>
    private static readonly HashSet<string> NothingToName =
    [
        "POST " + DbmanRoutes.Tenants, "POST " + DbmanRoutes.RotateRefreshToken, "GET " + DbmanRoutes.RevokedSessions, "GET " + DbmanRoutes.SigningKeys, "POST " + DbmanRoutes.SigningKeys,
        "POST " + DbmanRoutes.Append, "POST " + DbmanRoutes.Heads, "POST " + DbmanRoutes.MarkRelayed, "POST " + DbmanRoutes.ClaimUnrelayed,
        "GET " + DbmanRoutes.ReapableFiles,
        // For operators of all tenants; a tenant is one scope among others.
        "GET " + DbmanRoutes.Layouts, "POST " + DbmanRoutes.Layouts, "GET " + DbmanRoutes.LayoutHistory, "GET " + DbmanRoutes.LayoutNodes,
        "PUT " + DbmanRoutes.LayoutNode, "DELETE " + DbmanRoutes.LayoutNode, "GET " + DbmanRoutes.LayoutDriver, "PUT " + DbmanRoutes.LayoutDriver,
        "GET " + DbmanRoutes.LayoutGoals, "PUT " + DbmanRoutes.LayoutGoals, "POST " + DbmanRoutes.ClearLayoutGoal,
        "GET " + DbmanRoutes.LayoutDecisions, "POST " + DbmanRoutes.LayoutDecisions,
        // How replicas are, for operators.
        "GET " + DbmanRoutes.Replicas,
        // Makes something new, and names nothing that is there.
        "POST " + DbmanRoutes.Users,
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NothingIsAnsweredOrChanged_WhenIdsAreAnotherTenants(bool tenantExists)
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var victim = await FillAsync(app);
        var attacker = tenantExists ? await app.Client.TenantAsync(Token) : Seed.Id("t");
        var before = await FingerprintAsync(database, victim);
        var walked = 0;

        foreach (var (method, template) in Routes(app).Where(static route => !NothingToName.Contains($"{route.Method} {route.Template}")))
        {
            var path = template
                .Replace("{tenant}", attacker, StringComparison.Ordinal)
                .Replace("{user}", "victim-user", StringComparison.Ordinal)
                .Replace("{username}", "victim-user", StringComparison.Ordinal)
                .Replace("{room}", "victim-room", StringComparison.Ordinal)
                .Replace("{file}", "victim-file", StringComparison.Ordinal);
            if (method == "DELETE" && template == DbmanRoutes.Member)
            {
                path += "?actor=victim-user";
            }
            else if (method == "GET" && template == DbmanRoutes.LoginAttempts)
            {
                path += "?source=";
            }
            else if (template == DbmanRoutes.Directory)
            {
                path += "?username=";
            }

            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (BodyOf(method, template) is { } body)
            {
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            }

            using var response = await app.Http.SendAsync(request, Token);
            var answer = await response.Content.ReadAsStringAsync(Token);
            var route = $"{method} {template} answered {(int)response.StatusCode} {answer}";
            if (OwnTenantOnly.Contains($"{method} {template}"))
            {
                Assert.True(response.IsSuccessStatusCode || (int)response.StatusCode == 404, route);
            }
            else
            {
                Assert.True((int)response.StatusCode is 403 or 404, route);
            }

            Assert.False(answer.Contains("victim", StringComparison.Ordinal), route);
            Assert.True(before == await FingerprintAsync(database, victim), $"{method} {template} changed something");
            walked++;
        }

        Assert.Equal(36, walked);
    }

    [Fact]
    public async Task NothingIsAnsweredOrChanged_WhenBodiesNameAnotherTenantsRoom()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var victim = await FillAsync(app);
        var attacker = await app.Client.TenantAsync(Token);
        var before = await FingerprintAsync(database, victim);

        var outcomes = (await app.Client.Messages.AppendAsync(
            new AppendRequest(
            [
                new AppendItem(attacker, "victim-room", "victim-message", "victim-user", "guess"),
                new AppendItem(attacker, "victim-room", "new", "admin", "guess"),
                new AppendItem(victim, "victim-room", "victim-message", "admin-of-another", "guess"),
                new AppendItem(victim, "victim-room", "new", "admin-of-another", "guess"),
            ]),
            Token)).Ok().Outcomes;
        Assert.All(outcomes, static outcome => Assert.Equal(Contracts.ProblemTypes.NotAMember, outcome.Problem!.Type));
        Assert.Empty((await app.Client.Messages.GetHeadsAsync(new HeadsRequest([new RoomKey(attacker, "victim-room")]), Token)).Ok().Heads);
        Assert.Empty((await app.Client.Messages.MarkRelayedAsync(
            new MarkRelayedRequest([new RelayedRange(attacker, "victim-room", 1, 1)]), Token)).Ok().Positions);
        Assert.Equal(before, await FingerprintAsync(database, victim));
    }

    [Fact]
    public async Task SameIdsAreDifferentThings_InTwoTenants()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var one = await FillAsync(app, refreshHash: "hash-1");
        var before = await FingerprintAsync(database, one);

        var two = await FillAsync(app, refreshHash: "hash-2");
        (await app.Client.Rooms.RemoveMemberAsync(two, "victim-room", "admin", "admin", Token)).Ok();
        (await app.Client.Files.DeleteAsync(two, "victim-file", Token)).Ok();
        (await app.Client.Sessions.RevokeAsync(two, "victim-user", new RevokeSessionsRequest("all"), Token)).Ok();

        Assert.Equal(before, await FingerprintAsync(database, one));
    }

    private static IEnumerable<(string Method, string Template)> Routes(DbmanApp app) =>
        app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText!.StartsWith(DbmanRoutes.Prefix, StringComparison.Ordinal))
            .Select(static endpoint => (endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single(), endpoint.RoutePattern.RawText!));

    /// <summary>A body that would be right in the victim's tenant.</summary>
    private static string? BodyOf(string method, string template) => (method, template) switch
    {
        ("GET" or "DELETE", _) => null,
        ("POST", DbmanRoutes.UsersById) => """{"ids":["victim-user"]}""",
        ("PUT", DbmanRoutes.PasswordHash) => """{"passwordHash":"stolen","expected":"hash of victim-user"}""",
        ("PUT", DbmanRoutes.DisplayName) => """{"displayName":"stolen"}""",
        ("PUT", DbmanRoutes.Active) => """{"active":false,"reason":"attack"}""",
        ("PUT", DbmanRoutes.Role) => """{"role":"admin","reason":"attack"}""",
        ("POST", DbmanRoutes.RemoveUser) => """{"reason":"attack"}""",
        ("PUT", DbmanRoutes.Password) => """{"passwordHash":"stolen","reason":"attack"}""",
        ("POST", DbmanRoutes.LoginAttempts) => """{"succeeded":false,"throttles":[{"source":"","lockAfter":1,"lockSeconds":60,"maxLockSeconds":60,"windowSeconds":0}]}""",
        ("POST", DbmanRoutes.Sessions) => """{"id":"stolen","userId":"victim-user","refreshTokenHash":"stolen","expiresAt":"2099-01-01T00:00:00Z","maxSessions":1}""",
        ("POST", DbmanRoutes.RevokeSessions) => """{"reason":"attack"}""",
        ("POST", DbmanRoutes.Rooms) => """{"id":"stolen","name":"n","visibility":"public","creator":"victim-user"}""",
        ("PUT", DbmanRoutes.Member) => """{"actor":"victim-user","role":"owner"}""",
        ("PUT", DbmanRoutes.ReadMarker) => """{"seq":1}""",
        ("POST", DbmanRoutes.Files) => """{"id":"stolen","owner":"victim-user","name":"n","contentType":"a/b","reservedBytes":1,"expiresInSeconds":60}""",
        ("POST", DbmanRoutes.CompleteFile) => $$"""{"size":1,"sha256":"{{Hash}}","contentType":"a/b"}""",
        ("POST", DbmanRoutes.ForgetFile) => null,
        ("POST", DbmanRoutes.Thumbnail) => """{"bytes":1}""",
        _ => throw new InvalidOperationException($"Say what the body of {method} {template} looks like."),
    };

    private static async Task<string> FillAsync(DbmanApp app, string refreshHash = "victim-hash")
    {
        var client = app.Client;
        var tenant = await client.TenantAsync(Token);
        await client.UserAsync(tenant, "victim-user", Token);
        (await client.Rooms.CreateAsync(tenant, new CreateRoomRequest("victim-room", "victim", RoomVisibilities.Public, "victim-user"), Token)).Ok();
        (await client.Rooms.PutMemberAsync(tenant, "victim-room", "admin", new PutMemberRequest("admin"), Token)).Ok();
        await client.AppendAsync(tenant, "victim-room", "victim-user", "victim-message", "victim text", Token);
        (await client.Sessions.CreateAsync(
            tenant,
            new CreateSessionRequest("victim-session", "victim-user", refreshHash, TimeProvider.System.GetUtcNow().AddHours(1), 5),
            Token)).Ok();
        (await client.Files.ReserveAsync(tenant, new ReserveFileRequest("victim-file", "victim-user", "victim.png", "image/png", 5, 600), Token)).Ok();
        (await client.Files.CompleteAsync(tenant, "victim-file", new CompleteFileRequest(5, Hash, "image/png"), Token)).Ok();
        return tenant;
    }

    /// <summary>Every row of the tenant in every table that has a tenant.</summary>
    private static async Task<string> FingerprintAsync(TestDatabase database, string tenant)
    {
        var tables = JsonSerializer.Deserialize<string[]>(await database.ReadAsync<string>(
            "SELECT json_agg(table_name ORDER BY table_name)::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'", Token))!;
        Assert.Equal(16, tables.Length);
        var union = string.Join(" UNION ALL ", tables.Select(table => $"SELECT '{table}' || x::text AS line FROM {table} x WHERE tenant_id = '{tenant}'"));
        return await database.ReadAsync<string>($"SELECT string_agg(line, E'\\n' ORDER BY line) FROM ({union}) lines", Token);
    }
}
