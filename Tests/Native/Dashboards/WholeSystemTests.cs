using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Contracts;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Native.Dashboards;

/// <summary>The dashboard of the AppHost itself: what somebody sees after the first command.</summary>
public sealed class WholeSystemTests(Browser browser)
{
    private const string Chosen = "a-token-that-was-chosen";
    private static readonly string[] Resources = ["postgres", "dbman-db", "redis", "dbman", "realtime", "session", "chat", "fileman"];

    private static CancellationToken Token => App.Token;

    [Fact]
    public async Task WholeSystemIsShownWell_AndAProjectOfOneProcessIsScaled()
    {
        Engines.SkipUnlessNative();
        var address = new Uri($"http://localhost:{FreePort()}");
        var blobs = Directory.CreateTempSubdirectory("blobs-");
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            [$"--VolumeName=tests-{Ids.New(TimeProvider.System)}", $"--BlobFolder={blobs.FullName}", $"--ASPNETCORE_URLS={address}", $"--AppHost:BrowserToken={Chosen}",
                "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=", "--ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL=", "--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL="],
            (options, _) => options.DisableDashboard = false,
            Token);
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        foreach (var resource in Resources)
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(resource, Token);
        }

        await using var tab = await browser.OpenAsync(Token);
        var page = tab.Page;
        await page.GotoAsync(new Uri(address, $"/login?t={Chosen}").ToString());
        await Expect(page.Locator("[data-alive=true]")).ToHaveCountAsync(1);

        // A chosen token stays good.
        await Expect(page.Locator("tr[data-group=dbman] .how")).ToHaveTextAsync("3 of 3 well");
        await Expect(page.Locator(".resources .state.bad")).ToHaveCountAsync(0);
        await tab.ScreenshotAsync("system-resources");

        var session = app.GetEndpoint("session", "http");
        await page.Locator("tr[data-resource=session] [data-scale=up]").ClickAsync();
        await Expect(page.Locator("tr[data-group=session] .how")).ToHaveTextAsync("2 of 2 well");
        await page.Locator("tr[data-group=session] [data-scale=down]").ClickAsync();
        await Expect(page.Locator("tr[data-resource=session]")).ToHaveCountAsync(1);
        using (var client = new HttpClient { BaseAddress = session })
        {
            using var response = await client.GetAsync("/health/ready", Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        await page.GotoAsync(new Uri(address, "/graph").ToString());
        await Expect(page.Locator("[data-alive=true]")).ToHaveCountAsync(1);
        foreach (var resource in Resources)
        {
            await Expect(page.Locator($"[data-node='{resource}']")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex(@"\bgood\b"));
        }

        await tab.ScreenshotAsync("system-graph");
        await page.SetViewportSizeAsync(390, 844);
        await tab.ScreenshotAsync("system-graph-phone");
        await page.GotoAsync(new Uri(address, "/console").ToString());
        await Expect(page.Locator(".line").First).ToBeVisibleAsync();
        await page.SetViewportSizeAsync(1440, 900);
        await tab.ScreenshotAsync("system-console");
        tab.AssertNothingWentWrong();
        await app.StopAsync(Token);
        blobs.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
