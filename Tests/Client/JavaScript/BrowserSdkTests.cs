using System.Globalization;
using Client;
using Contracts.Public;
using Contracts.Rooms;
using Microsoft.Playwright;
using Tests.Infrastructure.Browsing;

namespace Tests.Client.JavaScript;

/// <summary>The JavaScript SDK in a browser, against the real services. The other users use the C# SDK.</summary>
public sealed class BrowserSdkTests(RunningServices services, Browser browser) : IClassFixture<RunningServices>
{
    private const string Password = "correct horse battery";

    /// <summary>What a lost socket and refused calls leave on the console.</summary>
    private static readonly string[] ExpectedErrors = ["ERR_", "WebSocket connection", "Failed to load resource"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OfflineWhile50MessagesArePosted_ThenAllOnceAndInOrder()
    {
        await using var host = await PageHost.StartAsync(services, Token);
        await using var ada = await NewTenantAsync();
        await using var tab = await browser.OpenAsync(Token);
        await OpenAsync(tab.Page, host, ada);
        await ReadAsync(tab.Page);
        await PostAsync(ada, 1, 5);
        await SeesAsync(tab.Page, 5);

        await tab.Context.SetOfflineAsync(true);
        await tab.Page.WaitForFunctionAsync("() => window.states.at(-1)?.state === 'waiting'");
        await PostAsync(ada, 6, 55);
        Assert.Equal(5, await tab.Page.EvaluateAsync<int>("window.seen.length"));
        await tab.Context.SetOfflineAsync(false);

        await SeesAsync(tab.Page, 55);
        Assert.Equal(1, await tab.Page.EvaluateAsync<int>("window.room.stats.resumed"));
        tab.AssertNothingWentWrong(ExpectedErrors);
    }

    [Fact]
    public async Task LineIsCutAndNodeIsDrained_WhileMessagesArePosted_ThenAllOnceAndInOrder()
    {
        await using var host = await PageHost.StartAsync(services, Token);
        await using var ada = await NewTenantAsync();
        await using var tab = await browser.OpenAsync(Token);
        var leaving = services.StartRealtime();
        await using (leaving)
        {
            host.Direct("realtime", leaving.Address);
            await OpenAsync(tab.Page, host, ada);
            await ReadAsync(tab.Page);
            await PostAsync(ada, 1, 10);
            await SeesAsync(tab.Page, 10);

            host.Cut();
            await tab.Page.WaitForFunctionAsync("() => window.states.at(-1)?.state === 'waiting'");
            await PostAsync(ada, 11, 60);
            host.Mend();
            await SeesAsync(tab.Page, 60);
            Assert.DoesNotContain("history", await tab.Page.EvaluateAsync<string[]>("window.seen.map(message => message.delivery.source)"));
            host.Direct("realtime", services.Realtime);
        }

        // The node has told the page to leave, and when to come back.
        await PostAsync(ada, 61, 80);
        await SeesAsync(tab.Page, 80);
        Assert.Equal(4001, await tab.Page.EvaluateAsync<int>("window.states.findLast(state => state.state === 'waiting').code"));
        tab.AssertNothingWentWrong(ExpectedErrors);
    }

    [Fact]
    public async Task TwoTabsOfOneUser_RenewTheirTokensTogether()
    {
        const int Rounds = 5;
        await using var host = await PageHost.StartAsync(services, Token);
        await using var ada = await NewTenantAsync();
        await using var tab = await browser.OpenAsync(Token);
        await OpenAsync(tab.Page, host, ada);
        var other = await tab.Context.NewPageAsync();
        await LoadAsync(other, host);
        Assert.Equal("bob", await other.EvaluateAsync<string>("async () => (await window.client.resume()).user.username"));
        for (var round = 0; round < Rounds; round++)
        {
            // Nine and a half minutes pass in both tabs, and then both want something at once, several times.
            const string Call = "async () => { window.offset += 590_000; await Promise.all([1, 2, 3].map(() => window.client.rooms.list())); return window.client.tokens.accessToken; }";
            var tokens = await Task.WhenAll(tab.Page.EvaluateAsync<string>(Call), other.EvaluateAsync<string>(Call));
            Assert.Equal(tokens[0], await other.EvaluateAsync<string>("window.client.tokens.accessToken"));
        }

        Assert.Equal(Rounds, host.Calls.Count(static call => call == "POST /session/v1/refresh"));
        Assert.Equal("bob", await other.EvaluateAsync<string>("async () => (await window.client.account.me()).user.username"));
        await tab.Page.EvaluateAsync("() => window.client.logout()");
        await other.WaitForFunctionAsync("() => window.client.user === null");
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task FileIsUploadedWithProgress()
    {
        await using var host = await PageHost.StartAsync(services, Token);
        await using var ada = await NewTenantAsync();
        await using var tab = await browser.OpenAsync(Token);
        await OpenAsync(tab.Page, host, ada);
        var answer = await tab.Page.EvaluateAsync<string>(
            """
            async () => {
              const progress = [];
              const file = await window.client.files.upload(new File(["x".repeat(3_000_000)], "Grüße.txt", { type: "text/plain" }), { onProgress: step => progress.push(step.loaded) });
              const text = await (await window.client.files.content(file.id)).text();
              const refused = await window.client.files.upload(new Blob(["x"], { type: "multipart/form-data" }), { onProgress() {} }).catch(error => `${error.name} ${error.status} ${error.type}`);
              return [file.name, file.size, text.length, progress.length > 0 && progress.at(-1) === 3_000_000, refused].join(", ");
            }
            """);
        Assert.Equal("Grüße.txt, 3000000, 3000000, true, ChatError 415 urn:problem:unsupported-media-type", answer);
        tab.AssertNothingWentWrong("415");
    }

    /// <summary>Ada, admin of a new tenant with a room that everybody may join.</summary>
    private async Task<ChatClient> NewTenantAsync()
    {
        var ada = new ChatClient(new ChatClientOptions { Session = services.Session, Chat = services.Chat, Fileman = services.Fileman, Realtime = services.Realtime });
        var admin = new RegisterRequest("ada", Password, "Ada");
        var signedUp = await ada.SignUpAsync(new SignUpRequest($"js-{Guid.CreateVersion7():N}", "Acme", admin, OpenRegistration: true), Token);
        Assert.True(signedUp.IsSuccess, signedUp.Problem?.ToString());
        Assert.True((await ada.Rooms.CreateAsync(new NewRoom("General", "general", RoomVisibilities.Public), Token)).IsSuccess);
        return ada;
    }

    /// <summary>A page on which Bob is signed in and has joined.</summary>
    private static async Task OpenAsync(IPage page, PageHost host, ChatClient ada)
    {
        await LoadAsync(page, host);
        await page.EvaluateAsync(
            "async ([tenant, password]) => { await window.client.register(tenant, { username: 'bob', password }); await window.client.rooms.join('general'); }",
            new[] { ada.SignedIn!.Tenant, Password });
    }

    private static async Task LoadAsync(IPage page, PageHost host)
    {
        await page.GotoAsync(host.Address.ToString());
        await page.EvaluateAsync(
            """
            async () => {
              const { ChatClient } = await import("/sdk/realtime.js");
              window.offset = 0;
              window.client = new ChatClient({
                session: "/session", chat: "/chat", fileman: "/fileman", realtime: "/realtime", storage: localStorage,
                clock: { now: () => Date.now() + window.offset, setTimeout: (callback, wait) => setTimeout(callback, wait), clearTimeout: timer => clearTimeout(timer) },
              });
            }
            """);
    }

    /// <summary>Connects and collects all messages of the room, from the first one on.</summary>
    private static Task ReadAsync(IPage page) => page.EvaluateAsync(
        """
        async () => {
          window.seen = [];
          window.states = [];
          const live = await window.client.connect();
          live.addEventListener("statechange", event => window.states.push(event.detail));
          window.room = await live.subscribe("general", { after: 0 });
          void (async () => { for await (const message of window.room.messages) window.seen.push(message); })();
        }
        """);

    private static async Task PostAsync(ChatClient ada, int from, int to)
    {
        for (var number = from; number <= to; number++)
        {
            var posted = await ada.Messages.PostAsync("general", new NewMessage($"message {number}", string.Create(CultureInfo.InvariantCulture, $"m{number}")), Token);
            Assert.True(posted.IsSuccess, posted.Problem?.ToString());
        }
    }

    /// <summary>Waits until the page has so many messages, and sees that they are these.</summary>
    private static async Task SeesAsync(IPage page, int count)
    {
        await page.WaitForFunctionAsync("count => window.seen.length >= count", count);
        Assert.Equal(
            Enumerable.Range(1, count).Select(static number => $"{number} message {number}"),
            await page.EvaluateAsync<string[]>("window.seen.map(message => `${message.seq} ${message.text}`)"));
    }
}
