using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Tests.Infrastructure.Browsing.Browser))]

namespace Tests.Infrastructure.Browsing;

/// <summary>
/// One headless Chromium for all tests of a run, started by the first test that asks. Take it as a constructor parameter, and open a
/// <see cref="BrowserTab"/> per person: each has its own cookies and storage. Where there is no browser a test is skipped and says so; in CI it fails.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    /// <summary>The one without windows first: it takes a third of the processor time.</summary>
    private static readonly string[] Names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly Lazy<Task<Started>> _started = new(StartAsync);

    private sealed record Started(IPlaywright Playwright, IBrowser Browser);

    /// <summary>A page in a context of its own; dispose it.</summary>
    public async Task<BrowserTab> OpenAsync(CancellationToken cancellationToken, BrowserNewContextOptions? options = null)
    {
        SkipWithoutBrowser();
        var started = await _started.Value.WaitAsync(cancellationToken);
        return await BrowserTab.OpenAsync(await started.Browser.NewContextAsync(options ?? new BrowserNewContextOptions()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated && _started.Value.IsCompletedSuccessfully)
        {
            var started = await _started.Value;
            await started.Browser.DisposeAsync();
            started.Playwright.Dispose();
        }
    }

    private static void SkipWithoutBrowser()
    {
        if (Find() is null)
        {
            var reason = $"There is no browser: none of {string.Join(", ", Names)} is on PATH, and CHROMIUM does not name one.";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null or "", reason);
            Assert.Fail(reason);
        }
    }

    private static string? Find() => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } given
        ? given
        : Names.SelectMany(static _ => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator), static (name, folder) => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    private static async Task<Started> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Find(),

            // Chromium's sandbox refuses to run as root, which containers do; nothing but our own pages is opened.
            ChromiumSandbox = false,
            Args =
            [
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-dev-shm-usage",
                "--disable-sync",
                "--no-first-run",
            ],
        });
        return new Started(playwright, browser);
    }
}
