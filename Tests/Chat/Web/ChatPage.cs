using Contracts;
using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Chat.Web;

/// <summary>The chat page in one person's browser, in terms of what a person does.</summary>
internal sealed class ChatPage(BrowserTab tab) : IAsyncDisposable
{
    public BrowserTab Tab => tab;

    public IPage Page => tab.Page;

    /// <summary>Texts of the open room's messages that are shown, oldest first.</summary>
    public ILocator Texts => Page.Locator(".message .text");

    public ILocator Composer => Page.GetByRole(AriaRole.Textbox, new() { Name = "Message", Exact = true });

    public ILocator Rooms => Page.GetByRole(AriaRole.Navigation, new() { Name = "Rooms" });

    public static async Task<ChatPage> OpenAsync(Browser browser, RunningSystem system, CancellationToken cancellationToken, BrowserNewContextOptions? options = null)
    {
        var tab = await browser.OpenAsync(cancellationToken, options);
        var page = new ChatPage(tab);
        await page.Page.GotoAsync(system.Address(ServiceNames.Chat).ToString());
        return page;
    }

    public async Task SignInAsync(string tenant, string username, string password = RunningSystem.Password)
    {
        await Page.GetByLabel("Workspace", new() { Exact = true }).FillAsync(tenant);
        await Page.GetByLabel("User name").FillAsync(username);
        await Page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(Rooms).ToBeVisibleAsync();
    }

    public async Task OpenRoomAsync(string name)
    {
        await Rooms.Locator(".rooms a").Filter(new() { HasText = name }).ClickAsync();
        await Expect(Page.Locator(".room-title")).ToHaveTextAsync(name);
    }

    public async Task SendAsync(string text)
    {
        await Composer.FillAsync(text);
        await Composer.PressAsync("Enter");
    }

    /// <summary>Waits until the message is shown as stored: it has left the outbox.</summary>
    public Task SeesAsync(string text) =>
        Expect(Page.Locator(".message:not(.sending):not(.waiting):not(.failed):not(.sent) .text").Filter(new() { HasText = text }).Last).ToBeVisibleAsync();

    /// <summary>Cuts the network, or restores it. Open sockets break as they would when a cable is pulled.</summary>
    public Task SetOfflineAsync(bool offline) => tab.Context.SetOfflineAsync(offline);

    public ValueTask DisposeAsync() => tab.DisposeAsync();
}
