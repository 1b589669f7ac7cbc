using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Contracts.Sessions;
using Layouts.Console;
using Layouts.Console.Live;
using Microsoft.Playwright;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using Tests.ServiceDefaults;
using static Microsoft.Playwright.Assertions;

namespace Tests.Layouts.Console;

/// <summary>Who gets into the console, how many, and for how long.</summary>
public sealed class ConsoleAccessTests(DataServers servers, Browser browser)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnlyOperatorsGetIn_ByPasswordOrByALinkThatIsGoodOnce()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, nodes: 2);
        await using var tab = await rig.OpenUnsignedAsync();
        await tab.Page.GotoAsync(new Uri(rig.Node.Address, "/console/nodes").ToString());
        await Expect(tab.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/console/sign-in"));

        // A wrong password, and the right one of somebody who is no operator.
        await ConsoleRig.SignInAsync(tab, rig.Node, "admin", password: "wrong horse battery");
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("wrong");
        await ConsoleRig.SignInAsync(tab, rig.Node, await rig.AddMemberAsync());
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not an operator");
        Assert.DoesNotContain(await tab.Context.CookiesAsync(), static cookie => cookie.Name == "realtime-console");

        // No form of another origin, none without its token, and no page state without the cookie.
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = rig.Node.Address };
        using var foreign = new HttpRequestMessage(HttpMethod.Post, ConsoleRoutes.SignIn) { Content = Form() };
        foreign.Headers.Add("Origin", "http://localhost:1");
        using var refused = await http.SendAsync(foreign, Token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var unproven = await http.PostAsync(new Uri(ConsoleRoutes.SignIn, UriKind.Relative), Form(), Token);
        Assert.Equal(HttpStatusCode.BadRequest, unproven.StatusCode);
        foreach (var path in (string[])["/console", "/console/nodes", "/console/history", "/_blazor/negotiate"])
        {
            using var redirected = await http.GetAsync(new Uri(path, UriKind.Relative), Token);
            Assert.True(redirected.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.Unauthorized, $"{path}: {redirected.StatusCode}");
        }

        // A link from one node opens the other, once.
        using var created = await rig.Node.Http.PostAsJsonAsync(ConsoleRoutes.Links, new { by = "command line, ann" }, Token);
        var link = (await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("path").GetString()!;
        await tab.Page.GotoAsync(new Uri(rig.Driving.Nodes[1].Address, link).ToString());
        await ConsoleRig.AliveAsync(tab);
        await Expect(tab.Page.Locator(".who")).ToHaveTextAsync("command line, ann");
        await using var second = await rig.OpenUnsignedAsync();
        await second.Page.GotoAsync(new Uri(rig.Node.Address, link).ToString());
        await Expect(second.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("used already");
        tab.AssertNothingWentWrong("status of 401", "status of 403");
    }

    [Fact]
    public async Task AnEndedSessionEndsThePage_AndAHiddenTabDoesNotLook()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser);
        await using var tab = await rig.OpenAsync();
        var feed = rig.Node.Get<ConsoleFeed>();
        await Eventually.ClearAsync(() => feed.Watchers == 1 ? null : $"{feed.Watchers} look");

        // Headless tabs are never hidden by another: the test raises the event that the page would get.
        await HideAsync(tab.Page, "hidden");
        await Eventually.ClearAsync(() => feed.Watchers == 0 ? null : $"{feed.Watchers} look");
        await HideAsync(tab.Page, "visible");
        await Eventually.ClearAsync(() => feed.Watchers == 1 ? null : $"{feed.Watchers} look");

        var user = (await rig.Driving.Dbman.Client.Directory.ListUsersAsync(ConsoleRig.Operators, null, 10, Token)).Value.Items.Single();
        Assert.True((await rig.Driving.Dbman.Client.Sessions.RevokeAsync(ConsoleRig.Operators, user.Id, new RevokeSessionsRequest("test"), Token)).IsSuccess);

        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Your session was ended");
        await tab.ScreenshotAsync("console-ended");
        await Eventually.ClearAsync(() => feed.Watchers == 0 ? null : $"{feed.Watchers} look");
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task TooManyPagesAreRefusedWithAPage_AndThereIsRoomAgain()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 1, ("Console:MostPages", "1"));
        var first = await rig.OpenAsync();
        await using var second = await rig.OpenUnsignedAsync();
        await ConsoleRig.SignInAsync(second, rig.Node, "admin");
        await Expect(second.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This node has 1 page of the console open");
        await second.ScreenshotAsync("console-full");

        await first.DisposeAsync();

        await Eventually.ClearAsync(async () =>
        {
            var response = await second.Page.GotoAsync(new Uri(rig.Node.Address, "/console").ToString());
            return response!.Status == 200 ? null : $"{response.Status}";
        });
        await ConsoleRig.AliveAsync(second);
    }

    [Fact]
    public async Task NothingIsThere_WhenItIsSwitchedOff()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 1, ("Console:Enabled", "false"));
        using var http = new HttpClient { BaseAddress = rig.Node.Address };
        foreach (var path in (string[])["/console", "/console/sign-in", "/console/console.css", "/_blazor"])
        {
            await (await http.GetAsync(new Uri(path, UriKind.Relative), Token)).ProblemAsync(404, Contracts.ProblemTypes.NotFound);
        }
    }

    private static FormUrlEncodedContent Form() => new([new("user", "admin"), new("password", ConsoleRig.Password)]);

    private static Task HideAsync(IPage page, string state) => page.EvaluateAsync(
        """
        state => {
          Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }
        """,
        state);
}
