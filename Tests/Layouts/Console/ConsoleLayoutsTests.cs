using System.Text.RegularExpressions;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Layouts.Console;

/// <summary>Layouts, moved by hand in the console.</summary>
public sealed class ConsoleLayoutsTests(DataServers servers, Browser browser)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AClickWalksToShadowAndBack_AfterThePlanWasShown()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, nodes: 2);
        await using var tab = await rig.OpenAsync(path: ConsoleRig.Layouts);
        var page = tab.Page;
        var card = page.Locator("[data-scope=all]");
        await Expect(card.Locator("[data-stage=legacy]")).ToHaveAttributeAsync("aria-current", "step");

        // Looking changes nothing.
        await card.Locator("[data-act=shadow]").ClickAsync();
        await Expect(page.Locator("[data-step]").Last).ToContainTextAsync("events go to the 4 shards too");
        await page.Locator("[data-field=shards]").FillAsync("8");
        await page.Locator("[data-field=shards]").BlurAsync();
        await Expect(page.Locator("[data-plan='shadow (8 shards)']")).ToBeVisibleAsync();
        await tab.ScreenshotAsync("console-plan");
        await page.Locator("[data-cancel]").ClickAsync();
        await Expect(page.Locator("[data-dialog]")).ToHaveCountAsync(0);
        Assert.Empty((await rig.Driving.Plane.GetGoalsAsync(Token)).Value.Goals);
        Assert.Empty((await rig.Driving.Plane.GetAsync(0, Token)).Value.Records);

        // Doing does, and the track follows by itself.
        await card.Locator("[data-act=shadow]").ClickAsync();
        await Expect(page.Locator("[data-step]").Last).ToContainTextAsync("events go to the 4 shards too");
        await page.Locator("[data-field=reason]").FillAsync("<b>a try</b>");
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(page.Locator("[data-dialog]")).ToHaveCountAsync(0);
        await Expect(card.Locator("[data-stage=shadow]")).ToHaveAttributeAsync("aria-current", "step");
        await Expect(card.Locator("[data-state]")).ToHaveTextAsync("shadow (4 shards)");
        await Expect(card.Locator("[data-goal]")).ToHaveCountAsync(0);

        // Back, with what it takes back marked.
        await card.Locator("[data-act=rollback]").ClickAsync();
        await Expect(page.Locator("[data-undoes]")).ToContainTextAsync("events no longer go to the 4 shards");
        await Expect(page.Locator("[data-confirm]")).ToHaveClassAsync(new Regex("danger"));
        await tab.ScreenshotAsync("console-rollback");
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(card.Locator("[data-stage=legacy]")).ToHaveAttributeAsync("aria-current", "step");

        // The other node shows the same, and who it was, with what was said as text.
        var records = (await rig.Driving.Plane.GetHistoryAsync(null, 10, Token)).Value.Items;
        Assert.All(records, static record => Assert.Matches("^operators/[0-9a-f]+$", record.By));
        await using var other = await rig.OpenAsync(rig.Driving.Nodes[1], "/console/history");
        await Expect(other.Page.Locator("tr[data-decision]").First).ToBeVisibleAsync();
        await Expect(other.Page.Locator("tr[data-decision] .figures li").First).ToBeVisibleAsync();
        await other.ScreenshotAsync("console-decisions");
        await other.Page.Locator("[data-tab=records]").ClickAsync();
        await Expect(other.Page.Locator("table")).ToContainTextAsync("<b>a try</b>");
        await other.Page.GotoAsync(new Uri(rig.Driving.Nodes[1].Address, ConsoleRig.Layouts).ToString());
        await Expect(other.Page.Locator("[data-scope=all] [data-state]")).ToHaveTextAsync("legacy (4 shards)");
        tab.AssertNothingWentWrong();
        other.AssertNothingWentWrong();
    }

    [Fact]
    public async Task ReshardIsFollowed_AndANodeThatIsCutOffIsNamedByTheStepThatWaitsForIt()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, nodes: 2);
        var scope = rig.Driving.Scope.ToString();
        await rig.Driving.GoAsync("sharded");
        await rig.Driving.ArrivedAsync("sharded (4 shards)");
        var driver = await rig.Driving.DriverAsync();
        await using var tab = await rig.OpenAsync(driver, ConsoleRig.Layouts);
        var page = tab.Page;
        var card = page.Locator($"[data-scope='{scope}']");

        await card.Locator("[data-act=reshard]").ClickAsync();
        await page.Locator("[data-field=shards]").FillAsync("8");
        await page.Locator("[data-field=shards]").BlurAsync();
        await Expect(page.Locator("[data-plan='sharded (8 shards)']")).ToBeVisibleAsync();
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(card.Locator("[data-state]")).ToHaveTextAsync("sharded (8 shards)");
        await Expect(card.Locator("[data-goal]")).ToHaveCountAsync(0);

        // What cannot be is said by the plan, and nothing happens.
        await page.Locator("[data-scope=all] [data-act=canary]").First.ClickAsync();
        await page.Locator("[data-field=tenants]").FillAsync("<img src=x onerror=alert(1)>");
        await page.Locator("[data-field=tenants]").BlurAsync();
        await Expect(page.Locator("[data-problem]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-confirm]")).ToBeDisabledAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("[data-dialog]")).ToHaveCountAsync(0);

        var cut = rig.Driving.Nodes.Single(node => node != driver);
        rig.Driving.WireOf(cut).Cut();
        await card.Locator("[data-act=rollback]").ClickAsync();
        await page.Locator("[data-field=to]").SelectOptionAsync("canary");
        await Expect(page.Locator("[data-step]")).ToHaveCountAsync(3);
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(card.Locator("[data-waits]")).ToContainTextAsync(cut.Get<global::Realtime.Node.NodeAgent>().Node);
        await Expect(page.Locator("[data-verdict=fair]")).ToBeVisibleAsync();
        await ConsoleRig.PicturesAsync(tab, "console", isForReadme: true);
        tab.AssertNothingWentWrong();
    }
}
