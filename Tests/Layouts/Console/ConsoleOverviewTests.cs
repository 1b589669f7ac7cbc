using System.Globalization;
using Contracts.Dbman;
using Dbman.Figures;
using Layouts.Console.Live;
using Layouts.Console.Overview;
using Microsoft.Playwright;
using Npgsql;
using Tests.Dbman;
using Tests.Infrastructure;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Layouts.Console;

/// <summary>The overview page and its verdict.</summary>
public sealed class ConsoleOverviewTests(DataServers servers, Browser browser)
{
    private static readonly (string Name, string Value)[] Quick =
    [
        ("Figures:Report", "00:00:00.200"),
        ("Figures:Poll", "00:00:00.200"),
        ("Figures:Window", "00:00:01"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ItIsTheFirstPage_WithWhatEveryReplicaAndNodeReports()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, nodes: 2, Quick);
        await using var second = DbmanApp.StartUnready(rig.Driving.Database, ("Dbman:Figures:Report", "00:00:00.200"));
        await second.WaitForReadyAsync(Token);
        await using var tab = await rig.OpenAsync();
        var page = tab.Page;
        await Expect(page.Locator("nav a.here")).ToHaveTextAsync("Overview");
        await Expect(page.Locator("[data-verdict=well] h1")).ToHaveTextAsync("All is well");
        await Expect(page.Locator("[data-replica]")).ToHaveCountAsync(2);
        await Expect(page.Locator($"[data-replica='{second.Get<FiguresSource>().Replica}']")).ToContainTextAsync("of 20");
        await Expect(page.Locator("[data-node]")).ToHaveCountAsync(2);
        await Expect(page.Locator("[data-figure=pool]")).ToContainTextAsync("of 40");
        await tab.ScreenshotAsync("overview-idle");

        // What is done shows, by itself.
        var (room, socket) = await rig.ListenAsync("lobby");
        await using var listening = socket;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = rig.LoadAsync(room, stop.Token);
        await Expect(page.Locator("[data-figure=subscribers]")).ToHaveTextAsync("1");
        await Expect(page.Locator("[data-publishing='message legacy']")).ToContainTextAsync("ms");
        await Eventually.ClearAsync(async () =>
        {
            var (rate, line) = (await page.Locator("[data-figure=deliveries]").TextContentAsync(), await page.Locator("[data-tile=deliveries] path").GetAttributeAsync("d"));
            return double.Parse(rate!.Split('/')[0], CultureInfo.InvariantCulture) > 1 && line!.Contains('L', StringComparison.Ordinal) ? null : $"{rate} {line}";
        });
        await Eventually.ClearAsync(async () =>
            await page.Locator("[data-figure=request-time]").TextContentAsync() is { } text && text.EndsWith("s", StringComparison.Ordinal) ? null : "no request time");
        await ConsoleRig.PicturesAsync(tab, "overview", isForReadme: true);
        await ConsoleRig.PicturesAsync(tab, "overview-whole", isWhole: true);
        await stop.CancelAsync();
        await load;
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task TroubleIsNamedWithWhatToDo_AndOverWhenItIsOver()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, nodes: 1, Quick);
        await using var tab = await rig.OpenAsync();
        var page = tab.Page;
        await Expect(page.Locator("[data-verdict=well]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-replica]")).ToHaveCountAsync(1);

        // A replica that died.
        await ExecuteAsync(rig, "INSERT INTO dbman_replicas SELECT 'dead-1', now() - interval '2 minutes', version, figures FROM dbman_replicas");
        await Expect(page.Locator("[data-verdict=degraded] h1")).ToHaveTextAsync("Degraded: one thing to look at");
        await Expect(page.Locator($"[data-reason='{Runbook.ReplicaIsSilent}']")).ToContainTextAsync("no figures of dead-1");
        await Expect(page.Locator("[data-replica=dead-1]")).ToContainTextAsync("silent");
        await ConsoleRig.PicturesAsync(tab, "overview-degraded");

        // dbman that cannot be reached is a verdict, and not an error.
        rig.Driving.WireOf(rig.Node).Cut();
        await Expect(page.Locator("[data-verdict=unwell]")).ToBeVisibleAsync();
        await Expect(page.Locator($"[data-reason='{Runbook.DbmanIsNotReady}']")).ToContainTextAsync("dbman cannot be reached");
        await Expect(page.Locator(".asof")).ToContainTextAsync("Old: from");
        await Expect(page.Locator("[data-replica]")).ToHaveCountAsync(2);
        await ConsoleRig.PicturesAsync(tab, "overview-unwell");

        // A page that is opened meanwhile says the same.
        await page.ReloadAsync();
        await Expect(page.Locator("[data-verdict=unwell]")).ToBeVisibleAsync();
        await ExecuteAsync(rig, "DELETE FROM dbman_replicas WHERE replica_id = 'dead-1'");
        rig.Driving.WireOf(rig.Node).Mend();
        await Expect(page.Locator("[data-verdict=well]")).ToBeVisibleAsync();
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task AFrozenNodeLeadsToTheNodes_ByTheKeyboardAlone()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, nodes: 2, [.. Quick, ("ControlPlane:Lease", "00:00:02")]);
        var cut = rig.Driving.Nodes[1];
        await using var tab = await rig.OpenAsync();
        var page = tab.Page;
        rig.Driving.WireOf(cut).Cut();
        var reason = page.Locator($"[data-reason='{Runbook.NoLease}']");
        await Expect(reason.GetByRole(AriaRole.Link)).ToBeVisibleAsync();
        await Expect(reason).ToContainTextAsync(cut.Get<global::Realtime.Node.NodeAgent>().Node);

        // The heading has the focus, and the first link after it is the reason's.
        await page.Locator("h1").FocusAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(":focus")).ToHaveTextAsync("Show");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/console/nodes$"));
        await Expect(page.Locator("nav a.here")).ToHaveTextAsync("Nodes");
        tab.AssertNothingWentWrong();
    }

    [Fact]
    public async Task NothingIsAskedOfDbman_OnceNobodyLooks()
    {
        await using var rig = await ConsoleRig.StartAsync(servers, browser, 1, [.. Quick, ("Figures:Linger", "00:00:01")]);
        var (asked, times) = (TimeProvider.System.GetTimestamp(), 0);
        rig.Driving.WireOf(rig.Node).Answered = request =>
        {
            if (request.RequestUri!.AbsolutePath == DbmanRoutes.Replicas)
            {
                Volatile.Write(ref asked, TimeProvider.System.GetTimestamp());
                Interlocked.Increment(ref times);
            }
        };
        await using (var tab = await rig.OpenAsync())
        {
            await Eventually.ClearAsync(() => Volatile.Read(ref times) > 5 ? null : $"asked {times} times");
        }

        await Eventually.ClearAsync(() => TimeProvider.System.GetElapsedTime(Volatile.Read(ref asked)) > TimeSpan.FromSeconds(3) ? null : $"asked {times} times");
        Assert.Equal(0, rig.Node.Get<ConsoleFeed>().Watchers);
    }

    private static async Task ExecuteAsync(ConsoleRig rig, string sql)
    {
        await using var connection = new NpgsqlConnection(rig.Driving.Database);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
