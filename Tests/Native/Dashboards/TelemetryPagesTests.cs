using System.Diagnostics;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Client.Realtime;
using Contracts.Public;
using Microsoft.Playwright;
using Tests.Infrastructure.Browsing;
using static Microsoft.Playwright.Assertions;

namespace Tests.Native.Dashboards;

/// <summary>What the services say of themselves, as somebody sees it.</summary>
[Collection(WholeSystemCollection.Name)]
public sealed partial class TelemetryPagesTests(WholeSystem system, Browser browser) : IAsyncLifetime
{
    private BrowserTab? _tab;

    private static CancellationToken Token => App.Token;

    private IPage Page => _tab!.Page;

    public async ValueTask InitializeAsync()
    {
        await system.StartedAsync();
        _tab = await system.OpenAsync(browser);
    }

    public async ValueTask DisposeAsync()
    {
        if (_tab is not null)
        {
            await _tab.DisposeAsync();
        }
    }

    [Fact]
    public async Task PostedMessageIsOneTrace_AcrossChatDbmanAndRealtime()
    {
        var trace = await PostAsync();

        await system.GoAsync(_tab!, $"/traces/{trace}");

        // Spans come in over seconds, from each service; the page takes them in as they come.
        foreach (var (service, what) in ((string, string)[])[
            ("chat", "POST /v1/rooms/{room}/messages"),
            ("chat", "chat append"),
            ("dbman", "POST /internal/v1/messages/append"),
            ("dbman", "dbman commit"),
            ("dbman", "→ postgresql"),
            ("chat", "chat publish"),
            ("realtime", "POST /internal/v1/publish"),
            ("realtime", "PUBLISH → redis"),
            ("realtime", "realtime deliver")])
        {
            await Expect(Page.Locator($"[data-service={service}]", new PageLocatorOptions { HasText = what }).First).ToBeVisibleAsync();
        }

        await Page.Locator("[data-service=dbman]", new PageLocatorOptions { HasText = "dbman commit" }).ClickAsync();
        await Expect(Page.Locator(".details")).ToContainTextAsync("batch.size");
        await _tab!.ScreenshotAsync("trace");
        await Page.Locator(".details dd a", new PageLocatorOptions { HasText = "of this span" }).ClickAsync();
        await Expect(Page.Locator(".chip")).ToContainTextAsync(trace[..8]);
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task RequestsAreToldFromWhatServicesDoByThemselves()
    {
        var trace = await PostAsync();
        await system.GoAsync(_tab!, "/traces");
        var rows = Page.Locator("tr[data-trace]");
        var housekeeping = rows.Filter(new() { HasText = "GET /internal/v1/layouts/goals" });
        await Expect(housekeeping.First).ToBeVisibleAsync();

        await Page.GetByLabel("Requests only").CheckAsync();

        await Expect(Page.Locator($"tr[data-trace='{trace}']")).ToContainTextAsync("POST /v1/rooms/{room}/messages");
        await Expect(housekeeping).ToHaveCountAsync(0);
        await _tab!.ScreenshotAsync("traces-requests");
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task LogEntriesAreFiltered_ByResourceLevelTextAndAttribute()
    {
        await system.GoAsync(_tab!, "/structuredlogs?resource=dbman");
        var rows = Page.Locator("tr[data-sequence]");

        await Page.GetByLabel("Text").FillAsync("now LISTENING on");
        await Expect(rows).ToHaveCountAsync(3);
        await Expect(rows.First).ToContainTextAsync("Now listening on");

        await Page.GetByLabel("Attribute").FillAsync("address~localhost");
        await Page.GetByLabel("Attribute").PressAsync("Enter");

        // The list is made anew for a new filter: a click before that would go to a row that is on its way out.
        await Expect(Page.Locator(".chip")).ToContainTextAsync("address~localhost");
        await Expect(rows).ToHaveCountAsync(3);
        await rows.First.ClickAsync();
        await Expect(Page.Locator(".details")).ToContainTextAsync("Microsoft.Hosting.Lifetime");
        await _tab!.ScreenshotAsync("structured-logs");

        await Page.GetByLabel("Level").SelectOptionAsync("Error");
        await Expect(rows).ToHaveCountAsync(0);
        await Expect(Page.Locator(".nothing")).ToHaveTextAsync("No entry is like that.");
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task HistogramIsShownInPercentiles_AndExemplarLeadsToItsTrace()
    {
        await PostAsync();

        await system.GoAsync(_tab!, "/metrics?resource=dbman&instrument=http.server.request.duration");

        var p95 = Page.Locator(".chart figcaption span", new PageLocatorOptions { HasText = "p95" });
        await Expect(p95.Locator("strong")).ToHaveTextAsync(Duration());
        await Expect(Page.Locator(".chart .hue-1 .line").First).ToHaveAttributeAsync("d", Drawn());
        await _tab!.ScreenshotAsync("metrics");
        await Page.Locator("button", new PageLocatorOptions { HasText = "Table" }).ClickAsync();
        await Expect(Page.Locator(".values").First.Locator("tbody tr").Nth(2).Locator("td").Nth(2)).ToHaveTextAsync(Duration());
        await Page.Locator("button", new PageLocatorOptions { HasText = "Graph" }).ClickAsync();

        var dot = Page.Locator(".chart .dot").First;
        await Expect(dot).ToHaveAttributeAsync("href", TraceAddress());
        await system.GoAsync(_tab!, (await dot.GetAttributeAsync("href"))!);
        await Expect(Page.Locator("[data-service=dbman]").First).ToBeVisibleAsync();
        _tab!.AssertNothingWentWrong();
    }

    [Fact]
    public async Task VerdictTurns_WhenAResourceIsNotWell()
    {
        await system.GoAsync(_tab!, "/");
        var about = Page.Locator(".verdict li", new PageLocatorOptions { HasText = "fileman" });
        await Expect(Page.Locator("[data-resource=fileman] .state.good")).ToHaveCountAsync(1);
        await Expect(about).ToHaveCountAsync(0);
        await Expect(Page.Locator(".tiles a", new PageLocatorOptions { HasText = "Requests, 95th percentile" }).Locator("strong")).ToHaveTextAsync(Duration());
        await _tab!.ScreenshotAsync("overview");

        var seen = await system.Application.ResourceNotifications.WaitForResourceAsync("fileman", static e => e.Snapshot.State?.Text == KnownResourceStates.Running, Token);
        using (var process = Process.GetProcessById((int)seen.Snapshot.Properties.Single(static p => p.Name == "executable.pid").Value!))
        {
            process.Kill(entireProcessTree: true);
        }

        await Expect(about).ToContainTextAsync("exit code 137");
        await Expect(Page.Locator("[data-verdict=Bad]")).ToHaveCountAsync(1);
        await _tab!.ScreenshotAsync("overview-not-well");

        var started = await system.Application.ResourceCommands.ExecuteCommandAsync(seen.ResourceId, KnownResourceCommands.StartCommand, Token);
        Assert.True(started.Success, started.Message);
        await Expect(about).ToHaveCountAsync(0);
        await Expect(Page.Locator("[data-verdict=Bad]")).ToHaveCountAsync(0);
        _tab!.AssertNothingWentWrong();
    }

    [Theory]
    [InlineData("/", "overview")]
    [InlineData("/structuredlogs", "logs")]
    [InlineData("/traces", "traces")]
    [InlineData("/metrics?resource=dbman&instrument=http.server.request.duration", "metrics")]
    public async Task PagesFit_ADeskAndAPhone(string path, string name)
    {
        foreach (var (width, height, scheme) in ((int, int, ColorScheme)[])[(1440, 900, ColorScheme.Light), (720, 450, ColorScheme.Light), (390, 844, ColorScheme.Dark)])
        {
            await Page.SetViewportSizeAsync(width, height);
            await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await system.GoAsync(_tab!, path);
            Assert.True(await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than {width}.");
            if (name == "logs")
            {
                // What is read is the message: it has room however narrow the list is.
                Assert.True((await Page.Locator("tr[data-sequence] .message").First.BoundingBoxAsync())!.Width > width / 3f, "The messages have no room.");
            }

            await _tab!.ScreenshotAsync($"{name}-{width}-{scheme}".ToLowerInvariant());
        }

        _tab!.AssertNothingWentWrong();
    }

    [GeneratedRegex(@"^\d[\d.]* (ms|µs|s)$")]
    private static partial Regex Duration();

    [GeneratedRegex(@"^M\d")]
    private static partial Regex Drawn();

    [GeneratedRegex("^/traces/[0-9a-f]{32}")]
    private static partial Regex TraceAddress();

    /// <summary>Posts a message to a room that somebody follows, in a trace of its own.</summary>
    private async Task<string> PostAsync()
    {
        await using var client = await system.NewTenantAsync("seen");
        await using var live = await client.ConnectAsync(Token);
        await using var room = await live.SubscribeAsync("seen", new SubscribeOptions { After = 0 }, Token);
        string trace;
        using (var activity = new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            trace = activity.TraceId.ToHexString();
            var posted = await client.Messages.PostAsync("seen", new NewMessage("what is seen"), Token);
            Assert.True(posted.IsSuccess, posted.Problem?.ToString());
        }

        Assert.Equal("what is seen", (await room.Messages.ReadAsync(Token)).Text);
        return trace;
    }
}
