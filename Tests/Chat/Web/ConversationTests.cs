using System.Globalization;
using Contracts.Public;
using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Chat.Web;

/// <summary>People who chat through the page, each in a browser of their own, over the running system.</summary>
[Collection(SystemCollection.Name)]
public sealed class ConversationTests(RunningSystem system, Browser browser)
{
    /// <summary>Refusals of the network that a test caused itself by cutting it.</summary>
    private static readonly string[] CutOff = ["net::ERR_INTERNET_DISCONNECTED", "net::ERR_NETWORK_CHANGED", "WebSocket connection to"];

    /// <summary>The smallest PNG there is: one pixel.</summary>
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    [Fact]
    public async Task TwoPeopleSeeEachOtherWriteAndRead()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var lounge = await Lounge.OpenAsync(system, browser, token);
        var (alice, robert) = await lounge.EnterBothAsync();

        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "People in the room" }).ClickAsync();
        await Expect(alice.Page.Locator(".member").Filter(new() { HasText = "bob" }).Locator(".dot.active")).ToHaveCountAsync(1);
        await robert.Composer.PressSequentiallyAsync("Hel");
        await Expect(alice.Page.Locator(".typing")).ToHaveTextAsync("bob is typing…");

        await robert.SendAsync("Hello <img src=x onerror=\"document.title='run'\"> <script>document.title='run'</script>");
        await alice.SeesAsync("<script>document.title='run'</script>");
        await robert.SeesAsync("<img src=x");
        await Expect(alice.Page.Locator(".typing")).ToHaveTextAsync("");
        await Expect(alice.Page.Locator(".messages img")).ToHaveCountAsync(0);
        await Expect(alice.Page).Not.ToHaveTitleAsync("run");

        await alice.Composer.FillAsync("Two lines,");
        await alice.Composer.PressAsync("Shift+Enter");
        await alice.Composer.PressSequentiallyAsync("see https://example.org/a_(b). javascript:alert(1)");
        await alice.Composer.PressAsync("Enter");
        await robert.SeesAsync("Two lines,\nsee");
        var link = Assert.Single(await robert.Page.Locator(".message .text a").AllAsync());
        Assert.Equal("https://example.org/a_(b)", await link.GetAttributeAsync("href"));
        Assert.Equal("noopener noreferrer nofollow", await link.GetAttributeAsync("rel"));

        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Under the hood" }).ClickAsync();
        await Expect(alice.Page.Locator(".panel tbody tr").First.Locator("td").First).ToHaveTextAsync("2");
        await Expect(alice.Page.Locator(".panel tbody tr td.live").First).ToHaveTextAsync("live");
        await Expect(alice.Page.Locator(".message .under").Last).ToContainTextAsync("#2");

        alice.Tab.AssertNothingWentWrong();
        robert.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task UnreadMessagesAreCountedUntilTheyAreRead()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var lounge = await Lounge.OpenAsync(system, browser, token);
        var bob = await lounge.PersonAsync("bob");
        Assert.True((await bob.Rooms.CreateAsync(new NewRoom("Elsewhere", "elsewhere"), token)).IsSuccess);
        Assert.True((await bob.Messages.PostAsync("elsewhere", new NewMessage("what one wrote oneself is read"), token)).IsSuccess);
        var page = await lounge.SignInAsync("bob");
        await page.OpenRoomAsync("Elsewhere");
        var listed = page.Rooms.Locator(".rooms a").Filter(new() { HasText = Lounge.Name });

        await lounge.PostAsync(1, 3);
        await Expect(listed.Locator(".count")).ToContainTextAsync("3");
        await Expect(page.Page).ToHaveTitleAsync("(3) Elsewhere · Chat");
        await Expect(listed).ToContainTextAsync("message 3");

        // To post from another device is to have read the messages before.
        Assert.True((await bob.Messages.PostAsync(Lounge.Room, new NewMessage("answered from the train"), token)).IsSuccess);
        await Expect(listed).ToContainTextAsync("answered from the train");
        await Expect(listed.Locator(".count")).ToHaveCountAsync(0);
        await lounge.PostAsync(4, 1);
        await Expect(listed.Locator(".count")).ToContainTextAsync("1");

        await page.Composer.PressAsync("Alt+Shift+ArrowDown");
        await Expect(page.Page.Locator(".room-title")).ToHaveTextAsync(Lounge.Name);
        await Expect(page.Page.Locator(".messages .new")).ToBeVisibleAsync();
        await Expect(listed.Locator(".count")).ToHaveCountAsync(0);
        await Expect(page.Page).ToHaveTitleAsync($"{Lounge.Name} · Chat");
        await Eventually.ClearAsync(async () =>
            (await bob.Rooms.GetAsync(Lounge.Room, token)).Value is { Unread: > 0 } room ? $"{room.Unread} unread" : null);

        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WhoWasCutOff_SeesAllOnceAndInOrder_AndWhatWasWrittenMeanwhileIsSentOnce()
    {
        const int Missed = 50;
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var lounge = await Lounge.OpenAsync(system, browser, token);
        var page = await lounge.EnterAsync("bob");
        await lounge.PostAsync(1, 2);
        await page.SeesAsync("message 2");

        await page.SetOfflineAsync(true);
        await lounge.PostAsync(3, Missed);
        await Expect(page.Page.Locator(".banner")).ToContainTextAsync("You are offline");
        await page.SendAsync("written in the dark");
        await page.SendAsync("and once more");
        await Expect(page.Page.Locator(".message.waiting")).ToHaveCountAsync(2);
        Assert.DoesNotContain("message 3", await page.Texts.AllTextContentsAsync());
        await page.Tab.ScreenshotAsync("chat-offline");

        await page.SetOfflineAsync(false);
        await page.SeesAsync("and once more");
        await Expect(page.Texts).ToHaveCountAsync(2 + Missed + 2);
        var shown = await page.Texts.AllTextContentsAsync();
        Assert.Equal(Enumerable.Range(1, 2 + Missed).Select(static number => $"message {number}"), shown.Where(static text => text.StartsWith("message", StringComparison.Ordinal)));
        var stored = await lounge.StoredAsync();
        Assert.Equal(stored, shown);
        Assert.Equal(["written in the dark", "and once more"], stored.TakeLast(2));
        await Expect(page.Page.Locator(".banner")).ToBeHiddenAsync();

        page.Tab.AssertNothingWentWrong(CutOff);
    }

    [Fact]
    public async Task UploadedFilesReachTheOther_AndRunNothing()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var lounge = await Lounge.OpenAsync(system, browser, token);
        var (alice, robert) = await lounge.EnterBothAsync();

        // As a service with a low limit reports it.
        await alice.Page.RouteAsync("**/v1/files/limits", static route => route.FulfillAsync(new() { ContentType = "application/json", Body = """{"maxBytes":5000,"contentTypes":["*/*"]}""" }));
        await alice.Page.Locator(".composer input[type=file]").SetInputFilesAsync(
        [
            new FilePayload { Name = "pixel.png", MimeType = "image/png", Buffer = Pixel },
            new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = "<script>document.title='run'</script>"u8.ToArray() },
            new FilePayload { Name = "page.html", MimeType = "text/html", Buffer = "<script>document.title='run'</script>"u8.ToArray() },
            new FilePayload { Name = "large.bin", MimeType = "", Buffer = new byte[5_001] },
            new FilePayload { Name = "mistake.txt", MimeType = "text/plain", Buffer = "not meant to be sent"u8.ToArray() },
        ]);
        await Expect(alice.Page.Locator(".upload.done")).ToHaveCountAsync(4);
        await Expect(alice.Page.Locator(".upload.failed")).ToContainTextAsync("large.bin");
        await alice.SendAsync("Look");
        await Expect(alice.Page.Locator(".toast").Filter(new() { HasText = "A file was not uploaded" })).ToBeVisibleAsync();
        foreach (var name in (string[])["large.bin", "mistake.txt"])
        {
            await alice.Page.GetByRole(AriaRole.Button, new() { Name = $"Remove {name}" }).ClickAsync();
        }

        await alice.Composer.PressAsync("Enter");

        await robert.SeesAsync("Look");
        await Expect(robert.Page.Locator(".message .picture:not(.loading)")).ToHaveCountAsync(1);
        Assert.StartsWith("blob:", await robert.Page.Locator(".message .picture img").GetAttributeAsync("src"), StringComparison.Ordinal);
        await Expect(robert.Page.Locator(".message .attachment")).ToHaveCountAsync(3);
        await Expect(robert.Page.GetByRole(AriaRole.Button, new() { Name = "Download page.html" })).ToBeVisibleAsync();
        var download = await robert.Page.RunAndWaitForDownloadAsync(() => robert.Page.GetByRole(AriaRole.Button, new() { Name = "Download notes.txt" }).ClickAsync());
        Assert.Equal("notes.txt", download.SuggestedFilename);
        Assert.Equal("<script>document.title='run'</script>", await File.ReadAllTextAsync(await download.PathAsync(), token));

        await robert.Page.Locator(".message .picture").ClickAsync();
        await Expect(robert.Page.GetByRole(AriaRole.Dialog, new() { Name = "pixel.png" })).ToBeVisibleAsync();
        await robert.Page.Keyboard.PressAsync("Escape");
        await Expect(robert.Page.Locator("dialog")).ToHaveCountAsync(0);

        alice.Tab.AssertNothingWentWrong();
        robert.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task OlderMessagesComeOnScrollingUp_AndNothingMoves()
    {
        const int Count = 700;
        const int MostShown = 400;
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var lounge = await Lounge.OpenAsync(system, browser, token);
        await lounge.PostAsync(1, Count);
        var page = await lounge.EnterAsync(Lounge.Owner);
        await page.SeesAsync($"message {Count}");
        await page.Page.Keyboard.PressAsync("Escape");

        // Each time at the top, one page more is there, what was at the top is still where it was, and no two are ever out of order.
        var first = await FirstAsync(page);
        while (first > 1)
        {
            var before = await page.Page.EvaluateAsync<double>(
                "() => { const s = document.querySelector('.timeline'); s.scrollTop = 0; return document.querySelector('.message').getBoundingClientRect().top; }");
            var anchor = page.Page.Locator(".messages").GetByText($"message {first}", new() { Exact = true });
            var reached = first;
            await Eventually.ClearAsync(async () => await FirstAsync(page) < reached ? null : $"the first message shown is {reached}");
            var after = await anchor.EvaluateAsync<double>("e => e.closest('.message').getBoundingClientRect().top");
            Assert.True(Math.Abs(before - after) < 60, $"message {first} moved from {before} to {after}");
            first = await FirstAsync(page);
            Assert.InRange(await page.Texts.CountAsync(), 1, MostShown);
        }

        await Expect(page.Page.Locator(".origin")).ToContainTextAsync(Lounge.Name);
        var texts = await page.Texts.AllTextContentsAsync();
        Assert.Equal(Enumerable.Range(1, texts.Count).Select(static number => $"message {number}"), texts);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Jump to latest" }).ClickAsync();
        await page.SeesAsync($"message {Count}");
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task KeyboardAloneSignsInAndSends()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var lounge = await Lounge.OpenAsync(system, browser, token);
        await using var page = await ChatPage.OpenAsync(browser, system, token);
        await Expect(page.Page.GetByLabel("Workspace", new() { Exact = true })).ToBeFocusedAsync();

        var keyboard = page.Page.Keyboard;
        foreach (var text in (string[])[lounge.Tenant, Lounge.Owner, RunningSystem.Password])
        {
            await keyboard.TypeAsync(text);
            await keyboard.PressAsync("Tab");
        }

        await keyboard.PressAsync("Enter");
        await Expect(page.Composer).ToBeFocusedAsync();
        await keyboard.TypeAsync("No mouse was harmed");
        await keyboard.PressAsync("Enter");
        await page.SeesAsync("No mouse was harmed");

        await keyboard.PressAsync("Control+k");
        await Expect(page.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Find a room" })).ToBeFocusedAsync();
        await keyboard.TypeAsync("loun");
        await keyboard.PressAsync("Enter");
        await Expect(page.Composer).ToBeFocusedAsync();
        page.Tab.AssertNothingWentWrong();
    }

    private static async Task<int> FirstAsync(ChatPage page) =>
        int.Parse((await page.Texts.First.TextContentAsync())!["message ".Length..], CultureInfo.InvariantCulture);
}
