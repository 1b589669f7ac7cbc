using System.Collections.Concurrent;
using System.Text.Json;
using Client.Realtime;
using Contracts;
using Contracts.Public;
using Contracts.Rooms;
using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Chat.Web;

/// <summary>Members and presence, also when their events were lost, and how to reach a room by keyboard alone.</summary>
[Collection(SystemCollection.Name)]
public sealed class CompanyTests(RunningSystem system, Browser browser)
{
    /// <summary>Far less than the page's polling interval for the list, and far more than a signal takes.</summary>
    private const float BeforeTheNextRound = 20_000;

    [Fact]
    public async Task TwoPeopleOfOneNameAreToldApart()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        foreach (var username in (string[])["kim-one", "kim-two"])
        {
            await using var kim = system.NewClient();
            Assert.True((await kim.RegisterAsync(lounge.Tenant, new(username, RunningSystem.Password, "Kim"), deadline.Token)).IsSuccess);
            Assert.True((await kim.Rooms.JoinAsync(Lounge.Room, deadline.Token)).IsSuccess);
            Assert.True((await kim.Messages.PostAsync(Lounge.Room, new($"said by {username}", Ids.New(TimeProvider.System)), deadline.Token)).IsSuccess);
        }

        var page = await lounge.EnterAsync("bob");
        await page.SeesAsync("said by kim-two");
        await Expect(page.Page.Locator(".message.head .by")).ToContainTextAsync(["Kim@kim-one", "Kim@kim-two"]);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "People in the room" }).ClickAsync();
        await Expect(page.Page.Locator(".member").Filter(new() { HasText = "Kim" }).Locator(".handle")).ToHaveTextAsync(["@kim-one", "@kim-two"]);
        await page.Tab.ScreenshotAsync("chat-same-name");
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task RemovedAuthorHasNoName_OnPagesThatAreOpen_AndOnNewOnes()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var bob = await lounge.PersonAsync("bob");
        Assert.True((await bob.Messages.PostAsync(Lounge.Room, new("said before", Ids.New(TimeProvider.System)), deadline.Token)).IsSuccess);
        var open = await lounge.EnterAsync("carl");
        await Expect(AuthorIn(open)).ToContainTextAsync("bob");

        Assert.True((await lounge.Admin.Account.RemoveUserAsync(bob.SignedIn!.User.Id, deadline.Token)).IsSuccess);

        await Expect(AuthorIn(open)).ToContainTextAsync("Removed user", new() { Timeout = BeforeTheNextRound });
        var later = await lounge.EnterAsync("dora");
        await Expect(AuthorIn(later)).ToContainTextAsync("Removed user");
        await Expect(AuthorIn(later)).Not.ToContainTextAsync("bob");
        open.Tab.AssertNothingWentWrong();
        later.Tab.AssertNothingWentWrong();

        static ILocator AuthorIn(ChatPage page) => page.Page.Locator(".message").Filter(new() { HasText = "said before" }).Locator(".by");
    }

    [Fact]
    public async Task WhoIsAddedToARoom_SeesItAtOnce_AndWhoIsRemovedIsTold()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        Assert.True((await lounge.Admin.Rooms.CreateAsync(new NewRoom("Back room", "back", RoomVisibilities.Private), deadline.Token)).IsSuccess);
        var owner = await lounge.EnterAsync(Lounge.Owner);
        await Expect(owner.Page.Locator(".room-about")).ToContainTextAsync("member");
        await lounge.PersonAsync("bob");
        await owner.OpenRoomAsync("Back room");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "People in the room" }).ClickAsync();
        var choice = owner.Page.GetByLabel("Person to add");
        await Expect(choice.Locator("option").Filter(new() { HasText = "bob" })).ToHaveCountAsync(1);
        var bob = await lounge.EnterAsync("bob");

        await choice.SelectOptionAsync(new SelectOptionValue { Label = "bob" });
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();

        await Expect(bob.Rooms.Locator(".rooms a").Filter(new() { HasText = "Back room" })).ToBeVisibleAsync(new() { Timeout = BeforeTheNextRound });
        await bob.OpenRoomAsync("Back room");
        await bob.Composer.PressSequentiallyAsync("What a nice ro");
        await Expect(owner.Page.Locator(".typing")).ToHaveTextAsync("bob is typing…");

        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Remove bob from the room" }).ClickAsync();

        await Expect(bob.Page.Locator(".toast")).ToContainTextAsync("You are no longer a member of Back room.");
        await Expect(bob.Rooms.Locator(".rooms a")).ToHaveCountAsync(1);
        await Expect(owner.Page.Locator(".member")).ToHaveCountAsync(1);
        owner.Tab.AssertNothingWentWrong();
        bob.Tab.AssertNothingWentWrong("403", "404");
    }

    [Fact]
    public async Task WhoIsToldThatSignalsWereLost_AsksAgainWhoIsThere()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        await using var page = await ChatPage.OpenAsync(browser, system, deadline.Token);
        var isWhole = true;
        IWebSocketRoute? toPage = null;
        await page.Page.RouteWebSocketAsync("**", route =>
        {
            var toServer = route.ConnectToServer();
            route.OnMessage(frame => toServer.Send(frame.Text!));
            toServer.OnMessage(frame =>
            {
                // What other nodes publish while this one's connection to the broker is interrupted.
                if (isWhole || !frame.Text!.Contains("\"type\":\"signal\"", StringComparison.Ordinal))
                {
                    route.Send(frame.Text!);
                }
            });
            toPage = route;
        });
        await lounge.PersonAsync("bob");
        await page.SignInAsync(lounge.Tenant, Lounge.Owner);
        await page.OpenRoomAsync(Lounge.Name);
        await Expect(page.Page.Locator(".room-about")).ToHaveTextAsync("2 members, 1 here");

        isWhole = false;
        var bob = await lounge.EnterAsync("bob");
        await Expect(bob.Page.Locator(".room-about")).ToHaveTextAsync("2 members, 2 here");
        await bob.SendAsync("messages find their way");
        await page.SeesAsync("messages find their way");
        await Expect(page.Page.Locator(".room-about")).ToHaveTextAsync("2 members, 1 here");

        isWhole = true;
        toPage!.Send(JsonSerializer.Serialize(new { type = "system", room = Lounge.Room, @event = "stream.interrupted", at = "2026-01-01T00:00:00Z" }));

        await Expect(page.Page.Locator(".room-about")).ToHaveTextAsync("2 members, 2 here", new() { Timeout = BeforeTheNextRound });
        page.Tab.AssertNothingWentWrong();
        bob.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task TabsOfOnePerson_ShareWhatIsRead_AndWhoClosesOneIsStillThere()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var bob = await lounge.PersonAsync("bob");
        Assert.True((await bob.Rooms.CreateAsync(new NewRoom("Elsewhere", "elsewhere"), deadline.Token)).IsSuccess);
        var first = await lounge.SignInAsync("bob");
        await first.OpenRoomAsync("Elsewhere");
        var second = await first.Page.Context.NewPageAsync();
        var sent = new ConcurrentQueue<string>();
        second.WebSocket += (_, socket) => socket.FrameSent += (_, frame) => sent.Enqueue(frame.Text ?? "");
        await second.GotoAsync(first.Page.Url);
        await Expect(second.Locator(".room-title")).ToHaveTextAsync("Elsewhere");
        var listed = second.Locator(".rooms a").Filter(new() { HasText = Lounge.Name });
        await lounge.PostAsync(1, 2);
        await Expect(listed.Locator(".count")).ToContainTextAsync("2");

        await first.Page.BringToFrontAsync();
        await first.OpenRoomAsync(Lounge.Name);
        await first.SeesAsync("message 2");
        await Expect(listed.Locator(".count")).ToHaveCountAsync(0, new() { Timeout = BeforeTheNextRound });

        // What a tab sends last, when it is closed.
        await using var live = await bob.ConnectAsync(deadline.Token);
        await using var stream = await live.SubscribeAsync(Lounge.Room, new SubscribeOptions(), deadline.Token);
        sent.Clear();
        await live.SignalAsync(Lounge.Room, JsonSerializer.SerializeToElement(new { kind = "presence", state = "gone" }), cancellationToken: deadline.Token);
        await Eventually.ClearAsync(() => Task.FromResult(
            sent.Any(static frame => frame.Contains($"\"room\":\"{Lounge.Room}\"", StringComparison.Ordinal) && frame.Contains("\"presence\"", StringComparison.Ordinal))
                ? null : "The tab that stays has not said that it is there."));
        first.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task KeyboardFindsItsWay_OnANarrowScreen()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        Assert.True((await lounge.Admin.Rooms.CreateAsync(new NewRoom("Elsewhere", "elsewhere"), deadline.Token)).IsSuccess);

        var page = await lounge.EnterAsync(Lounge.Owner);

        // As narrow as a desk's window at a zoom of 200 %.
        await page.Page.SetViewportSizeAsync(640, 450);
        await Expect(page.Rooms).Not.ToBeInViewportAsync();
        var keyboard = page.Page.Keyboard;
        var menu = page.Page.GetByRole(AriaRole.Button, new() { Name = "Rooms", Exact = true });
        await menu.FocusAsync();
        await keyboard.PressAsync("Control+k");
        await Expect(page.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Find a room" })).ToBeFocusedAsync();
        await keyboard.TypeAsync("elsew");
        await keyboard.PressAsync("Enter");
        await Expect(page.Page.Locator(".room-title")).ToHaveTextAsync("Elsewhere");
        await Expect(menu).ToBeFocusedAsync();

        // While the list lies over the messages, the keyboard stays in the list; closed, it is back where it was.
        await keyboard.PressAsync("Enter");
        await Expect(page.Rooms.Locator("[aria-current]")).ToBeFocusedAsync();
        for (var i = 0; i < 12; i++)
        {
            await keyboard.PressAsync("Tab");
            Assert.False(await page.Page.EvaluateAsync<bool>("() => document.querySelector('main').contains(document.activeElement)"), "The focus is behind the list.");
        }

        await keyboard.PressAsync("Escape");
        await Expect(menu).ToBeFocusedAsync();
        await Expect(page.Rooms).Not.ToBeInViewportAsync();
        page.Tab.AssertNothingWentWrong();
    }
}
