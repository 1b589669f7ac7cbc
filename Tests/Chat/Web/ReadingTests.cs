using System.Net.Http.Json;
using Contracts;
using Contracts.Layouts;
using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Chat.Web;

/// <summary>What a reader sees while a room loads, when more messages arrive than fit, and in the details of delivery.</summary>
[Collection(SystemCollection.Name)]
public sealed class ReadingTests(RunningSystem system, Browser browser)
{
    private const string CountPings = """
        window.pings = 0;
        const { send } = WebSocket.prototype;
        WebSocket.prototype.send = function (data) {
          window.pings += String(data).includes('"ping"') ? 1 : 0;
          return send.call(this, data);
        };
        """;

    /// <summary>Sums layout shifts without user input, as browsers measure them.</summary>
    private const string WatchShifts = """
        window.shifts = 0;
        new PerformanceObserver(list => {
          for (const entry of list.getEntries()) {
            if (!entry.hadRecentInput) { window.shifts += entry.value; }
          }
        }).observe({ type: 'layout-shift', buffered: true });
        """;

    [Theory]
    [InlineData("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")]
    [InlineData("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")]
    public async Task PageThatIsLookedAtAgain_PutsItsConnectionToTheTestAtOnce(string comeBack)
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        await lounge.PersonAsync("bob");
        await using var page = await ChatPage.OpenAsync(browser, system, deadline.Token);
        await page.Page.AddInitScriptAsync(CountPings);
        await page.Page.ReloadAsync();
        await page.SignInAsync(lounge.Tenant, "bob");
        await page.OpenRoomAsync(Lounge.Name);
        await page.SendAsync("connected");
        await page.SeesAsync("connected");

        // In the same moment, so none of those that it sends by itself.
        Assert.Equal(1, await page.Page.EvaluateAsync<int>($$"""() => { const before = window.pings; {{comeBack}}; return window.pings - before; }"""));
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task PageHasItsFinalShapeFromTheBeginning_WhileTheFirstRoomComes()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        await lounge.PostAsync(1, 40);
        var page = await lounge.EnterAsync(Lounge.Owner);
        await page.SeesAsync("message 40");
        await page.Page.AddInitScriptAsync(WatchShifts);
        var rooms = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var messages = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.Page.RouteAsync("**/v1/rooms?*", route => AfterAsync(rooms.Task, route));
        await page.Page.RouteAsync($"**/v1/rooms/{Lounge.Room}/messages?*", route => AfterAsync(messages.Task, route));

        await page.Page.ReloadAsync();
        var skeleton = page.Page.Locator(".skeleton");
        await Expect(skeleton).ToBeVisibleAsync();
        await Expect(page.Composer).ToBeVisibleAsync();
        await page.Composer.FillAsync("written before there was a room");
        var before = await ShapeAsync(page);
        await page.Tab.ScreenshotAsync("chat-loading-rooms");

        rooms.SetResult();
        await Expect(page.Page.Locator(".room-title")).ToHaveTextAsync(Lounge.Name);
        await Expect(skeleton).ToBeVisibleAsync();
        Assert.Equal(before, await ShapeAsync(page));
        await page.Tab.ScreenshotAsync("chat-loading-messages");

        messages.SetResult();
        await page.SeesAsync("message 40");
        await Expect(skeleton).ToBeHiddenAsync();
        await Expect(page.Composer).ToHaveValueAsync("written before there was a room");
        Assert.Equal(before, await ShapeAsync(page));
        var shifts = await page.Page.EvaluateAsync<double>("() => window.shifts");
        Assert.True(shifts < 0.05, $"Things moved by {shifts} while the page loaded.");
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WhoReadsAbove_IsToldHowManyCame_AndJumpsToThem()
    {
        const int Seen = 80;
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        await lounge.PostAsync(1, Seen);
        var page = await lounge.EnterAsync("bob");
        await page.SeesAsync($"message {Seen}");
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Page.EvaluateAsync("() => { document.querySelector('.timeline').scrollTop = 200; }");
        var latest = page.Page.GetByRole(AriaRole.Button, new() { Name = "Jump to latest" });
        await Expect(latest).ToBeVisibleAsync();

        // This near to the top the page fetches older messages and scrolls to keep what is shown in place: measure only when they are there.
        await Expect(page.Page.Locator(".origin")).ToHaveCountAsync(1);
        await lounge.PostAsync(Seen + 1, 1);
        await Expect(page.Page.Locator(".jump:not(.above)")).ToHaveTextAsync("1 new message");
        var kept = await page.Page.EvaluateAsync<int>("() => document.querySelector('.timeline').scrollTop");
        await lounge.PostAsync(Seen + 2, 2);
        var jump = page.Page.GetByRole(AriaRole.Button, new() { Name = "3 new messages" });
        await Expect(jump).ToBeVisibleAsync();
        Assert.Equal(kept, await page.Page.EvaluateAsync<int>("() => document.querySelector('.timeline').scrollTop"));
        await page.Tab.ScreenshotAsync("chat-jump");

        await jump.ClickAsync();
        await Expect(page.Page.Locator(".messages").GetByText($"message {Seen + 3}", new() { Exact = true })).ToBeInViewportAsync();
        await Expect(page.Page.Locator(".jump:not(.above)")).ToBeHiddenAsync();

        // At the end again, it follows by itself.
        await lounge.PostAsync(Seen + 4, 1);
        await Expect(page.Page.Locator(".messages").GetByText($"message {Seen + 4}", new() { Exact = true })).ToBeInViewportAsync();
        await Expect(page.Page.Locator(".jump:not(.above)")).ToBeHiddenAsync();
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WhoMissedMoreThanFits_IsLedToTheFirstNewMessage()
    {
        const int Read = 50;
        const int Missed = 150;
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        await lounge.PostAsync(1, Read);
        var bob = await lounge.PersonAsync("bob");
        Assert.True((await bob.Rooms.MarkReadAsync(Lounge.Room, Read, deadline.Token)).IsSuccess);
        await lounge.PostAsync(Read + 1, Missed);

        var page = await lounge.EnterAsync("bob");
        var above = page.Page.GetByRole(AriaRole.Button, new() { Name = $"{Missed} new messages: go to the first" });
        await Expect(above).ToBeVisibleAsync();
        await page.SeesAsync($"message {Read + Missed}");
        await page.Tab.ScreenshotAsync("chat-new-above");
        await above.ClickAsync();
        await Expect(page.Page.Locator(".messages .new")).ToBeInViewportAsync();
        await Expect(page.Page.Locator(".messages").GetByText($"message {Read + 1}", new() { Exact = true })).ToBeInViewportAsync();
        await Expect(page.Page.Locator(".messages").GetByText($"message {Read}", new() { Exact = true })).ToBeInViewportAsync();
        await Expect(above).ToBeHiddenAsync();

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Jump to latest" }).ClickAsync();
        await Expect(page.Page.Locator(".messages").GetByText($"message {Read + Missed}", new() { Exact = true })).ToBeInViewportAsync();
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task UnderTheHood_TheChannelLayoutIsShown_AndChangesWhenItChanges()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var page = await lounge.EnterAsync(Lounge.Owner);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Under the hood" }).ClickAsync();
        var layout = page.Page.Locator(".facts dt", new() { HasTextString = "Channel layout" }).Locator("xpath=following-sibling::dd[1]");
        await Expect(layout).ToHaveTextAsync("legacy: one channel");

        using var operators = await system.ServiceAsync(ServiceNames.Operator, ServiceNames.Realtime, deadline.Token);
        var scope = $"{lounge.Tenant}/{Lounge.Room}";
        await GoToAsync(operators, new { scope, stage = LayoutStages.Sharded, shards = 6 }, deadline.Token);
        await Expect(layout).ToHaveTextAsync("sharded: 6 shards");
        await page.SendAsync("still here");
        await page.SeesAsync("still here");
        await Expect(page.Page.Locator(".panel tbody tr td.live")).ToHaveTextAsync(["live"]);
        await page.Tab.ScreenshotAsync("chat-hood-sharded");

        await GoToAsync(operators, new { scope, stage = LayoutStages.Legacy }, deadline.Token);
        await Expect(layout).ToHaveTextAsync("legacy: one channel");
        page.Tab.AssertNothingWentWrong();
    }

    private static async Task GoToAsync(HttpClient operators, object goal, CancellationToken cancellationToken)
    {
        using var answer = await operators.PutAsJsonAsync("/admin/v1/layouts/goal", goal, cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>The positions of the parts of the page.</summary>
    private static Task<string> ShapeAsync(ChatPage page) => page.Page.EvaluateAsync<string>(
        "() => ['.sidebar', '.room-head', '.stage', '.compose-line'].map(part => { const r = document.querySelector(part).getBoundingClientRect(); return `${part} ${r.x},${r.y} ${r.width}x${r.height}`; }).join('; ')");

    private static async Task AfterAsync(Task opened, IRoute route)
    {
        await opened;
        await route.ContinueAsync();
    }
}
