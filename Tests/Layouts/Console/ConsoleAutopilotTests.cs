using Contracts.Layouts;
using Microsoft.Playwright;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using Tests.Layouts.Autopilot;
using static Microsoft.Playwright.Assertions;

namespace Tests.Layouts.Console;

/// <summary>The autopilot, started, watched and stopped in the console.</summary>
public sealed class ConsoleAutopilotTests(DataServers servers, Browser browser)
{
    private const string Long = "01:00:00";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ItIsRehearsedAndStoppedByButton_AndNotForWhoIsNoOperatorAnyMore()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 1, [.. Settings(Long), ("Console:Recheck", "00:10:00")]);
        await rig.Driving.GoAsync(LayoutStages.Shadow);
        await rig.Driving.ArrivedAsync("shadow (4 shards)");
        await using var tab = await rig.OpenAsync(path: ConsoleRig.Layouts);
        var page = tab.Page;
        var card = page.Locator($"[data-scope='{rig.Driving.Scope}']");
        var panel = card.Locator("[data-pilot]");

        // What it would do, with its own rungs; looking changes nothing.
        await card.Locator("[data-act=autopilot]").ClickAsync();
        await Expect(page.Locator("[data-terms]")).ToContainTextAsync("Each stage is left once all gates have held for 60 min");
        await Expect(page.Locator("[data-step]")).ToHaveCountAsync(5);
        await Expect(page.Locator("[data-step='canary (4 shards, 25 % of rooms)']")).ToBeVisibleAsync();
        await page.Locator("[data-cancel]").ClickAsync();
        await Expect(page.Locator("[data-dialog]")).ToHaveCountAsync(0);
        Assert.Null(await rig.Driving.AutopilotAsync());

        // A rehearsal, as the admin API has it; what was said is text.
        await card.Locator("[data-act=autopilot]").ClickAsync();
        await page.Locator("[data-field=rehearse]").CheckAsync();
        await page.Locator("[data-field=reason]").FillAsync("<img src=x onerror=alert(1)>");
        await Expect(page.Locator("[data-confirm]")).ToHaveTextAsync($"Rehearse the autopilot of {rig.Driving.Scope}");
        await tab.ScreenshotAsync("autopilot-plan");
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(page.Locator("[data-dialog]")).ToHaveCountAsync(0);
        await Expect(panel).ToHaveAttributeAsync("data-pilot", "rehearsal");
        await Expect(panel).ToContainTextAsync("<img src=x onerror=alert(1)>");
        await Expect(card.Locator(".track .goal")).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-verdict=good]")).ToBeVisibleAsync();
        await Eventually.ClearAsync(async () =>
        {
            var row = await rig.Driving.AutopilotAsync();
            var gates = await GatesAsync(panel);
            return row is { IsDry: true, Status: { Gates.Count: 7, SoakSeconds: 3_600 } status } && status.Gates.Select(static gate => $"{gate.Name} {gate.Verdict} {gate.Text}").SequenceEqual(gates)
                ? null
                : $"{row?.Status}: {string.Join("; ", gates)}";
        });
        Assert.Matches("^operators/[0-9a-f]+$", (await rig.Driving.AutopilotAsync())!.By);
        await Expect(panel.Locator("[data-gate=parity]")).ToContainTextAsync("≥ 50 %");
        await Expect(panel.Locator("[data-soak]")).ToContainTextAsync("of the soak of 60 min left");
        await ConsoleRig.PicturesAsync(tab, "autopilot", isWhole: true);

        // Stopped, the layout stays where it is.
        await card.Locator("[data-act=stop-autopilot]").ClickAsync();
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(panel).ToHaveCountAsync(0);
        Assert.Null(await rig.Driving.AutopilotAsync());
        Assert.Equal("shadow (4 shards)", (await rig.Driving.HistoryAsync())[^1]);

        // A user who lost the role meanwhile sees no plan, and starts nothing.
        await card.Locator("[data-act=autopilot]").ClickAsync();
        await Expect(page.Locator("[data-confirm]")).ToBeEnabledAsync();
        await rig.DemoteAsync();
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(page.Locator("[data-problem]")).ToContainTextAsync("no longer an operator");
        Assert.Null(await rig.Driving.AutopilotAsync());
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task StartedByButtonItLeadsToSharded_AndTheHistorySaysWhatThatRestsOn()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 2, Settings("00:00:00.500"));
        var (room, socket) = await rig.ListenAsync("lobby");
        await using var listening = socket;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = rig.LoadAsync(room, stop.Token);
        await using var tab = await rig.OpenAsync(path: ConsoleRig.Layouts);
        var page = tab.Page;
        var card = page.Locator($"[data-scope='{ConsoleRig.Operators}']");
        var refusal = page.Locator(".find [role=alert]");

        // On a busy machine dbman may answer late, which the page says.
        await Eventually.ClearAsync(async () =>
        {
            await page.Locator("#find-scope").FillAsync(ConsoleRig.Operators);
            await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
            await Expect(card.Or(refusal).First).ToBeVisibleAsync();
            return await card.IsVisibleAsync() ? null : await refusal.TextContentAsync();
        });
        await card.Locator("[data-act=autopilot]").ClickAsync();
        await page.Locator("[data-field=shards]").FillAsync("8");
        await page.Locator("[data-field=shards]").BlurAsync();
        await Expect(page.Locator("[data-plan='sharded (8 shards)']")).ToBeVisibleAsync();
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(card.Locator("[data-pilot=on]")).ToBeVisibleAsync();
        var goal = Assert.Single((await rig.Driving.Plane.GetGoalsAsync(Token)).Value.Goals);
        Assert.True(goal is { Autopilot: true, IsDry: false, Target: { Stage: LayoutStages.Sharded, Shards: 8 } }, $"{goal}");

        // Seven soaks one after the other, each of which needs traffic: a busy machine takes its time. The page follows, to the end.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4), TimeProvider.System);
        await Eventually.ClearByAsync(patience.Token, async () =>
            load.IsCompleted ? throw new InvalidOperationException("The load has ended.", load.Exception)
            : await card.Locator("[data-state]").TextContentAsync() is var state && state == "sharded (8 shards)" ? null
            : $"{state}: {await card.Locator("[data-pilot] .stage").AllTextContentsAsync() switch { [var stage] => stage, _ => "no stage" }}");
        await Expect(card.Locator("[data-stage=sharded]")).ToHaveAttributeAsync("aria-current", "step");
        await Expect(card.Locator("[data-state]")).ToHaveTextAsync("sharded (8 shards)");
        await Expect(card.Locator("[data-pilot]")).ToHaveCountAsync(0);
        await stop.CancelAsync();
        await load;
        await page.GotoAsync(new Uri(rig.Node.Address, "/console/history").ToString());
        var promotion = page.Locator("tr[data-decision=promote]", new() { HasText = "shadow (8 shards) -> canary" });
        await Expect(promotion.Locator(".figures")).ToContainTextAsync("≥ 50 %");
        await Expect(promotion.Locator(".figures")).ToContainTextAsync("soaked");
        await Expect(promotion.Locator(".figures .broken")).ToHaveCountAsync(0);
        await ConsoleRig.PicturesAsync(tab, "autopilot-history");
        tab.AssertNothingWentWrong();
    }

    /// <summary>
    /// The interleaving: a rehearsal is ticked; before the page is drawn again, a reason is typed, whose event belongs to the older drawing. That must not take the tick back.
    /// </summary>
    [Fact]
    public async Task ARehearsalStaysOne_WhenTheReasonIsTypedBeforeThePageIsDrawnAgain()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 1, Settings(Long));
        await rig.Driving.GoAsync(LayoutStages.Shadow);
        await rig.Driving.ArrivedAsync("shadow (4 shards)");
        await using var tab = await rig.OpenUnsignedAsync();
        var page = tab.Page;
        var line = await HeldLine.OfAsync(page);
        await ConsoleRig.SignInAsync(tab, rig.Node, "admin");
        await ConsoleRig.AliveAsync(tab);
        await page.GotoAsync(new Uri(rig.Node.Address, ConsoleRig.Layouts).ToString());
        await ConsoleRig.AliveAsync(tab);
        await page.Locator($"[data-scope='{rig.Driving.Scope}'] [data-act=autopilot]").ClickAsync();
        await Expect(page.Locator("[data-step]")).ToHaveCountAsync(5);

        await line.HoldAsync();
        await page.Locator("[data-field=shards]").FillAsync("8");
        await page.Locator("[data-field=rehearse]").CheckAsync();
        await page.Locator("[data-field=reason]").FillAsync("to see");
        await line.ReleaseAsync();

        await Expect(page.Locator("[data-plan='sharded (8 shards)']")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-confirm]")).ToHaveTextAsync($"Rehearse the autopilot of {rig.Driving.Scope}");
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(page.Locator("[data-dialog]")).ToHaveCountAsync(0);
        Assert.True(Assert.Single((await rig.Driving.Plane.GetGoalsAsync(Token)).Value.Goals) is { Autopilot: true, IsDry: true, Reason: "to see", Target.Shards: 8 });
        tab.AssertNothingWentWrong();
    }

    private static async Task<IEnumerable<string>> GatesAsync(ILocator panel) => await panel.Locator("[data-gate]").EvaluateAllAsync<string[]>(
        "gates => gates.map(gate => `${gate.dataset.gate} ${gate.dataset.says} ${gate.querySelector('.why').textContent}`)");

    /// <summary>Few messages decide, and nothing breaks a gate but what a test does.</summary>
    private static (string Name, string Value)[] Settings(string soak) => QuickAutopilot.Settings(
        soak,
        watch: soak,
        ("Autopilot:MinCompared", "10"),
        ("Autopilot:MinPublished", "10"),
        ("Autopilot:MinDelivered", "10"),
        ("Autopilot:MinParity", "0.5"),
        ("Autopilot:MaxFailedRatio", "1"),
        ("Autopilot:MaxRepairedRatio", "1"),
        ("Autopilot:MaxLostRatio", "1"),
        ("Planner:Window", Long));
}
