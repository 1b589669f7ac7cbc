using System.Net.Http.Json;
using System.Text.Json;
using Contracts.Dbman;
using Contracts.Layouts;
using Layouts.Admin;
using Layouts.Console.Live;
using Layouts.Figures;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Layouts.Console;

/// <summary>Figures, hot rooms and proposals in the console.</summary>
public sealed class ConsoleFiguresTests(DataServers servers, Browser browser)
{
    /// <summary>What the page says, at one moment.</summary>
    private const string Read = """
        () => JSON.stringify([
          ...['delivered', 'legacy-p99', 'sharded-p99', 'lost', 'slow', 'parity'].map(name => document.querySelector(`[data-figure=${name}]`).textContent),
          ...['legacy p99', 'legacy p50', 'sharded p99', 'sharded p50'].map(line => document.querySelector(`[data-chart=latency-message] [data-line="${line}"] strong`).textContent),
          ...['legacy all', 'sharded message'].map(line => document.querySelector(`[data-chart=subscribers] [data-line="${line}"] strong`).textContent)
        ])
        """;

    private static readonly (string Name, string Value)[] Quick =
    [
        ("Figures:Report", "00:00:00.200"),
        ("Figures:HotWindow", "00:00:00.500"),
        ("Figures:Poll", "00:00:00.200"),
        ("Figures:Window", "00:00:01"),
        ("Figures:Linger", "00:00:01"),
        ("Figures:Points", "600"),
        ("Shadow:SamplePerMille", "1000"),
        ("Shadow:Window", "00:00:00.500"),

        // It asks for figures too, and takes back what it does not propose itself.
        ("Planner:Window", "01:00:00"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatIsShownIsWhatTheAdminApiSays()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 2, Quick);
        await using var tab = await rig.OpenAsync(path: "/console/figures");
        var page = tab.Page;
        await Expect(page.Locator("[data-idle]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-chart=parity]")).ToContainTextAsync("Nothing is compared");
        await Expect(page.Locator("[data-figure=proposals]")).ToHaveTextAsync("0");
        await tab.ScreenshotAsync("figures-empty");
        await rig.Driving.AskAsync(HttpMethod.Put, AdminRoutes.Goal, new GoalRequest(ConsoleRig.Operators, LayoutStages.Shadow));
        var (room, socket) = await rig.ListenAsync("lobby");
        await using var listening = socket;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = rig.LoadAsync(room, stop.Token);

        // The page's moment is one of those that the admin API has, with everything in it.
        await Eventually.ClearAsync(async () =>
        {
            var shown = JsonSerializer.Deserialize<string[]>(await page.EvaluateAsync<string>(Read))!;
            var series = (await rig.Node.Http.GetFromJsonAsync(AdminRoutes.FigureSeries, AdminJsonContext.Default.FigureSeriesView, Token))!;
            var isFull = !shown.Contains("–") && shown[0] != "0/s" && shown[^2] == "1";
            return isFull && series.Points.Any(point => Said(point).SequenceEqual(shown)) ? null : $"{string.Join(", ", shown)}; {string.Join(", ", Said(series.Points[^1]))}";
        });
        Assert.NotEqual("", await page.Locator("[data-chart=latency-message] .line").First.GetAttributeAsync("d"));
        await Expect(page.Locator("[data-chart=parity] [data-line=operators]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-counted=operators]")).ToContainTextAsync("100 %");
        await Expect(page.Locator("[data-idle]")).ToHaveCountAsync(0);
        await Expect(page.Locator(".by-node tbody tr")).ToHaveCountAsync(2);

        // The hot room, with the channels that it is listened to on.
        var hot = page.Locator($"[data-hot='{room}']");
        await Expect(hot).ToContainTextAsync("shadow (4 shards)");
        await hot.Locator("summary").ClickAsync();
        var rooms = (await rig.Node.Http.GetFromJsonAsync(AdminRoutes.Hot, AdminJsonContext.Default.HotRoomsView, Token))!;
        await Expect(hot.Locator("li")).ToHaveTextAsync(Assert.Single(rooms.Rooms).Channels);

        // Values at the pointer; what was shown goes when the page scrolls, as it does to bring the chart into view.
        var x = 10;
        await Eventually.ClearAsync(async () =>
        {
            await page.Locator("[data-chart=copies] .plot").HoverAsync(new() { Position = new() { X = x++ % 100, Y = 10 } });
            var tips = await page.Locator(".chart-tip").AllTextContentsAsync();
            return tips.Any(static tip => tip.Contains("message sharded: ", StringComparison.Ordinal)) ? null : $"tips: {string.Join("; ", tips)}";
        });
        await ConsoleRig.PicturesAsync(tab, "figures", isWhole: true);
        await stop.CancelAsync();
        await load;
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task ProposalIsFollowedOnceItsPlanIsConfirmed_ButNotForWhoIsNoOperatorAnyMore()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 1, [.. Quick, ("Console:Recheck", "00:10:00")]);
        await rig.Driving.GoAsync(LayoutStages.Sharded);
        await rig.Driving.ArrivedAsync("sharded (4 shards)");
        var scope = new LayoutScope(rig.Driving.Scope.Tenant, "hot");
        await ProposeAsync(rig, scope, epoch: 0, shards: 8);
        await using var tab = await rig.OpenAsync(path: "/console/figures");
        var page = tab.Page;
        var proposal = page.Locator($"[data-proposal='{scope}']");
        await Expect(proposal).ToContainTextAsync("<img src=x onerror=alert(1)>");
        await Expect(page.Locator("[data-figure=proposals]")).ToHaveTextAsync("1");

        // Looking changes nothing.
        await proposal.Locator("[data-apply]").ClickAsync();
        await Expect(page.Locator("[data-plan='sharded (8 shards)']")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-step]").First).ToContainTextAsync("it gets a layout of its own");
        await tab.ScreenshotAsync("figures-apply");
        await page.Locator("[data-cancel]").ClickAsync();
        await Expect(page.Locator("[data-dialog]")).ToHaveCountAsync(0);
        Assert.Empty((await rig.Driving.Plane.GetGoalsAsync(Token)).Value.Goals);

        // Following it does, and it disappears.
        await proposal.Locator("[data-apply]").ClickAsync();
        await Expect(page.Locator("[data-plan='sharded (8 shards)']")).ToBeVisibleAsync();
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(page.Locator("[data-dialog]")).ToHaveCountAsync(0);
        await Expect(proposal).ToHaveCountAsync(0);
        await Eventually.ClearAsync(async () => await RecordAsync(rig, scope) is { State: { Shards: 8, Step: LayoutSteps.None } } ? null : "not at 8 shards");
        var record = (await RecordAsync(rig, scope))!;
        Assert.Matches("^operators/[0-9a-f]+$", record.By);
        Assert.StartsWith("planner: <img", record.Reason, StringComparison.Ordinal);
        await Eventually.ClearAsync(async () => (await rig.Driving.Plane.GetGoalsAsync(Token)).Value.Goals.Count == 0 ? null : "still going");

        // A user who lost the role meanwhile sees a plan, and cannot apply it.
        await ProposeAsync(rig, scope, record.Epoch, shards: 16);
        await proposal.Locator("[data-apply]").ClickAsync();
        await Expect(page.Locator("[data-plan='sharded (16 shards)']")).ToBeVisibleAsync();
        await rig.DemoteAsync();
        await page.Locator("[data-confirm]").ClickAsync();
        await Expect(page.Locator("[data-problem]")).ToContainTextAsync("no longer an operator");
        Assert.Empty((await rig.Driving.Plane.GetGoalsAsync(Token)).Value.Goals);
        Assert.Equal(record.Epoch, (await RecordAsync(rig, scope))!.Epoch);
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task WhatRedisWorksIsShown_AndTheRoomThatShardsDoNotHelp()
    {
        Assert.SkipWhen(RedisCluster.Find("redis-server") is null, "Other servers do not say their CPU time: apt-get install redis-server");
        await using var rig = await ConsoleRig.StartAsync(
            servers, browser, 1, [.. Quick[..^1], ("Planner:Window", "00:00:00.500"), ("Planner:MasterShare", "0.001"), ("Planner:GrowWindows", "2")]);
        var (room, socket) = await rig.ListenAsync("hot");
        await using var listening = socket;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = Task.WhenAll(Enumerable.Range(0, 20).Select(_ => rig.LoadAsync(room, stop.Token)));
        await using var tab = await rig.OpenAsync();
        var page = tab.Page;
        await Expect(page.Locator("[data-price=known]")).ToContainTextAsync("An event costs Redis");
        await Expect(page.Locator("[data-master]")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-master]")).ToContainTextAsync("%");
        await ConsoleRig.PicturesAsync(tab, "overview-redis", isWhole: true);
        await page.GotoAsync(new Uri(rig.Node.Address, "/console/figures").ToString());
        await ConsoleRig.AliveAsync(tab);
        await Expect(page.Locator($"[data-held='{room}']")).ToContainTextAsync("one master has all of its channels.");
        await Expect(page.Locator("[data-price=known]")).ToContainTextAsync("Planner:MasterShare");
        await ConsoleRig.PicturesAsync(tab, "figures-redis", isWhole: true);
        await stop.CancelAsync();
        await load;
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task NothingIsAskedOfDbman_OnceNobodyLooks()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 1, Quick);
        var asked = TimeProvider.System.GetTimestamp();
        var times = 0;
        rig.Driving.WireOf(rig.Node).Answered = request =>
        {
            if (request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath == DbmanRoutes.LayoutNodes && request.RequestUri.Query.Length > 0)
            {
                Volatile.Write(ref asked, TimeProvider.System.GetTimestamp());
                Interlocked.Increment(ref times);
            }
        };
        await using (var tab = await rig.OpenAsync(path: "/console/figures"))
        {
            await Expect(tab.Page.Locator("[data-figures=there]")).ToBeVisibleAsync();
            await Expect(tab.Page.Locator("[data-figures=there]")).Not.ToContainTextAsync("}");
            await Eventually.ClearAsync(() => Volatile.Read(ref times) > 5 ? null : $"asked {times} times");
        }

        // Far longer than the polling interval of a page, and than a reload takes.
        await Eventually.ClearAsync(() => TimeProvider.System.GetElapsedTime(Volatile.Read(ref asked)) > TimeSpan.FromSeconds(3) ? null : $"asked {times} times");
        Assert.Equal(0, rig.Node.Get<ConsoleFeed>().Watchers);
    }

    private static string[] Said(FiguresView point)
    {
        PublishRow? Row(string layout) => point.Total.Publish.FirstOrDefault(row => row.Kind == "message" && row.Layout == layout);
        string Listening(string layout, string kind) => DisplayText.Count(point.Total.Subscriptions.FirstOrDefault(row => row.Layout == layout && row.Kind == kind)?.Subscribers ?? 0);

        return
        [
            DisplayText.Rate(point.Total.DeliveredPerSecond),
            DisplayText.Seconds(Row("legacy")?.P99),
            DisplayText.Seconds(Row("sharded")?.P99),
            DisplayText.Percent(point.Total.LostRatio),
            DisplayText.Count(point.Total.SlowConsumers),
            DisplayText.Percent(point.Scopes.Min(static scope => scope.ParityRatio)),
            DisplayText.Seconds(Row("legacy")?.P99),
            DisplayText.Seconds(Row("legacy")?.P50),
            DisplayText.Seconds(Row("sharded")?.P99),
            DisplayText.Seconds(Row("sharded")?.P50),
            Listening("legacy", "all"),
            Listening("sharded", "message"),
        ];
    }

    /// <summary>A decision as the planner records it, with markup in its text.</summary>
    private static async Task ProposeAsync(ConsoleRig rig, LayoutScope scope, long epoch, int shards)
    {
        var written = await rig.Driving.Plane.AddDecisionAsync(
            new AddLayoutDecisionRequest(
                scope,
                epoch,
                "propose",
                "planner",
                "<img src=x onerror=alert(1)> too many messages.",
                new Dictionary<string, double>(StringComparer.Ordinal) { ["shards"] = shards, ["epoch"] = epoch, ["messages_per_second"] = 4_000 }),
            Token);
        Assert.True(written.IsSuccess, written.Problem?.ToString());
    }

    private static async Task<LayoutRecord?> RecordAsync(ConsoleRig rig, LayoutScope scope) =>
        (await rig.Driving.Plane.GetAsync(0, Token)).Value.Records.FirstOrDefault(record => record.Scope == scope);
}
