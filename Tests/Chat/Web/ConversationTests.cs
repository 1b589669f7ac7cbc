using System.Globalization;
using Client;
using Contracts;
using Contracts.Public;
using Contracts.Rooms;
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
    private const string Room = "lounge";
    private const string RoomName = "The lounge";

    /// <summary>Refusals of the network that a test caused itself by cutting it.</summary>
    private static readonly string[] CutOff = ["net::ERR_INTERNET_DISCONNECTED", "net::ERR_NETWORK_CHANGED", "WebSocket connection to"];

    /// <summary>The smallest PNG there is: one pixel.</summary>
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    [Fact]
    public async Task TwoPeopleSeeEachOtherWriteAndRead()
    {
        using var deadline = new Deadline(TimeSpan.FromMinutes(3));
        var token = deadline.Token;
        await using var admin = await TenantAsync(token);
        await using var bob = await MemberAsync(admin, "bob", token);
        await using var alice = await OpenAsync(admin, "admin", token);
        await using var robert = await OpenAsync(bob, "bob", token);
        await alice.OpenRoomAsync(RoomName);
        await robert.OpenRoomAsync(RoomName);

        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "People in the room" }).ClickAsync();
        await Expect(alice.Page.Locator(".member").Filter(new() { HasText = "bob" })).ToContainTextAsync("here");
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
        using var deadline = new Deadline(TimeSpan.FromMinutes(3));
        var token = deadline.Token;
        await using var admin = await TenantAsync(token);
        await using var bob = await MemberAsync(admin, "bob", token);
        Assert.True((await bob.Rooms.CreateAsync(new NewRoom("Elsewhere", "elsewhere"), token)).IsSuccess);
        await using var page = await OpenAsync(bob, "bob", token);
        await page.OpenRoomAsync("Elsewhere");
        var lounge = page.Rooms.Locator(".rooms a").Filter(new() { HasText = RoomName });

        await PostAsync(admin, 1, 3, token);
        await Expect(lounge.Locator(".count")).ToContainTextAsync("3");
        await Expect(page.Page).ToHaveTitleAsync("(3) Elsewhere · Chat");
        await Expect(lounge).ToContainTextAsync("message 3");

        await page.Composer.PressAsync("Alt+Shift+ArrowDown");
        await Expect(page.Page.Locator(".room-title")).ToHaveTextAsync(RoomName);
        await Expect(page.Page.Locator(".messages .new")).ToBeVisibleAsync();
        await Expect(lounge.Locator(".count")).ToHaveCountAsync(0);
        await Expect(page.Page).ToHaveTitleAsync($"{RoomName} · Chat");
        await Eventually.ClearAsync(async () =>
            (await bob.Rooms.GetAsync(Room, token)).Value is { Unread: > 0 } room ? $"{room.Unread} unread" : null);

        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WhoWasCutOff_SeesAllOnceAndInOrder_AndWhatWasWrittenMeanwhileIsSentOnce()
    {
        const int Missed = 50;
        using var deadline = new Deadline(TimeSpan.FromMinutes(4));
        var token = deadline.Token;
        await using var admin = await TenantAsync(token);
        await using var bob = await MemberAsync(admin, "bob", token);
        await using var page = await OpenAsync(bob, "bob", token);
        await page.OpenRoomAsync(RoomName);
        await PostAsync(admin, 1, 2, token);
        await page.SeesAsync("message 2");

        await page.SetOfflineAsync(true);
        await PostAsync(admin, 3, Missed, token);
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
        var stored = (await admin.Messages.GetAfterAsync(Room, 0, cancellationToken: token)).Value.Messages.Select(static message => message.Text).ToList();
        Assert.Equal(stored, shown);
        Assert.Equal(["written in the dark", "and once more"], stored[^2..]);
        await Expect(page.Page.Locator(".banner")).ToBeHiddenAsync();

        page.Tab.AssertNothingWentWrong(CutOff);
    }

    [Fact]
    public async Task UploadedFilesReachTheOther_AndRunNothing()
    {
        using var deadline = new Deadline(TimeSpan.FromMinutes(3));
        var token = deadline.Token;
        await using var admin = await TenantAsync(token);
        await using var bob = await MemberAsync(admin, "bob", token);
        await using var alice = await OpenAsync(admin, "admin", token);
        await using var robert = await OpenAsync(bob, "bob", token);
        await alice.OpenRoomAsync(RoomName);
        await robert.OpenRoomAsync(RoomName);

        await alice.Page.Locator(".composer input[type=file]").SetInputFilesAsync(
        [
            new FilePayload { Name = "pixel.png", MimeType = "image/png", Buffer = Pixel },
            new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = "<script>document.title='run'</script>"u8.ToArray() },
            new FilePayload { Name = "page.html", MimeType = "text/html", Buffer = "<script>document.title='run'</script>"u8.ToArray() },
            new FilePayload { Name = "mistake.txt", MimeType = "text/plain", Buffer = "not meant to be sent"u8.ToArray() },
        ]);
        await Expect(alice.Page.Locator(".upload.done")).ToHaveCountAsync(3);
        await Expect(alice.Page.Locator(".upload.failed")).ToContainTextAsync("page.html");
        await alice.SendAsync("Look");
        await Expect(alice.Page.Locator(".toast")).ToContainTextAsync("Wait for them, or remove them");
        foreach (var name in (string[])["page.html", "mistake.txt"])
        {
            await alice.Page.GetByRole(AriaRole.Button, new() { Name = $"Remove {name}" }).ClickAsync();
        }

        await alice.Composer.PressAsync("Enter");

        await robert.SeesAsync("Look");
        await Expect(robert.Page.Locator(".message .picture:not(.loading)")).ToHaveCountAsync(1);
        Assert.StartsWith("blob:", await robert.Page.Locator(".message .picture img").GetAttributeAsync("src"), StringComparison.Ordinal);
        await Expect(robert.Page.Locator(".message .attachment")).ToHaveCountAsync(2);
        var download = await robert.Page.RunAndWaitForDownloadAsync(() => robert.Page.GetByRole(AriaRole.Button, new() { Name = "Download notes.txt" }).ClickAsync());
        Assert.Equal("notes.txt", download.SuggestedFilename);
        Assert.Equal("<script>document.title='run'</script>", await File.ReadAllTextAsync(await download.PathAsync(), token));

        await robert.Page.Locator(".message .picture").ClickAsync();
        await Expect(robert.Page.GetByRole(AriaRole.Dialog, new() { Name = "pixel.png" })).ToBeVisibleAsync();
        await robert.Page.Keyboard.PressAsync("Escape");
        await Expect(robert.Page.Locator("dialog")).ToHaveCountAsync(0);

        alice.Tab.AssertNothingWentWrong("415");
        robert.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task OlderMessagesComeOnScrollingUp_AndNothingMoves()
    {
        const int Count = 700;
        const int MostShown = 400;
        using var deadline = new Deadline(TimeSpan.FromMinutes(4));
        var token = deadline.Token;
        await using var admin = await TenantAsync(token);
        await PostAsync(admin, 1, Count, token);
        await using var page = await OpenAsync(admin, "admin", token);
        await page.OpenRoomAsync(RoomName);
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

        await Expect(page.Page.Locator(".origin")).ToContainTextAsync(RoomName);
        var texts = await page.Texts.AllTextContentsAsync();
        Assert.Equal(Enumerable.Range(1, texts.Count).Select(static number => $"message {number}"), texts);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Jump to latest" }).ClickAsync();
        await page.SeesAsync($"message {Count}");
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task KeyboardAloneSignsInAndSends()
    {
        using var deadline = new Deadline(TimeSpan.FromMinutes(3));
        var token = deadline.Token;
        await using var admin = await TenantAsync(token);
        await using var page = await ChatPage.OpenAsync(browser, system, token);
        await Expect(page.Page.GetByLabel("Workspace", new() { Exact = true })).ToBeFocusedAsync();

        var keyboard = page.Page.Keyboard;
        foreach (var text in (string[])[admin.SignedIn!.Tenant, "admin", RunningSystem.Password])
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

    private static async Task PostAsync(ChatClient client, int from, int count, CancellationToken cancellationToken)
    {
        foreach (var number in Enumerable.Range(from, count))
        {
            var posted = await client.Messages.PostAsync(Room, new NewMessage($"message {number}", Ids.New(TimeProvider.System)), cancellationToken);
            Assert.True(posted.IsSuccess, posted.Problem?.ToString());
        }
    }

    /// <summary>A tenant with its admin and a public room.</summary>
    private async Task<ChatClient> TenantAsync(CancellationToken cancellationToken)
    {
        var admin = await system.NewTenantAsync("page", cancellationToken);
        var room = await admin.Rooms.CreateAsync(new NewRoom(RoomName, Room, RoomVisibilities.Public), cancellationToken);
        Assert.True(room.IsSuccess, room.Problem?.ToString());
        return admin;
    }

    private async Task<ChatClient> MemberAsync(ChatClient admin, string username, CancellationToken cancellationToken)
    {
        var member = await system.NewUserAsync(admin.SignedIn!.Tenant, username, cancellationToken);
        Assert.True((await member.Rooms.JoinAsync(Room, cancellationToken)).IsSuccess);
        return member;
    }

    private async Task<ChatPage> OpenAsync(ChatClient client, string username, CancellationToken cancellationToken)
    {
        var page = await ChatPage.OpenAsync(browser, system, cancellationToken);
        await page.SignInAsync(client.SignedIn!.Tenant, username);
        return page;
    }
}
