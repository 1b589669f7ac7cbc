namespace Tests.Infrastructure.Browsing;

/// <summary>The browser that tests look at pages with.</summary>
public sealed class BrowserTests(Browser browser)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ErrorsAndRefusedContentAreSeen()
    {
        await using var tab = await browser.OpenAsync(Token);
        await tab.Page.RouteAsync("http://page.test/", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Content-Security-Policy"] = "default-src 'none'; script-src 'nonce-a'" },
            Body = "<title>Shown</title><script>document.title = 'Inline'</script><script nonce='a'>console.error('said'); throw new Error('thrown')</script>",
        }));

        await tab.Page.GotoAsync("http://page.test/");

        Assert.Equal("Shown", await tab.Page.TitleAsync());
        Assert.Contains(tab.Errors, e => e.Contains("said", StringComparison.Ordinal));
        Assert.Contains(tab.Errors, e => e.Contains("thrown", StringComparison.Ordinal));
        Assert.Contains(tab.Errors, e => e.StartsWith("CSP: script-src", StringComparison.Ordinal));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => tab.AssertNothingWentWrong("said"));
    }

    [Fact]
    public async Task TabsShareNoCookies()
    {
        await using var one = await browser.OpenAsync(Token);
        await using var other = await browser.OpenAsync(Token);

        await one.Context.AddCookiesAsync([new() { Name = "who", Value = "one", Url = "http://page.test/" }]);

        Assert.Single(await one.Context.CookiesAsync());
        Assert.Empty(await other.Context.CookiesAsync());
    }
}
