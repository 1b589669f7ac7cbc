using Contracts;
using Contracts.Public;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>Session without Dbman: it says so, quickly; it is not ready, and live.</summary>
public sealed class DbmanAwayTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryCallIs503_AndTheReplicaIsNotReadyButLive_WhenDbmanCannotBeReached()
    {
        var system = new SessionSystem(servers);
        await system.InitializeAsync();
        await using var _ = system;
        await using var replica = system.Start(settings:
        [
            ("ServiceClients:TotalTimeout", "00:00:02"),
            ("ServiceClients:AttemptTimeout", "00:00:01"),
            ("SigningKeys:Freshness", "00:00:00"),
        ]);
        using var http = replica.ClientOf();
        var admin = await system.SignUpAsync(http);
        await ReadAsync(system.MeAsync(admin.AccessToken, http), 200);
        await ReadAsync(http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token), 200);

        await system.Dbman.DisposeAsync();
        var register = new RegisterRequest("bob", Password);
        foreach (var call in (Func<Task<HttpResponseMessage>>[])
        [
            () => PostAsync(http, SessionRoutes.Tenants, new SignUpRequest("t", "T", register)),
            () => PostAsync(http, "/v1/tenants/t/users", register),
            () => system.LoginAsync(admin.Tenant, "admin", http: http),
            () => system.RefreshAsync(admin.RefreshToken, http),
            () => system.MeAsync(admin.AccessToken, http),
            () => system.CallAsync(HttpMethod.Get, SessionRoutes.Sessions, admin.AccessToken, http),
            () => system.CallAsync(HttpMethod.Delete, SessionRoutes.Sessions, admin.AccessToken, http),
            () => system.CallAsync(HttpMethod.Delete, "/v1/sessions/s", admin.AccessToken, http),
            () => system.CallAsync(HttpMethod.Post, SessionRoutes.Logout, admin.AccessToken, http),
        ])
        {
            await RefusedAsync(call(), 503, ProblemTypes.DependencyUnavailable);
        }

        // The keys that it knows stay valid for other services.
        await ReadAsync(http.GetAsync(new Uri(SessionRoutes.Jwks, UriKind.Relative), Token), 200);
        using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
        Assert.Equal(503, (int)ready.StatusCode);
        await ReadAsync(http.GetAsync(new Uri("/health/live", UriKind.Relative), Token), 200);
    }

    [Fact]
    public async Task ReplicaIsLiveAndNotReady_WhenItStartsWithoutDbman()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        await using var replica = RunningService<global::Session.SessionTelemetry>.Start(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["services:dbman:http:0"] = "http://127.0.0.1:1",
            ["services:realtime:http:0"] = realtime.Address.ToString(),
        });
        using var http = replica.ClientOf();
        await RefusedAsync(http.GetAsync(new Uri(SessionRoutes.Jwks, UriKind.Relative), Token), 503, ProblemTypes.DependencyUnavailable);
        await RefusedAsync(PostAsync(http, SessionRoutes.Login, new LoginRequest("t", "u", Password)), 503, ProblemTypes.DependencyUnavailable);
        using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
        Assert.Equal(503, (int)ready.StatusCode);
        using var startup = await http.GetAsync(new Uri("/health/startup", UriKind.Relative), Token);
        Assert.Equal(503, (int)startup.StatusCode);
        await ReadAsync(http.GetAsync(new Uri("/health/live", UriKind.Relative), Token), 200);
    }
}
