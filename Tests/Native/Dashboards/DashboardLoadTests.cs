using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Native.Dashboards;

/// <summary>
/// A program that writes ten thousand lines a second, and somebody who looks at it: the page follows, other pages open, and the dashboard's memory stays
/// within its bound. For three seconds with the other tests, for as long as FLOOD_SECONDS says when somebody measures; times are told, not asserted.
/// </summary>
[Collection(AppHostProcess.Collection)]
public sealed class DashboardLoadTests(DashboardRun run, Browser browser, ITestOutputHelper output) : IAsyncLifetime
{
    private const int LinesPerSecond = 10_000;
    private const long MostBytes = 512L << 20;

    private static CancellationToken Token => App.Token;

    private static int Seconds { get; } =
        int.Parse(Environment.GetEnvironmentVariable("FLOOD_SECONDS") ?? "3", NumberStyles.None, CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync() => await run.StartedAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task DashboardStaysResponsiveAndSmall_UnderTenThousandLinesASecond()
    {
        await using var following = await browser.OpenAsync(Token);
        await run.WithLinkAsync(link => following.Page.GotoAsync(link.ToString()));
        await following.Page.GotoAsync(new Uri(run.Address, "/resources").ToString());
        await following.Page.Locator("tr[data-resource=web]").First.Locator("a[href^='/console/']").Last.ClickAsync();
        var own = new Uri(await OwnAddressAsync(following.Page));
        using var client = new HttpClient { BaseAddress = own };
        var dashboard = DashboardPid();
        var before = MemoryOf(dashboard);
        var most = before;
        var opened = new List<double>();

        var flood = client.PostAsync($"/flood/{LinesPerSecond}/{Seconds}", content: null, Token);
        await using var other = await browser.OpenAsync(Token);
        await other.Context.AddCookiesAsync((await following.Context.CookiesAsync()).Select(c => new Cookie { Name = c.Name, Value = c.Value, Url = run.Address.ToString() }));
        do
        {
            var start = Stopwatch.GetTimestamp();
            await other.Page.GotoAsync(run.Address.ToString());
            await Expect(other.Page.Locator("[data-alive=true]")).ToHaveCountAsync(1);
            opened.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            most = Math.Max(most, MemoryOf(dashboard));
        }
        while (!flood.IsCompleted);

        using var response = await flood;
        var last = $"flood {LinesPerSecond * Seconds} of {LinesPerSecond * Seconds}";
        var end = Stopwatch.GetTimestamp();
        await Expect(following.Page.Locator(".line", new() { HasText = last })).ToBeVisibleAsync();
        var behind = Stopwatch.GetElapsedTime(end).TotalMilliseconds;
        most = Math.Max(most, MemoryOf(dashboard));

        opened.Sort();
        output.WriteLine(
            $"{LinesPerSecond} lines/s for {Seconds} s: dashboard {before >> 20} MB before, at most {most >> 20} MB; {opened.Count} times a page was opened until it lived: "
            + $"median {opened[opened.Count / 2]:0} ms, at most {opened[^1]:0} ms; the last line was shown {behind:0} ms after it was written.");
        Assert.InRange(most, 1, MostBytes);
        Assert.Equal(dashboard, DashboardPid());
        following.AssertNothingWentWrong();
    }

    private static async Task<string> OwnAddressAsync(IPage page)
    {
        var id = Uri.UnescapeDataString(new Uri(page.Url).Segments[^1]);
        await page.GotoAsync(new Uri(new Uri(page.Url), $"/resources?instance={id}").ToString());
        var address = await page.Locator($"tr[data-instance='{id}'] .where a").GetAttributeAsync("href");
        await page.GotoAsync(new Uri(new Uri(page.Url), $"/console/{id}").ToString());
        await Expect(page.Locator(".console .count")).Not.ToHaveTextAsync("0 lines");
        return address!;
    }

    private static long MemoryOf(int pid) =>
        long.Parse(File.ReadAllText($"/proc/{pid}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    private int DashboardPid() => Assert.Single(run.Run.Everybody, pid => AppHostProcess.IsAlive(pid)
        && File.ReadAllText($"/proc/{pid}/cmdline").Contains("Native.Dashboard.dll", StringComparison.Ordinal));
}
