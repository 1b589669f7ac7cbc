using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Client;
using Contracts;
using Contracts.Public;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Native.Dashboards;

/// <summary>The AppHost itself with its dashboard, for all tests that look at the whole system: started by the first that asks.</summary>
public sealed class WholeSystem : IAsyncLifetime
{
    private const string Chosen = "a-token-that-was-chosen";
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly DirectoryInfo _blobs = Directory.CreateTempSubdirectory("blobs-");
    private DistributedApplication? _app;

    public static IReadOnlyList<string> Resources { get; } = ["postgres", "dbman-db", "redis", "dbman", "realtime", "session", "chat", "fileman"];

    public DistributedApplication Application => _app ?? throw new InvalidOperationException("The system is not started.");

    public Uri Address { get; } = new($"http://localhost:{FreePort()}");

    private static CancellationToken Token => App.Token;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Returns when everything is well.</summary>
    public async Task StartedAsync()
    {
        Engines.SkipUnlessNative();
        await _starting.WaitAsync(Token);
        try
        {
            if (_app is null)
            {
                var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
                    [$"--VolumeName=tests-{Ids.New(TimeProvider.System)}", $"--BlobFolder={_blobs.FullName}", $"--ASPNETCORE_URLS={Address}", $"--AppHost:BrowserToken={Chosen}",
                        "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=", "--ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL=", "--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL="],
                    (options, _) => options.DisableDashboard = false,
                    Token);
                _app = await builder.BuildAsync(Token);
                await _app.StartAsync(Token);
            }

            foreach (var resource in Resources)
            {
                await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, Token);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>A page of the dashboard, signed in and alive. A chosen token stays good.</summary>
    public async Task<BrowserTab> OpenAsync(Browser browser, string path = "/")
    {
        var tab = await browser.OpenAsync(Token);
        await tab.Page.GotoAsync(new Uri(Address, $"/login?t={Chosen}").ToString());
        await Expect(tab.Page.Locator("[data-alive=true]")).ToHaveCountAsync(1);
        if (path != "/")
        {
            await GoAsync(tab, path);
        }

        return tab;
    }

    public async Task GoAsync(BrowserTab tab, string path)
    {
        await tab.Page.GotoAsync(new Uri(Address, path).ToString());
        await Expect(tab.Page.Locator("[data-alive=true]")).ToHaveCountAsync(1);
    }

    /// <summary>The admin of a tenant of its own, signed in, with a room.</summary>
    public async Task<ChatClient> NewTenantAsync(string room)
    {
        var client = new ChatClient(new ChatClientOptions
        {
            Session = At(ServiceNames.Session),
            Chat = At(ServiceNames.Chat),
            Fileman = At(ServiceNames.Fileman),
            Realtime = At(ServiceNames.Realtime),
        });
        var signedUp = await client.SignUpAsync(
            new SignUpRequest($"seen-{Ids.New(TimeProvider.System)}", "Seen", new RegisterRequest("admin", "correct horse battery staple", "Admin")), Token);
        Assert.True(signedUp.IsSuccess, signedUp.Problem?.ToString());
        var created = await client.Rooms.CreateAsync(new NewRoom(room, room), Token);
        Assert.True(created.IsSuccess, created.Problem?.ToString());
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }

        _starting.Dispose();
        _blobs.Delete(recursive: true);
    }

    private Uri At(string service) => Application.GetEndpoint(service, "http");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Those that look at the whole system share it, and come one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class WholeSystemCollection : ICollectionFixture<WholeSystem>
{
    public const string Name = "whole system";
}
