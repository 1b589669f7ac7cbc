using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Tests.Infrastructure.Browsing;

/// <summary>
/// A page that remembers what went wrong on it: errors on the console, exceptions that nobody caught, and what its Content-Security-Policy refused.
/// End a test with <see cref="AssertNothingWentWrong"/>.
/// </summary>
public sealed class BrowserTab : IAsyncDisposable
{
    /// <summary>Where screenshots go when somebody wants to look at them.</summary>
    private const string ScreenshotFolder = "SCREENSHOTS";

    /// <summary>Where to write the README's pictures.</summary>
    private const string PictureFolder = "WRITE_PICTURES";

    /// <summary>Far longer than a busy machine needs.</summary>
    private const float Limit = 60_000;

    // Chromium reports most violations on the console, but not those of a policy that only reports, nor always of what a script adds.
    private const string ReportViolations = """
        document.addEventListener('securitypolicyviolation', e =>
          console.error(`CSP: ${e.effectiveDirective} refused ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
        """;

    private readonly ConcurrentQueue<string> _errors = new();

    private BrowserTab(IBrowserContext context, IPage page)
    {
        Context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _errors.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => _errors.Enqueue(error);
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    /// <summary>Whether somebody wants to look at pictures.</summary>
    public static bool KeepsPictures => Environment.GetEnvironmentVariable(ScreenshotFolder) is { Length: > 0 };

    /// <summary>What went wrong so far.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public static async Task<BrowserTab> OpenAsync(IBrowserContext context)
    {
        context.SetDefaultTimeout(Limit);
        Assertions.SetDefaultExpectTimeout(Limit);
        await context.AddInitScriptAsync(ReportViolations);
        return new BrowserTab(context, await context.NewPageAsync());
    }

    /// <summary>Fails with every error that was not expected.</summary>
    /// <param name="expected">Parts of messages that belong to what the test did, such as the status of a refusal.</param>
    public void AssertNothingWentWrong(params string[] expected) =>
        Assert.DoesNotContain(_errors, e => !expected.Any(x => e.Contains(x, StringComparison.Ordinal)));

    /// <summary>A picture for people, in the folder that the environment variable SCREENSHOTS names; nothing without it.</summary>
    public Task ScreenshotAsync(string name) => PictureAsync(ScreenshotFolder, name);

    /// <summary>A picture of the README, in the folder that the environment variable WRITE_PICTURES names; nothing without it.</summary>
    public Task PictureAsync(string name) => PictureAsync(PictureFolder, name);

    private async Task PictureAsync(string variable, string name)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
        }
    }

    public ValueTask DisposeAsync() => Context.DisposeAsync();
}
