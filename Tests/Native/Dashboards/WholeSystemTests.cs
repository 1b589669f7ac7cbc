using System.Net;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Native.Dashboards;

/// <summary>The dashboard of the AppHost itself: what somebody sees after the first command.</summary>
[Collection(WholeSystemCollection.Name)]
public sealed class WholeSystemTests(WholeSystem system, Browser browser)
{
    private static CancellationToken Token => App.Token;

    [Fact]
    public async Task WholeSystemIsShownWell_AndAProjectOfOneProcessIsScaled()
    {
        await system.StartedAsync();
        await using var tab = await system.OpenAsync(browser, "/resources");
        var page = tab.Page;
        await Expect(page.Locator("tr[data-group=dbman] .how")).ToHaveTextAsync("3 of 3 well");
        await Expect(page.Locator(".resources .state.bad")).ToHaveCountAsync(0);
        await tab.ScreenshotAsync("system-resources");
        foreach (var scheme in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await tab.PictureAsync(scheme == ColorScheme.Dark ? "dashboard-dark" : "dashboard-light");
        }

        var session = system.Application.GetEndpoint("session", "http");
        await page.Locator("tr[data-resource=session] [data-scale=up]").ClickAsync();
        await Expect(page.Locator("tr[data-group=session] .how")).ToHaveTextAsync("2 of 2 well");
        await page.Locator("tr[data-group=session] [data-scale=down]").ClickAsync();
        await Expect(page.Locator("tr[data-resource=session]")).ToHaveCountAsync(1);
        using (var client = new HttpClient { BaseAddress = session })
        {
            using var response = await client.GetAsync("/health/ready", Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        await system.GoAsync(tab, "/graph");
        foreach (var resource in WholeSystem.Resources)
        {
            await Expect(page.Locator($"[data-node='{resource}']")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex(@"\bgood\b"));
        }

        await tab.ScreenshotAsync("system-graph");
        await page.SetViewportSizeAsync(390, 844);
        await tab.ScreenshotAsync("system-graph-phone");
        await system.GoAsync(tab, "/console");
        await Expect(page.Locator(".line").First).ToBeVisibleAsync();
        await page.SetViewportSizeAsync(1440, 900);
        await tab.ScreenshotAsync("system-console");
        tab.AssertNothingWentWrong();
    }
}
