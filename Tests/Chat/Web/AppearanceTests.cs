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
    private const string Pictures = "WRITE_PICTURES";

    [Fact]
    public async Task PageFitsItsWindow_LightAndDark_OnDesksAndPhones()
    {
        using var deadline = new Deadline(TimeSpan.FromMinutes(4));
        var token = deadline.Token;
        await using var mara = await system.NewTenantAsync("studio", token);
        await using var page = await ChatPage.OpenAsync(browser, system, token, new() { ViewportSize = new() { Width = 1280, Height = 800 }, ColorScheme = ColorScheme.Light });
        var people = await StageAsync(mara, page, token);
        try
        {
            await page.SignInAsync(mara.SignedIn!.Tenant, "admin");
            await page.OpenRoomAsync("Spring release");
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "People in the room" }).ClickAsync();
            await page.SeesAsync("Shipping it");
            await Expect(page.Page.Locator(".picture:not(.loading)")).ToHaveCountAsync(1);
            await Expect(page.Page.Locator(".member")).ToHaveCountAsync(3);
            await PictureAsync(page, "chat-light");

            foreach (var scheme in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
            {
                await page.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                if (scheme == ColorScheme.Dark)
                {
                    await page.Page.GetByRole(AriaRole.Button, new() { Name = "Under the hood" }).ClickAsync();
                    await PictureAsync(page, "chat-dark");
                    await page.Page.GetByRole(AriaRole.Button, new() { Name = "Under the hood" }).ClickAsync();
                }

                foreach (var width in (int[])[1280, 1000, 768, 390, 320])
                {
                    await page.Page.SetViewportSizeAsync(width, 800);
                    await Expect(page.Composer).ToBeInViewportAsync();
                    var wide = await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth");
                    Assert.True(wide <= 0, $"The page is {wide} px wider than its window of {width} px.");
                    await page.Tab.ScreenshotAsync($"chat-{scheme}-{width}");
                }
            }

            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Rooms", Exact = true }).ClickAsync();
            await Expect(page.Rooms).ToBeInViewportAsync();
            await page.OpenRoomAsync("Support");
            await Expect(page.Rooms).Not.ToBeInViewportAsync();
            page.Tab.AssertNothingWentWrong();
        }
        finally
        {
            foreach (var person in people)
            {
                await person.DisposeAsync();
            }
        }
    }

    private static async Task PictureAsync(ChatPage page, string name)
    {
        if (Environment.GetEnvironmentVariable(Pictures) is { Length: > 0 } folder)
        {
            await page.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
        }
    }

    /// <summary>A small team in the middle of its work.</summary>
    private async Task<List<ChatClient>> StageAsync(ChatClient mara, ChatPage page, CancellationToken cancellationToken)
    {
        var people = new List<ChatClient>();
        foreach (var (id, name) in new[] { ("support", "Support"), ("release", "Spring release"), ("reading", "Reading list") })
        {
            Assert.True((await mara.Rooms.CreateAsync(new NewRoom(name, id, id == "release" ? RoomVisibilities.Private : RoomVisibilities.Public), cancellationToken)).IsSuccess);
        }

        foreach (var (username, name) in new[] { ("ines", "Ines Duarte"), ("tom", "Tom Brandt") })
        {
            var person = system.NewClient();
            people.Add(person);
            var registered = await person.RegisterAsync(mara.SignedIn!.Tenant, new RegisterRequest(username, RunningSystem.Password, name), cancellationToken);
            foreach (var room in (string[])["support", "release", "reading"])
            {
                Assert.True((await mara.Rooms.PutMemberAsync(room, registered.Value.User.Id, new MemberChange(), cancellationToken)).IsSuccess);
            }
        }

        var picture = await page.Page.ScreenshotAsync();
        using var content = new MemoryStream(picture);
        var file = await people[0].Files.UploadAsync(content, "sign-in.png", "image/png", cancellationToken);
        Assert.True(file.IsSuccess, file.Problem?.ToString());
        await SayAsync(people[1], "reading", "“How complex systems fail”, eighteen paragraphs, worth all of them.");
        await SayAsync(people[0], "support", "The customer with the slow uploads is happy again.");
        await SayAsync(mara, "release", "Morning! Two days to go. What is still open?");
        await SayAsync(people[1], "release", "The load test ran through the night: every message once and in order, also while a node was killed.");
        await SayAsync(people[1], "release", "Figures are at https://example.org/load-test");
        await SayAsync(people[0], "release", "And this is how people will get in:", file.Value.Id);
        await SayAsync(mara, "release", "Shipping it 🚢");
        return people;

        async Task SayAsync(ChatClient client, string room, string text, params string[] files)
        {
            var posted = await client.Messages.PostAsync(room, new NewMessage(text, Ids.New(TimeProvider.System), files.Length > 0 ? files : null), cancellationToken);
            Assert.True(posted.IsSuccess, posted.Problem?.ToString());
        }
    }
}
