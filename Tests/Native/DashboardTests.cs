using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Tests.Native;

/// <summary>The page of an AppHost: what it shows, what it does, and for whom.</summary>
[Collection(AppHostProcess.Collection)]
public sealed class DashboardTests : IAsyncLifetime
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("apphost-test-").FullName;
    private AppHostProcess? _run;
    private HttpClient? _client;

    private static CancellationToken Token => App.Token;

    private HttpClient Client => _client ?? throw new InvalidOperationException("Nothing was started.");

    public async ValueTask InitializeAsync()
    {
        Engines.SkipUnlessNative();
        var address = new Uri($"http://localhost:{FreePort()}");
        _run = AppHostProcess.Start(
            _temporary,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["ASPNETCORE_URLS"] = address.ToString() },
            "--WithoutPostgres=1");
        await _run.UntilAsync("All resources are well", Token);
        _client = new HttpClient { BaseAddress = address };
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_run is { } run)
        {
            using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-s", "TERM", $"{run.Id}"]);
            await kill.WaitForExitAsync(Token);
            await run.ExitAsync(Token);
            await run.DisposeAsync();
        }

        Directory.Delete(_temporary, recursive: true);
    }

    [Fact]
    public async Task ResourceIsShownAndStopped_WithoutItsSecrets()
    {
        var all = await Client.GetStringAsync("/api/resources", Token);
        var secrets = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(App.FolderOfTests(), "Fixtures", "SmallAppHost", ".aspire", "secrets.json"), Token))!;
        Assert.DoesNotContain((string)secrets["Parameters:redis-password"]!, all, StringComparison.Ordinal);
        var redis = Assert.Single(JsonNode.Parse(all)!.AsArray(), r => (string?)r!["name"] == "redis")!;
        Assert.Equal("Running", (string?)redis["state"]);
        Assert.Equal("Healthy", (string?)redis["health"]);
        Assert.Contains("stop", redis["commands"]!.AsArray().Select(c => (string?)c));
        var id = (string)redis["id"]!;
        Assert.NotEmpty((await Client.GetFromJsonAsync<JsonArray>($"/api/logs/{id}", Token))!);

        using var stop = new HttpRequestMessage(HttpMethod.Post, $"/api/resources/{id}/stop") { Headers = { { "X-Dashboard", "1" } } };
        using var stopped = await Client.SendAsync(stop, Token);

        Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);
        var after = await Client.GetFromJsonAsync<JsonArray>("/api/resources", Token);
        Assert.Equal("Exited", (string?)after!.Single(r => (string?)r!["id"] == id)!["state"]);
    }

    [Fact]
    public async Task StrangersAreRefused()
    {
        using var page = await Client.GetAsync("/", Token);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        // A name that was made to point here.
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/api/resources") { Headers = { Host = "evil.example" } };
        using var refused = await Client.SendAsync(rebound, Token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        // A form of another page cannot send the header.
        using var foreign = await Client.PostAsync("/api/resources/redis/stop", content: null, Token);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
