using System.Net;

namespace Tests.Native.Dashboards;

/// <summary>Who gets into the dashboard, and who does not.</summary>
[Collection(AppHostProcess.Collection)]
public sealed class DashboardAccessTests(DashboardRun run) : IAsyncLifetime
{
    private static CancellationToken Token => App.Token;

    public async ValueTask InitializeAsync() => await run.StartedAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("/")]
    [InlineData("/console")]
    public async Task NothingIsShown_WithoutASession(string path)
    {
        using var client = run.CreateClient();

        using var response = await client.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/login", response.Headers.Location!.AbsolutePath);
    }

    [Fact]
    public async Task NoPageComesToLife_WithoutASession()
    {
        using var client = run.CreateClient();

        using var response = await client.PostAsync("/_blazor/negotiate?negotiateVersion=1", content: null, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task LinkIsGoodOnce_AndTheNextIsPrinted()
    {
        using var client = run.CreateClient();
        var used = await run.WithLinkAsync(async link =>
        {
            using var first = await client.GetAsync(link, Token);
            Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
            var cookie = first.Headers.GetValues("Set-Cookie").First();
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
            return link;
        });

        // Who is in stays in, and uses nothing up.
        using var again = await client.GetAsync(used, Token);
        Assert.Equal("/", again.Headers.Location!.OriginalString);

        using var stranger = run.CreateClient();
        using var refused = await stranger.GetAsync(used, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("has printed last", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        // The second browser takes the link that was printed since, or pastes it.
        await run.WithLinkAsync(async link =>
        {
            using var form = new FormUrlEncodedContent([new("token", link.ToString()), new("returnTo", "/graph")]);
            using var pasted = await stranger.PostAsync("/login", form, Token);
            Assert.Equal("/graph", pasted.Headers.Location!.OriginalString);
            return link;
        });
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "http://localhost:5101")]
    public async Task ForeignNamesAndOriginsAreRefused(string header, string value)
    {
        using var client = run.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/login");
        request.Headers.TryAddWithoutValidation(header, value);

        using var response = await client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task PagesMayNotRunWhatIsWrittenIntoThem()
    {
        using var client = run.CreateClient();

        using var response = await client.GetAsync("/login", Token);

        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("eval", policy, StringComparison.Ordinal);
    }
}
