using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Chat.Web;

/// <summary>What a person does at the text field besides writing: files that are dropped and pasted, and messages that the service refuses.</summary>
[Collection(SystemCollection.Name)]
public sealed partial class WritingTests(RunningSystem system, Browser browser)
{
    private const string Refusal = """{"type":"urn:problem:forbidden","title":"Forbidden","status":403,"detail":"The room takes no messages today."}""";

    [Fact]
    public async Task FilesThatAreDroppedGoWithTheMessage_WhereverTheyFall()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var (alice, robert) = await lounge.EnterBothAsync();
        var folder = Directory.CreateTempSubdirectory("dropped-");
        try
        {
            string[] files = [Path.Combine(folder.FullName, "minutes.txt"), Path.Combine(folder.FullName, "plan.txt")];
            foreach (var file in files)
            {
                await File.WriteAllTextAsync(file, $"what {Path.GetFileName(file)} says", deadline.Token);
            }

            // The browser's own drag: a file that the page does not take, the browser would open instead of the page.
            var address = alice.Page.Url;
            var input = await alice.Page.Context.NewCDPSessionAsync(alice.Page);
            await DragAsync(input, "dragEnter", files, 600, 300);
            await DragAsync(input, "dragOver", files, 600, 300);
            await Expect(alice.Page.Locator("#app.dropping")).ToHaveCountAsync(1);
            await alice.Tab.ScreenshotAsync("chat-drop");

            // The event that the window gets when a drag leaves it; the protocol's own way to end a drag raises none.
            await alice.Page.EvaluateAsync("() => document.body.dispatchEvent(new DragEvent('dragleave', { bubbles: true, relatedTarget: null }))");
            await Expect(alice.Page.Locator("#app.dropping")).ToHaveCountAsync(0);
            await DropAsync(input, files[..1], 600, 300);
            await DropAsync(input, files[1..], 120, 40);
            await Expect(alice.Page.Locator("#app.dropping")).ToHaveCountAsync(0);
            await Expect(alice.Page.Locator(".upload.done .upload-name")).ToHaveTextAsync(["minutes.txt", "plan.txt"]);
            await Expect(alice.Composer).ToBeFocusedAsync();
            Assert.Equal(address, alice.Page.Url);

            await alice.Page.Keyboard.TypeAsync("As promised");
            await alice.Page.Keyboard.PressAsync("Enter");
            await robert.SeesAsync("As promised");
            var download = await robert.Page.RunAndWaitForDownloadAsync(() => robert.Page.GetByRole(AriaRole.Button, new() { Name = "Download plan.txt" }).ClickAsync());
            Assert.Equal("what plan.txt says", await File.ReadAllTextAsync(await download.PathAsync(), deadline.Token));
            await Expect(alice.Page.Locator(".upload")).ToHaveCountAsync(0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        alice.Tab.AssertNothingWentWrong();
        robert.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task AFileThatIsTooLarge_SaysWhyAtOnce_AndIsNotSent()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var alice = await lounge.EnterAsync(Lounge.Owner);
        var limits = (await lounge.Admin.Files.GetLimitsAsync(deadline.Token)).Value;
        var uploads = 0;
        alice.Page.Request += (_, request) => uploads += request.Method == "POST" && request.Url.EndsWith("/v1/files", StringComparison.Ordinal) ? 1 : 0;
        var folder = Directory.CreateTempSubdirectory("large-");
        try
        {
            // Holes take no room on the disk.
            var large = Path.Combine(folder.FullName, "large.txt");
            await using (var file = File.Create(large))
            {
                file.SetLength(limits.MaxBytes + 1);
            }

            await alice.Page.Locator(".composer input[type=file]").SetInputFilesAsync(large);

            await Expect(alice.Page.Locator(".upload.failed .upload-note")).ToHaveTextAsync(TooLarge());
            await Expect(alice.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToHaveCountAsync(0);
            await alice.Tab.ScreenshotAsync("chat-files-refused");
            await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Remove large.txt" }).ClickAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        await alice.SendAsync("without them, then");
        await alice.SeesAsync("without them, then");
        Assert.Equal(0, uploads);
        alice.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WhatWasBegunIsThere_AfterAReload_AndAfterASessionThatWasEnded()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var bob = await lounge.PersonAsync("bob");
        var page = await lounge.EnterAsync("bob");
        await page.Composer.FillAsync("begun before the reload");
        await page.Page.ReloadAsync();
        await Expect(page.Composer).ToHaveValueAsync("begun before the reload");
        await page.Composer.FillAsync("begun before the end");
        var second = await page.Page.Context.NewPageAsync();
        await second.GotoAsync(page.Page.Url);
        await Expect(second.Locator(".room-title")).ToHaveTextAsync(Lounge.Name);

        Assert.True((await bob.Account.RevokeOtherSessionsAsync(deadline.Token)).IsSuccess);

        // Nobody signed out, and no tab says so.
        foreach (var tab in (IPage[])[page.Page, second])
        {
            await Expect(tab.GetByText("Your session has ended. Sign in again.")).ToBeVisibleAsync();
        }

        await page.Tab.ScreenshotAsync("chat-session-ended");
        await page.SignInAsync(lounge.Tenant, "bob");
        await Expect(page.Composer).ToHaveValueAsync("begun before the end");
        await page.Composer.PressAsync("Enter");
        await page.SeesAsync("begun before the end");

        // A user who signs out leaves nothing to the next one.
        await page.Composer.FillAsync("not for others");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "settings and sign out" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.Page.GetByLabel("User name")).ToBeVisibleAsync();
        Assert.DoesNotContain("not for others", await page.Page.EvaluateAsync<string>("() => JSON.stringify({ ...sessionStorage, ...localStorage })"), StringComparison.Ordinal);
        page.Tab.AssertNothingWentWrong("401");
    }

    [Fact]
    public async Task PictureThatIsPastedGoesWithTheMessage_AndPastedTextStaysText()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var (alice, robert) = await lounge.EnterBothAsync();
        await alice.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

        await CopyAsync(alice, "new ClipboardItem({ 'text/plain': new Blob(['pasted words'], { type: 'text/plain' }) })");
        await alice.Composer.PressAsync("Control+v");
        await Expect(alice.Composer).ToHaveValueAsync("pasted words");
        await Expect(alice.Page.Locator(".upload")).ToHaveCountAsync(0);

        await CopyAsync(
            alice,
            "new ClipboardItem({ 'image/png': new OffscreenCanvas(40, 30).getContext('2d').canvas.convertToBlob() })");
        await alice.Composer.PressAsync("Control+v");
        await Expect(alice.Page.Locator(".upload.done")).ToHaveCountAsync(1);
        await Expect(alice.Composer).ToHaveValueAsync("pasted words");
        await alice.Composer.PressAsync("Enter");
        await robert.SeesAsync("pasted words");
        await Expect(robert.Page.Locator(".message .picture:not(.loading)")).ToHaveCountAsync(1);

        alice.Tab.AssertNothingWentWrong();
        robert.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task CellsThatArePastedAreText_ThoughAPictureOfThemComesAlong()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var alice = await lounge.EnterAsync(Lounge.Owner);
        await alice.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

        await CopyAsync(
            alice,
            """
            new ClipboardItem({
              'text/plain': new Blob(['quarter\tsum'], { type: 'text/plain' }),
              'text/html': new Blob(['<table><tr><td>quarter</td><td>sum</td></tr></table>'], { type: 'text/html' }),
              'image/png': (() => { const canvas = new OffscreenCanvas(40, 30); canvas.getContext('2d'); return canvas.convertToBlob(); })(),
            })
            """);
        await alice.Composer.PressAsync("Control+v");
        await Expect(alice.Composer).ToHaveValueAsync("quarter\tsum");
        await Expect(alice.Page.Locator(".upload")).ToHaveCountAsync(0);
        alice.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task LongPasteSaysThatItWasCut_AndGoesAsAFile()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var (alice, robert) = await lounge.EnterBothAsync();
        await alice.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await alice.Composer.FillAsync("Look: ");
        await CopyAsync(alice, "new ClipboardItem({ 'text/plain': new Blob(['0123456789'.repeat(2000)], { type: 'text/plain' }) })");
        await alice.Composer.PressAsync("Control+v");

        var note = alice.Page.Locator(".compose-cut");
        await Expect(note).ToContainTextAsync("only the first 7,994 of the 20,000 pasted are here");
        Assert.Equal(8_000, (await alice.Composer.InputValueAsync()).Length);
        await alice.Tab.ScreenshotAsync("chat-paste-cut");
        await alice.Page.SetViewportSizeAsync(360, 700);
        await alice.Page.EvaluateAsync("() => { document.documentElement.dataset.theme = 'dark'; }");
        await alice.Tab.ScreenshotAsync("chat-paste-cut-phone-dark");
        await alice.Page.SetViewportSizeAsync(1280, 800);

        // By the keyboard: the offer comes before the field.
        await alice.Composer.PressAsync("Shift+Tab");
        await alice.Composer.PressAsync("Shift+Tab");
        await Expect(note.GetByRole(AriaRole.Button, new() { Name = "Dismiss" })).ToBeVisibleAsync();
        await note.GetByRole(AriaRole.Button, new() { Name = "Attach all of it as a file" }).FocusAsync();
        await alice.Page.Keyboard.PressAsync("Enter");
        await Expect(note).ToBeHiddenAsync();
        await Expect(alice.Composer).ToHaveValueAsync("Look: ");
        await Expect(alice.Composer).ToBeFocusedAsync();
        await Expect(alice.Page.Locator(".upload.done .upload-name")).ToHaveTextAsync("pasted.txt");
        await alice.Composer.PressAsync("Enter");
        await robert.SeesAsync("Look:");
        var download = await robert.Page.RunAndWaitForDownloadAsync(() => robert.Page.GetByRole(AriaRole.Button, new() { Name = "Download pasted.txt" }).ClickAsync());
        Assert.Equal(20_000, (await File.ReadAllTextAsync(await download.PathAsync(), deadline.Token)).Length);

        // What fits raises no warning.
        await CopyAsync(alice, "new ClipboardItem({ 'text/plain': new Blob(['x'.repeat(8000)], { type: 'text/plain' }) })");
        await alice.Composer.PressAsync("Control+v");
        await Expect(note).ToBeHiddenAsync();
        Assert.Equal(8_000, (await alice.Composer.InputValueAsync()).Length);
        alice.Tab.AssertNothingWentWrong();
        robert.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task MessageThatThrewPagesIntoALoop_IsShown_AndLinksLeadWhereTheySay()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var hostile = $"http://a{new string('.', 3_990)}b{new string(')', 3_980)}";
        foreach (var text in (string[])[hostile, "見https://example.com。evil.example 「https://example.org/a」 https://en.wikipedia.org/wiki/Hobson's_choice"])
        {
            Assert.True((await lounge.Admin.Messages.PostAsync(Lounge.Room, new(text, Contracts.Ids.New(TimeProvider.System)), deadline.Token)).IsSuccess);
        }

        var page = await lounge.EnterAsync("bob");
        await page.SeesAsync("Hobson's_choice");
        Assert.Equal(
            ["https://example.com/", "https://example.org/a", "https://en.wikipedia.org/wiki/Hobson's_choice"],
            await page.Page.Locator(".message .text a").EvaluateAllAsync<string[]>("links => links.slice(-3).map(link => link.href)"));
        await page.SendAsync("still here");
        await page.SeesAsync("still here");
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task MessageThatWasRefused_SaysWhy_AndIsSentAgainOrDiscarded_AsItsAuthorDecides()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        var (alice, robert) = await lounge.EnterBothAsync();
        var isOpen = false;
        await alice.Page.RouteAsync(
            $"**/v1/rooms/{Lounge.Room}/messages",
            route => route.Request.Method != "POST" || isOpen ? route.ContinueAsync() : route.FulfillAsync(new() { Status = 403, ContentType = "application/problem+json", Body = Refusal }));

        await alice.SendAsync("worth a second try");
        await alice.SendAsync("better not");
        var failed = alice.Page.Locator(".message.failed");
        await Expect(failed).ToHaveCountAsync(2);
        await Expect(failed.First.Locator(".state")).ToContainTextAsync("Not sent. The room takes no messages today.");
        await alice.Tab.ScreenshotAsync("chat-refused");

        // A refusal outlives a reload, with its reason.
        await alice.Page.ReloadAsync();
        await Expect(failed).ToHaveCountAsync(2);
        await Expect(failed.Last.Locator(".state")).ToContainTextAsync("Not sent. The room takes no messages today.");

        await failed.First.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Expect(failed).ToHaveCountAsync(2);
        await failed.Last.GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await Expect(failed).ToHaveCountAsync(1);
        await Expect(failed.Locator(".text")).ToHaveTextAsync("worth a second try");

        isOpen = true;
        await failed.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await alice.SeesAsync("worth a second try");
        await robert.SeesAsync("worth a second try");
        await Expect(failed).ToHaveCountAsync(0);
        await Expect(alice.Texts).ToHaveTextAsync(["worth a second try"]);
        Assert.Equal(["worth a second try"], await lounge.StoredAsync());
        await alice.Page.ReloadAsync();
        await alice.SeesAsync("worth a second try");
        await Expect(alice.Texts).ToHaveCountAsync(1);

        alice.Tab.AssertNothingWentWrong("403");
        robert.Tab.AssertNothingWentWrong();
    }

    [GeneratedRegex(@"^Too large: at most \d+ MB\.$")]
    private static partial Regex TooLarge();

    private static Task CopyAsync(ChatPage page, string item) =>
        page.Page.EvaluateAsync($"async () => navigator.clipboard.write([{item}])");

    private static async Task DropAsync(ICDPSession input, string[] files, int x, int y)
    {
        foreach (var type in (string[])["dragEnter", "dragOver", "drop"])
        {
            await DragAsync(input, type, files, x, y);
        }
    }

    private static Task DragAsync(ICDPSession input, string type, string[] files, int x, int y) => input.SendAsync(
        "Input.dispatchDragEvent",
        new()
        {
            ["type"] = type,
            ["x"] = x,
            ["y"] = y,
            ["data"] = JsonSerializer.SerializeToElement(new { items = Array.Empty<object>(), files, dragOperationsMask = 1 }),
        });
}
