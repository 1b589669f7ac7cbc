using Client;
using Contracts;
using Contracts.Public;
using Contracts.Rooms;
using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Chat.Web;

/// <summary>
/// The page at the widths of desks and phones, light and dark. Where the environment variable WRITE_PICTURES names a folder, the pictures of the README are written into it.
/// </summary>
[Collection(SystemCollection.Name)]
public sealed class AppearanceTests(RunningSystem system, Browser browser)
{
    [Fact]
    public async Task PageFitsItsWindow_LightAndDark_OnDesksAndPhones()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var mara = system.NewClient();
        await using var ines = system.NewClient();
        await using var tom = system.NewClient();
        var tenant = $"studio-{Ids.New(TimeProvider.System)}";
        Assert.True((await mara.SignUpAsync(new SignUpRequest(tenant, "Harbour Studio", Named("mara", "Mara Lind"), OpenRegistration: true), token)).IsSuccess);
        Assert.True((await ines.RegisterAsync(tenant, Named("ines", "Ines Duarte"), token)).IsSuccess);
        Assert.True((await tom.RegisterAsync(tenant, Named("tom", "Tom Brandt"), token)).IsSuccess);
        foreach (var (id, name, visibility) in new[]
        {
            ("reading", "Reading list", RoomVisibilities.Public), ("support", "Support", RoomVisibilities.Public), ("release", "Spring release", RoomVisibilities.Private),
        })
        {
            Assert.True((await mara.Rooms.CreateAsync(new NewRoom(name, id, visibility), token)).IsSuccess);
            foreach (var person in (ChatClient[])[ines, tom])
            {
                Assert.True((await mara.Rooms.PutMemberAsync(id, person.SignedIn!.User.Id, new MemberChange(), token)).IsSuccess);
            }
        }

        await SayAsync(tom, "reading", "“How complex systems fail”: eighteen paragraphs, worth all of them.", token);
        await SayAsync(mara, "release", "Morning! Two days to go. What is still open?", token);
        await using var page = await ChatPage.OpenAsync(browser, system, token, Desk(ColorScheme.Light));
        await using var other = await ChatPage.OpenAsync(browser, system, token, Desk(ColorScheme.Light));
        using var content = new MemoryStream(await page.Page.ScreenshotAsync());
        var picture = await ines.Files.UploadAsync(content, "sign-in.png", "image/png", token);
        Assert.True(picture.IsSuccess, picture.Problem?.ToString());

        await page.SignInAsync(tenant, "mara");
        await page.OpenRoomAsync("Spring release");
        await other.SignInAsync(tenant, "ines");
        await other.OpenRoomAsync("Spring release");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "People in the room" }).ClickAsync();
        await Expect(page.Page.Locator(".member")).ToHaveCountAsync(3);
        await SayAsync(tom, "release", "The load test ran through the night: every message once and in order, also while a node was killed.", token);
        await SayAsync(tom, "release", "Figures are at https://example.org/load-test", token);
        await SayAsync(ines, "release", "And this is how people will get in:", token, picture.Value.Id);
        await SayAsync(ines, "support", "The customer with the slow uploads is happy again.", token);
        await page.SeesAsync("And this is how");
        await page.SendAsync("Shipping it 🚢");
        await page.SeesAsync("Shipping it");
        await other.SeesAsync("Shipping it");
        await Expect(page.Page.Locator(".picture:not(.loading)")).ToHaveCountAsync(1);
        await Expect(page.Page.Locator(".member").Filter(new() { HasText = "Ines" }).Locator(".dot.active")).ToHaveCountAsync(1);
        await Expect(page.Rooms.Locator(".count")).ToHaveCountAsync(2);
        await page.Tab.PictureAsync("chat-light");

        foreach (var scheme in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
        {
            await page.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            if (scheme == ColorScheme.Dark)
            {
                await page.Page.Keyboard.PressAsync("Control+Shift+H");
                await Expect(page.Page.Locator(".panel tbody tr")).ToHaveCountAsync(4);
                await page.Tab.PictureAsync("chat-dark");
                await page.Page.Keyboard.PressAsync("Control+Shift+H");
            }

            foreach (var width in (int[])[1280, 1000, 768, 390, 320])
            {
                await page.Page.SetViewportSizeAsync(width, 800);
                await Expect(page.Composer).ToBeInViewportAsync();
                await Expect(page.Page.GetByText("Shipping it").Last).ToBeInViewportAsync();
                var wide = await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth");
                Assert.True(wide <= 0, $"The page is {wide} px wider than its window of {width} px.");
                await page.Tab.ScreenshotAsync($"chat-{scheme}-{width}");
            }
        }

        // On a phone the list of rooms is a drawer.
        var drawer = page.Page.GetByRole(AriaRole.Button, new() { Name = "Rooms", Exact = true });
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "People in the room" }).ClickAsync();
        await page.Tab.ScreenshotAsync("chat-people-320");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Rooms).Not.ToBeInViewportAsync();
        await drawer.ClickAsync();
        await Expect(page.Rooms).ToBeInViewportAsync();
        await page.Tab.ScreenshotAsync("chat-drawer-320");
        await page.OpenRoomAsync("Support");
        await Expect(page.Rooms).Not.ToBeInViewportAsync();
        page.Tab.AssertNothingWentWrong();
        other.Tab.AssertNothingWentWrong();
    }

    private static BrowserNewContextOptions Desk(ColorScheme scheme) => new() { ViewportSize = new() { Width = 1280, Height = 800 }, ColorScheme = scheme };

    private static RegisterRequest Named(string username, string name) => new(username, RunningSystem.Password, name);

    private static async Task SayAsync(ChatClient client, string room, string text, CancellationToken cancellationToken, params string[] files)
    {
        var posted = await client.Messages.PostAsync(room, new NewMessage(text, Ids.New(TimeProvider.System), files.Length > 0 ? files : null), cancellationToken);
        Assert.True(posted.IsSuccess, posted.Problem?.ToString());
    }
}
