using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Fileman.Pictures;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Chat.Web;

/// <summary>Pictures in a conversation: thumbnails of what was sent, the original on request, and nothing that a browser could not handle.</summary>
[Collection(SystemCollection.Name)]
public sealed class PictureTests(RunningSystem system, Browser browser)
{
    [Fact]
    public async Task PicturesAreShownByThumbnails_InFullWhenAskedFor_AndBombsAreDownloads()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var lounge = await Lounge.OpenAsync(system, browser, token);
        var page = await lounge.EnterAsync("bob", new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        List<string> fetched = [];
        page.Page.Request += (_, request) =>
        {
            lock (fetched)
            {
                fetched.Add(new Uri(request.Url).AbsolutePath);
            }
        };
        var photo = await SendAsync("The harbour, held upright", "harbour.jpg", "image/jpeg", TestPictures.Tagged(".jpg", 2_400, 1_600));
        var moving = await SendAsync("It moves", "waves.gif", "image/gif", TestPictures.Moving(".gif", 300, 200));
        var bomb = await SendAsync("Do not look", "plain.png", "image/png", TestPictures.Bomb(20_000, 20_000));
        await Expect(page.Page.Locator(".picture:not(.loading)")).ToHaveCountAsync(2);
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Download plain.png" })).ToBeVisibleAsync();

        // Upright, and no larger than a thumbnail.
        var size = await page.Page.Locator(".picture img").First.EvaluateAsync<int[]>("image => [image.naturalWidth, image.naturalHeight]");
        Assert.Equal([427, 640], size);
        Assert.Equal([true, false, false], Fetched(photo, "thumbnail", moving, "thumbnail", bomb, "thumbnail"));
        Assert.Equal([false, true, false], Fetched(photo, "content", moving, "content", bomb, "content"));
        await page.Page.GetByText("Do not look", new() { Exact = true }).ScrollIntoViewIfNeededAsync();
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            foreach (var width in (int[])[1280, 390])
            {
                await page.Page.SetViewportSizeAsync(width, 900);
                Assert.True(await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth") <= 0);
                await page.Tab.ScreenshotAsync($"pictures-{scheme}-{width}");
            }
        }

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Picture harbour.jpg" }).ClickAsync();
        var large = page.Page.GetByRole(AriaRole.Dialog, new() { Name = "harbour.jpg" }).Locator("img");
        await Expect(large).ToBeVisibleAsync();
        await page.Page.WaitForFunctionAsync("() => document.querySelector('dialog img').naturalWidth === 1600");
        await page.Tab.ScreenshotAsync("pictures-large-390");
        Assert.Equal([true], Fetched(photo, "content"));
        page.Tab.AssertNothingWentWrong();

        async Task<string> SendAsync(string text, string name, string type, byte[] bytes)
        {
            using var content = new MemoryStream(bytes);
            var file = await lounge.Admin.Files.UploadAsync(content, name, type, token);
            Assert.True(file.IsSuccess, file.Problem?.ToString());
            var posted = await lounge.Admin.Messages.PostAsync(Lounge.Room, new(text, Attachments: [file.Value.Id]), token);
            Assert.True(posted.IsSuccess, posted.Problem?.ToString());
            return file.Value.Id;
        }

        bool[] Fetched(params string[] pairs)
        {
            lock (fetched)
            {
                return [.. pairs.Chunk(2).Select(pair => fetched.Contains($"/v1/files/{pair[0]}/{pair[1]}"))];
            }
        }
    }
}
