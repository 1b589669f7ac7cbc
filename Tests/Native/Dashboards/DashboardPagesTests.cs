using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Native.Dashboards;

/// <summary>What a developer sees of a running application, and does to it.</summary>
[Collection(AppHostProcess.Collection)]
public sealed partial class DashboardPagesTests(DashboardRun run, Browser browser) : IAsyncLifetime
{
    private const string Secret = "not-for-everybodys-eyes";
    private BrowserTab? _tab;

    private static CancellationToken Token => App.Token;

    private IPage Page => _tab!.Page;

    public async ValueTask InitializeAsync()
    {
        await run.StartedAsync();
        _tab = await browser.OpenAsync(Token);
        await run.WithLinkAsync(link => Page.GotoAsync(link.ToString()));
        await Page.GotoAsync(new Uri(run.Address, "/resources").ToString());

        // The page that was rendered beforehand answers nobody; its theme says when it lives.
        await Expect(Rows("redis")).ToHaveCountAsync(1);
        await AliveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_tab is not null)
        {
            await _tab.DisposeAsync();
        }
    }

    [Fact]
    public async Task EveryResourceIsShownHealthy_WithReplicasFiguresAndLinks()
    {
        foreach (var (resource, instances) in ((string, int)[])[("redis", 1), ("web", 2), ("talker", 1)])
        {
            await Expect(Rows(resource)).ToHaveCountAsync(instances);
            for (var i = 0; i < instances; i++)
            {
                await Expect(Rows(resource).Nth(i).Locator(".how")).ToHaveTextAsync("Running");
                await Expect(Rows(resource).Nth(i).Locator(".figure").Last).ToHaveTextAsync(Figure());
            }
        }

        await Expect(Page.Locator("tr[data-group=web] .how")).ToHaveTextAsync("2 of 2 well");
        await Expect(Page.Locator("tr[data-group=web] .where a")).ToHaveAttributeAsync("href", LocalAddress());
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task KilledReplicaIsShownWithItsExitCode_AndRunsAgainByItsButton()
    {
        var row = Rows("web").First;
        var id = await row.GetAttributeAsync("data-instance");
        await row.Locator(".name a").ClickAsync();
        var pid = await Page.Locator(".details dt:text-is('Process id') + dd").InnerTextAsync();

        using (var kill = System.Diagnostics.Process.Start("/bin/kill", ["-s", "KILL", pid]))
        {
            await kill.WaitForExitAsync(Token);
        }

        row = Page.Locator($"tr[data-instance='{id}']");
        await Expect(row.Locator(".how")).ToContainTextAsync("exit code 137");
        await Expect(row.Locator(".state")).ToHaveClassAsync(BadState());
        await Expect(Page.Locator("[data-exit-code='137']")).ToBeVisibleAsync();
        await Expect(Page.Locator("tr[data-group=web] .how")).ToHaveTextAsync("1 of 2 well");

        await row.Locator("[data-command=start]").ClickAsync();

        await Expect(row.Locator(".how")).ToHaveTextAsync("Running");
        await Expect(Page.Locator("tr[data-group=web] .how")).ToHaveTextAsync("2 of 2 well");
        await Expect(Page.Locator(".details dt:text-is('Process id') + dd")).Not.ToHaveTextAsync(pid);
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task ReplicasComeAndGoByButton_AndTheBalancerFollows()
    {
        var group = Page.Locator("tr[data-group=web]");
        var address = new Uri((await group.Locator(".where a").GetAttributeAsync("href"))!);

        await group.Locator("[data-scale=up]").ClickAsync();

        await Expect(Rows("web")).ToHaveCountAsync(3);
        await Expect(group.Locator(".how")).ToHaveTextAsync("3 of 3 well");
        Assert.Equal(3, await ProcessesBehindAsync(address, 3));

        await group.Locator("[data-scale=to]").FillAsync("0");
        await group.Locator("[data-scale=to]").PressAsync("Enter");
        await Expect(Page.Locator(".refusal")).ToContainTextAsync("can have 1 to 20 replicas, not 0");
        await group.Locator("[data-scale=to]").FillAsync("2");
        await group.Locator("[data-scale=to]").PressAsync("Enter");

        await Expect(Rows("web")).ToHaveCountAsync(2);
        await Expect(group.Locator(".how")).ToHaveTextAsync("2 of 2 well");
        Assert.Equal(2, await ProcessesBehindAsync(address, 2));
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task ListStaysReadable_BesideTheDetails()
    {
        await Page.SetViewportSizeAsync(1280, 900);
        await Rows("web").First.Locator(".name a").ClickAsync();
        await Expect(Page.Locator(".details [data-values=environment]")).ToBeVisibleAsync();

        // A state is a line and not a column of letters, the list is not wider than its place, and the details scroll as one.
        foreach (var state in await Page.Locator(".resources .state > span").AllAsync())
        {
            Assert.InRange((await state.BoundingBoxAsync())!.Height, 1, 24);
        }

        Assert.True(await Page.Locator(".split > .page").EvaluateAsync<bool>("page => page.scrollWidth <= page.clientWidth"), "The list is cut off.");
        Assert.True(
            await Page.Locator("[data-values=environment] dl").EvaluateAsync<bool>("list => list.scrollHeight <= list.clientHeight && list.children.length > 5"),
            "The environment scrolls within the details.");
        await _tab!.ScreenshotAsync("dashboard-beside-details");
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task AddressThatIsNoPagesSaysSo_AndLeadsBack()
    {
        var response = await Page.GotoAsync(new Uri(run.Address, "/logs").ToString());

        Assert.Equal(404, response!.Status);
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" })).ToBeVisibleAsync();
        await AliveAsync();
        await Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Resources" }).ClickAsync();
        await Expect(Rows("redis")).ToHaveCountAsync(1);
        _tab!.AssertNothingWentWrong("404");
    }

    [Fact]
    public async Task PageThatBrokeSaysSo_AndIsLoadedAgain()
    {
        await Expect(Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();

        // What an extension that tidies pages does: the next change finds nothing where it belongs.
        await Page.EvaluateAsync("() => document.querySelectorAll('.resources tbody').forEach(body => body.replaceChildren())");
        await Page.Locator("tr[data-group=web]").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await Page.Locator(".filter input").FillAsync("web");

        await Expect(Page.Locator("#blazor-error-ui")).ToBeVisibleAsync();
        await _tab!.ScreenshotAsync("dashboard-broken");
        await Page.Locator("#blazor-error-ui .reload").ClickAsync();
        await Expect(Rows("redis")).ToHaveCountAsync(1);
        await AliveAsync();
    }

    [Fact]
    public async Task PagesBeyondTheLimitAreRefusedWithAPage_AndThereIsRoomAgain()
    {
        var others = new List<IPage>();
        for (var i = 1; i < DashboardRun.MostPages; i++)
        {
            others.Add(await Page.Context.NewPageAsync());
            await others[^1].GotoAsync(new Uri(run.Address, "/graph").ToString());
            await Expect(others[^1].Locator("[data-alive=true]")).ToHaveCountAsync(1);
        }

        var beyond = await Page.Context.NewPageAsync();
        var refused = await beyond.GotoAsync(new Uri(run.Address, "/graph").ToString());
        Assert.Equal(503, refused!.Status);
        await Expect(beyond.GetByRole(AriaRole.Alert)).ToContainTextAsync($"is open in {DashboardRun.MostPages} tabs");

        await others[0].CloseAsync();

        await Infrastructure.Eventually.ClearAsync(async () =>
        {
            var response = await beyond.GotoAsync(new Uri(run.Address, "/graph").ToString());
            return response!.Status == 200 ? null : $"{response.Status}";
        });
        await Expect(beyond.Locator("[data-alive=true]")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task SecretsAreMaskedUntilAsked()
    {
        await Rows("web").First.Locator(".name a").ClickAsync();
        var seed = Page.Locator("[data-values=environment] [data-name=SEED]");
        await Expect(seed.Locator("code")).ToHaveTextAsync("••••••••");
        await Expect(Page.Locator("[data-name='ConnectionStrings__redis'] code")).ToHaveTextAsync("••••••••");
        Assert.DoesNotContain(Secret, await Page.ContentAsync(), StringComparison.Ordinal);

        await seed.GetByRole(AriaRole.Button).ClickAsync();

        await Expect(seed.Locator("code")).ToHaveTextAsync(Secret);
        await Expect(Page.Locator("[data-name='ConnectionStrings__redis'] code")).ToHaveTextAsync("••••••••");
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task LineIsFoundBySearch_AmongThousands()
    {
        await Rows("talker").Locator("a[href^='/console/']").Last.ClickAsync();
        await Expect(Page.Locator(".console .count")).ToHaveTextAsync("3,003 lines");

        // The end is what is followed; markup is text, and colours are colours.
        await Expect(Page.Locator(".line", new() { HasText = "a red word and <b>markup</b>" })).ToBeVisibleAsync();
        await Expect(Page.Locator(".line .fg-red")).ToHaveTextAsync("fail");

        // However many lines there are, the page holds what fits.
        Assert.InRange(await Page.Locator(".line").CountAsync(), 1, 200);

        // What a process says on its two outputs has no order between the two: this line may stand anywhere among the others.
        await Page.Locator(".console .filter input").FillAsync("other side");
        await Expect(Page.Locator(".line.critical")).ToHaveTextAsync(Critical());

        await Page.Locator(".console .filter input").FillAsync("NEEDLE");

        await Expect(Page.Locator(".console .count")).ToHaveTextAsync("1 found");
        await Expect(Page.Locator(".line.warning mark")).ToHaveTextAsync("needle");
        var download = await Page.RunAndWaitForDownloadAsync(() => Page.GetByLabel("Download").ClickAsync());
        await using var content = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(content);
        Assert.Contains("info: line 1 of a long story", await reader.ReadToEndAsync(Token), StringComparison.Ordinal);
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task ScrollingUpPauses_AndTheButtonFollowsAgain()
    {
        await Rows("talker").Locator("a[href^='/console/']").Last.ClickAsync();
        await Expect(Page.Locator(".console .count")).ToHaveTextAsync("3,003 lines");
        await Expect(Page.Locator(".line", new() { HasText = "the needle is here" })).ToBeVisibleAsync();

        await Page.Locator(".lines").HoverAsync();
        await Page.Mouse.WheelAsync(0, -20_000);

        await Expect(Page.Locator(".console .count")).ToHaveTextAsync("paused");
        await Expect(Page.Locator(".line", new() { HasText = "the needle is here" })).ToHaveCountAsync(0);

        await Page.Locator("[data-follow=false]").ClickAsync();

        await Expect(Page.Locator(".line", new() { HasText = "the needle is here" })).ToBeVisibleAsync();
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task GraphShowsWhoNeedsWhom_AndLeadsToDetails()
    {
        await Page.GotoAsync(new Uri(run.Address, "/graph").ToString());
        await AliveAsync();
        await Expect(Page.Locator(".graph .node")).ToHaveCountAsync(3);
        await Expect(Page.Locator(".graph .edge title")).ToHaveTextAsync("web references and waits for redis");

        await Page.Locator("[data-node=web]").ClickAsync();

        await Expect(Page.Locator(".details h2")).ToContainTextAsync("web-");
        _tab!.AssertNothingWentWrong();
    }

    [Theory]
    [InlineData("/resources", "resources")]
    [InlineData("/resources?instance={web}", "details")]
    [InlineData("/graph", "graph")]
    [InlineData("/console", "console")]
    public async Task PagesFit_LightAndDark_DesktopAndPhone(string path, string name)
    {
        var id = await Rows("web").First.GetAttributeAsync("data-instance");
        var address = new Uri(run.Address, path.Replace("{web}", id, StringComparison.Ordinal)).ToString();
        foreach (var (width, height, device) in ((int, int, string)[])[(1440, 900, "desktop"), (390, 844, "phone")])
        {
            await Page.SetViewportSizeAsync(width, height);

            // Every combination when somebody wants to look at them, else one of each.
            foreach (var scheme in BrowserTab.KeepsPictures ? (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark] : [device == "phone" ? ColorScheme.Dark : ColorScheme.Light])
            {
                await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await Page.GotoAsync(address);
                await AliveAsync();
                var isDark = await Page.EvaluateAsync<bool>(
                    "() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number); return r + g + b < 384; }");
                Assert.Equal(scheme == ColorScheme.Dark, isDark);
                Assert.True(await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than a {device}.");
                await _tab!.ScreenshotAsync($"dashboard-{name}-{device}-{scheme}".ToLowerInvariant());
            }
        }

        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task ThemeIsChosen_AndKept()
    {
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        var theme = Page.Locator("fluent-button[title^='Theme:']");
        await theme.ClickAsync();
        await Expect(theme).ToHaveAttributeAsync("title", LightTheme());
        await theme.ClickAsync();
        await Expect(Page.Locator("body")).ToHaveAttributeAsync("data-theme", "dark");

        await Page.ReloadAsync();

        await Expect(Page.Locator("body")).ToHaveAttributeAsync("data-theme", "dark");
        _tab!.AssertNothingWentWrong();
    }

    [GeneratedRegex("""^\d+(\.\d)? MB$""")]
    private static partial Regex Figure();

    [GeneratedRegex("""^http://localhost:\d+$""")]
    private static partial Regex LocalAddress();

    [GeneratedRegex("""\bbad\b""")]
    private static partial Regex BadState();

    [GeneratedRegex("crit: to the other side")]
    private static partial Regex Critical();

    [GeneratedRegex("^Theme: light")]
    private static partial Regex LightTheme();

    private static async Task<int> ProcessesBehindAsync(Uri address, int expected)
    {
        using var client = new HttpClient { BaseAddress = address };
        var pids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < expected * 10; i++)
        {
            pids.Add(await client.GetStringAsync("/pid", Token));
        }

        return pids.Count;
    }

    private ILocator Rows(string resource) => Page.Locator($"tr[data-resource='{resource}']");

    private Task AliveAsync() => Expect(Page.Locator("[data-alive=true]")).ToHaveCountAsync(1);
}
