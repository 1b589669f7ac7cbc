using System.Net;
using Contracts;
using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Chat.Web;

/// <summary>Signing in and out.</summary>
[Collection(SystemCollection.Name)]
public sealed class EntranceTests(RunningSystem system, Browser browser)
{
    [Fact]
    public async Task WorkspaceIsSignedUp_AnotherRegisters_FindsTheRoomAndLeaves()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        var tenant = $"new-{Ids.New(TimeProvider.System)}";
        await using var owner = await ChatPage.OpenAsync(browser, system, token);
        await owner.Page.GetByRole(AriaRole.Tab, new() { Name = "New workspace" }).ClickAsync();
        await owner.Page.GetByLabel("Workspace id").FillAsync(tenant);
        await owner.Page.GetByLabel("Name of the workspace").FillAsync("Lighthouse");
        await RegisterAsync(owner, "grace", "Grace", "Create workspace");
        await Expect(owner.Page.Locator(".tenant")).ToHaveTextAsync("Lighthouse");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "New room" }).ClickAsync();
        await owner.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Harbour");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Create room" }).ClickAsync();
        await Expect(owner.Composer).ToBeFocusedAsync();

        await using var guest = await ChatPage.OpenAsync(browser, system, token);
        await guest.Page.GetByRole(AriaRole.Tab, new() { Name = "Register" }).ClickAsync();
        await guest.Page.GetByLabel("Workspace", new() { Exact = true }).FillAsync(tenant);
        await RegisterAsync(guest, "henry", "Henry", "Register");
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Browse rooms" }).First.ClickAsync();
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Join Harbour" }).ClickAsync();
        await Expect(guest.Composer).ToBeFocusedAsync();
        await guest.SendAsync("Ahoy");
        await owner.SeesAsync("Ahoy");
        await Expect(owner.Page.Locator(".message.head .by b").First).ToHaveTextAsync("Henry");

        // Still signed in after a reload, and in the same room.
        await guest.Page.ReloadAsync();
        await guest.SeesAsync("Ahoy");
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "People in the room" }).ClickAsync();
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Leave the room" }).ClickAsync();
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Leave", Exact = true }).ClickAsync();
        await Expect(guest.Page.GetByText("Choose a room")).ToBeVisibleAsync();

        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Henry: settings and sign out" }).ClickAsync();
        await guest.Page.GetByRole(AriaRole.Menuitemradio, new() { Name = "Dark" }).ClickAsync();
        await Expect(guest.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Henry: settings and sign out" }).ClickAsync();
        await guest.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Sign out" }).ClickAsync();
        await Expect(guest.Page.GetByText("Welcome back")).ToBeVisibleAsync();
        Assert.Null(await guest.Page.EvaluateAsync<string?>("() => localStorage.getItem('chat.session')"));

        owner.Tab.AssertNothingWentWrong();
        guest.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task DemoUserIsInWithOneClick()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var client = system.NewClient();
        await Eventually.ClearAsync(async () =>
        {
            // Made a moment after the system is up.
            var login = await client.LoginAsync(new("demo", "bob", "open sesame, please"), token);
            return login.Problem?.ToString() ?? ((await client.Rooms.ListAsync(cancellationToken: token)).Value.Items.Any(static room => room is { Id: "demo-welcome", LastSeq: > 0 }) ? null : "no room yet");
        });
        await using var page = await ChatPage.OpenAsync(browser, system, token);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in as Ada Okafor" }).ClickAsync();

        await page.OpenRoomAsync("Welcome");
        await page.SeesAsync("Files work too");
        await Expect(page.Rooms.Locator(".rooms a")).ToHaveCountAsync(3);
        page.Tab.AssertNothingWentWrong();
    }

    /// <summary>The addresses of localhost, as in a URL: Aspire's proxies listen on those that it has, and not every machine's has an IPv6 one.</summary>
    public static TheoryData<string> AddressesOfThisMachine =>
        [.. Dns.GetHostAddresses("localhost").Select(static address => new IPEndPoint(address, 0).ToString()[..^2])];

    [Theory]
    [MemberData(nameof(AddressesOfThisMachine))]
    public async Task PageWorksByEachNameOfThisMachine(string host)
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        await lounge.PersonAsync("bob");
        await using var page = await ChatPage.OpenAsync(browser, system, deadline.Token);
        await page.Page.GotoAsync($"http://{host}:{system.Address(ServiceNames.Chat).Port}/");
        await page.SignInAsync(lounge.Tenant, "bob");
        await page.OpenRoomAsync(Lounge.Name);
        await page.SendAsync($"hello from {host}");
        await page.SeesAsync($"hello from {host}");
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task StorageThatIsBlocked_IsSaid_AndThePageWorksUntilItIsReloaded()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        await lounge.PersonAsync("bob");
        await using var page = await ChatPage.OpenAsync(browser, system, deadline.Token);
        const string Blocked = "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); } });";
        await page.Page.AddInitScriptAsync(Blocked);
        await page.Page.ReloadAsync();
        await Expect(page.Page.GetByText("its storage is blocked")).ToBeVisibleAsync();
        await page.Tab.ScreenshotAsync("chat-storage-blocked");
        await page.SignInAsync(lounge.Tenant, "bob");
        await page.OpenRoomAsync(Lounge.Name);
        await page.SendAsync("without storage");
        await page.SeesAsync("without storage");
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task StorageThatIsFull_IsSaid_AndThePageWorksUntilItIsReloaded()
    {
        using var deadline = new Deadline();
        await using var lounge = await Lounge.OpenAsync(system, browser, deadline.Token);
        await lounge.PersonAsync("bob");
        await using var page = await ChatPage.OpenAsync(browser, system, deadline.Token);
        await page.Page.EvaluateAsync("() => { for (let size = 1 << 20, n = 0; size > 0; size >>= 1) { try { for (;;) localStorage.setItem(`x${n++}`, 'x'.repeat(size)); } catch { /* full at this size */ } } }");
        await page.SignInAsync(lounge.Tenant, "bob");
        await Expect(page.Page.GetByText("storage for the page is full")).ToBeVisibleAsync();
        await page.Tab.ScreenshotAsync("chat-storage-full");
        await page.OpenRoomAsync(Lounge.Name);
        await page.SendAsync("with a full storage");
        await page.SeesAsync("with a full storage");
        page.Tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WrongPasswordIsSaid_AndTheFieldsStay()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var admin = await system.NewTenantAsync("entrance", token);
        await using var page = await ChatPage.OpenAsync(browser, system, token);
        await page.Page.GetByLabel("Workspace", new() { Exact = true }).FillAsync(admin.SignedIn!.Tenant);
        await page.Page.GetByLabel("User name").FillAsync("admin");
        await page.Page.GetByLabel("Password", new() { Exact = true }).FillAsync("not the password");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();

        await Expect(page.Page.GetByRole(AriaRole.Alert)).Not.ToBeEmptyAsync();
        await Expect(page.Page.GetByLabel("User name")).ToHaveValueAsync("admin");
        page.Tab.AssertNothingWentWrong("401");
    }

    private static async Task RegisterAsync(ChatPage page, string username, string displayName, string button)
    {
        await page.Page.GetByLabel("Your name").FillAsync(displayName);
        await page.Page.GetByLabel("User name").FillAsync(username);
        await page.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(RunningSystem.Password);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await Expect(page.Rooms).ToBeVisibleAsync();
    }
}
