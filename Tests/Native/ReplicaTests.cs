using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tests.Native;

/// <summary>Several replicas of a project behind one address.</summary>
public sealed class ReplicaTests
{
    private static CancellationToken Token => App.Token;

    [Fact]
    public async Task RequestsReachEveryReplica_WhenAllAreReady()
    {
        Engines.SkipUnlessNative();
        await using var app = await StartAsync(replicas: 3);
        var replicas = await ReadyAsync(app, 3);
        using var client = app.Application.CreateHttpClient("web");

        var answered = await AskAsync(client, 30);

        Assert.Equal(replicas.Select(App.PidOf).Order(), answered.Order());
    }

    [Fact]
    public async Task NoRequestReachesACrashedReplica_AndItStaysDown()
    {
        Engines.SkipUnlessNative();
        await using var app = await StartAsync(replicas: 2);
        var replicas = await ReadyAsync(app, 2);
        using var client = app.Application.CreateHttpClient("web");

        using (var victim = Process.GetProcessById(App.PidOf(replicas[0])))
        {
            victim.Kill();
        }

        // Not one request fails, from the first on.
        var answered = await AskAsync(client, 30);
        Assert.Equal([App.PidOf(replicas[1])], answered);
        var crashed = await app.Notifications.WaitForResourceAsync(
            "web", e => e.ResourceId == replicas[0].ResourceId && e.Snapshot.ExitCode is not null, Token);
        Assert.Equal(128 + 9, crashed.Snapshot.ExitCode);
        Assert.Contains(crashed.Snapshot.State!.Text, KnownResourceStates.TerminalStates);
        Assert.Equal([App.PidOf(replicas[1])], await AskAsync(client, 30));
        Assert.True(app.Notifications.TryGetCurrentState(replicas[0].ResourceId, out var still));
        Assert.Contains(still.Snapshot.State!.Text, KnownResourceStates.TerminalStates);
    }

    [Fact]
    public async Task ReplicaTakesRequestsAgain_WhenItIsStartedByItsId()
    {
        Engines.SkipUnlessNative();
        await using var app = await StartAsync(replicas: 2);
        var replicas = await ReadyAsync(app, 2);
        var id = replicas[0].ResourceId;

        Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync(id, "resource-stop", Token)).Success);
        using var client = app.Application.CreateHttpClient("web");
        Assert.Equal([App.PidOf(replicas[1])], await AskAsync(client, 10));

        Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync(id, "resource-start", Token)).Success);
        var back = await app.Notifications.WaitForResourceAsync("web", e => e.ResourceId == id && e.Snapshot.HealthStatus == HealthStatus.Healthy, Token);
        Assert.Equal(new[] { App.PidOf(back), App.PidOf(replicas[1]) }.Order(), (await AskAsync(client, 20)).Order());
    }

    [Fact]
    public async Task RequestsGoToReadyReplicas_AndToAnyoneWhenNobodyIsReady()
    {
        Engines.SkipUnlessNative();
        await using var app = await StartAsync(replicas: 2);
        var replicas = await ReadyAsync(app, 2);
        using var client = app.Application.CreateHttpClient("web");

        await SetReadyAsync(replicas[0], ready: false);
        await WaitAsync(app, replicas[0], HealthStatus.Unhealthy);
        Assert.Equal([App.PidOf(replicas[1])], await AskAsync(client, 10));

        await SetReadyAsync(replicas[1], ready: false);
        await WaitAsync(app, replicas[1], HealthStatus.Unhealthy);

        // The service's own refusal is heard, not the balancer's.
        using var refused = await client.GetAsync("/health/ready", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Empty(await refused.Content.ReadAsStringAsync(Token));
        Assert.Equal(2, (await AskAsync(client, 20)).Count);

        await SetReadyAsync(replicas[0], ready: true);
        await WaitAsync(app, replicas[0], HealthStatus.Healthy);
        Assert.Equal([App.PidOf(replicas[0])], await AskAsync(client, 10));
    }

    [Fact]
    public async Task RefusedWithRetryAfter_WhenNoReplicaRuns()
    {
        Engines.SkipUnlessNative();
        await using var app = await StartAsync(replicas: 2);
        await ReadyAsync(app, 2);
        Assert.True((await app.Application.ResourceCommands.ExecuteCommandAsync("web", "resource-stop", Token)).Success);
        using var client = app.Application.CreateHttpClient("web");

        using var refused = await client.GetAsync("/pid", Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(refused.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task SocketsAreSpreadAndCarryFrames_ThroughTheSharedAddress()
    {
        await using var app = await StartAsync(replicas: 2);
        await ReadyAsync(app, 2);
        var address = new UriBuilder(app.Application.GetEndpoint("web", "http")) { Scheme = "ws", Path = "/echo" }.Uri;

        for (var i = 0; i < 4; i++)
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(address, Token);
            var text = $"frame {i}";
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Token);
            var buffer = new byte[64];
            var frame = await socket.ReceiveAsync(buffer, Token);
            Assert.Equal(text, Encoding.UTF8.GetString(buffer, 0, frame.Count));
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, Token);
            Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        }
    }

    [Fact]
    public async Task BodiesPassUnharmed_WhenLarge()
    {
        await using var app = await StartAsync(replicas: 2);
        await ReadyAsync(app, 2);
        using var client = app.Application.CreateHttpClient("web");
        const int Length = 25_000_000;

        using var response = await client.PostAsync("/length", new StringContent(new string('x', Length)), Token);

        Assert.Equal(Length.ToString(CultureInfo.InvariantCulture), await response.Content.ReadAsStringAsync(Token));
    }

    private static Task<App> StartAsync(int replicas) => App.StartAsync(
        builder => builder.AddProject("web", App.WebProject).WithReplicas(replicas).WithHttpHealthCheck("/health/ready"), Token);

    private static async Task<IReadOnlyList<ResourceEvent>> ReadyAsync(App app, int replicas) =>
        await app.InstancesAsync("web", replicas, e => e.Snapshot.HealthStatus == HealthStatus.Healthy, Token);

    private static Task WaitAsync(App app, ResourceEvent replica, HealthStatus status) => app.Notifications.WaitForResourceAsync(
        "web", e => e.ResourceId == replica.ResourceId && e.Snapshot.HealthStatus == status, Token);

    /// <summary>Past the balancer, on the replica's own port.</summary>
    private static async Task SetReadyAsync(ResourceEvent replica, bool ready)
    {
        using var client = new HttpClient { BaseAddress = new Uri(replica.Snapshot.Urls.Single(u => u.IsInternal).Url) };
        using var response = await client.PutAsync($"/ready/{ready}", content: null, Token);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<IReadOnlyCollection<int>> AskAsync(HttpClient client, int times)
    {
        var pids = new HashSet<int>();
        for (var i = 0; i < times; i++)
        {
            pids.Add(int.Parse(await client.GetStringAsync("/pid", Token), CultureInfo.InvariantCulture));
        }

        return pids;
    }
}
