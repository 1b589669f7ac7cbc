using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Chat.Rooms;
using Chat.Web;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;

namespace Tests.Chat.Web;

/// <summary>The page as chat serves it: what is there, how long it may be cached, and which headers tell browsers so.</summary>
public sealed partial class PageTests
{
    private static readonly Dictionary<string, string?> Nowhere = new(StringComparer.Ordinal)
    {
        ["services:dbman:http:0"] = "http://127.0.0.1:9",
        ["services:realtime:http:0"] = "http://127.0.0.1:9",
        ["Sweeper:Interval"] = "00:10:00",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DocumentNamesOnlyFilesThatAreThere_AndAllModules()
    {
        await using var chat = Start();
        using var client = chat.ClientOf();

        var html = await client.GetStringAsync("/", Token);
        var names = Address().Matches(html).Select(static match => match.Groups["path"].Value).ToList();

        Assert.DoesNotContain("{base}", html, StringComparison.Ordinal);
        Assert.All(names, static name => Assert.StartsWith("/web/", name, StringComparison.Ordinal));
        foreach (var name in names)
        {
            using var answer = await client.GetAsync(name, Token);
            Assert.True(answer.IsSuccessStatusCode, name);
            Assert.True(answer.Headers.CacheControl is { Public: true, MaxAge.TotalDays: 365 }, name);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }

        var modules = chat.Get<PageFiles>().Names.Where(static name => name.EndsWith(".js", StringComparison.Ordinal)).ToList();
        Assert.All(modules, module => Assert.Contains(names, name => name.EndsWith($"/{module}", StringComparison.Ordinal)));
        Assert.Contains("sdk/realtime.js", modules);
        Assert.Contains("sdk/src/live/connection.js", modules);
    }

    [Fact]
    public async Task EveryImportLeadsToAFile()
    {
        await using var chat = Start();
        using var client = chat.ClientOf();
        var files = chat.Get<PageFiles>();

        foreach (var name in files.Names.Where(static name => name.EndsWith(".js", StringComparison.Ordinal)))
        {
            var address = new Uri(new Uri("http://page/"), name);
            foreach (var import in Import().Matches(await client.GetStringAsync($"/web/{files.Version}/{name}", Token)).Select(static match => match.Groups["path"].Value))
            {
                Assert.True(files.Find(new Uri(address, import).AbsolutePath[1..]) is not null, $"{name} imports {import}");
            }
        }
    }

    [Fact]
    public async Task PageLoadsNothingFromElsewhereAndMakesNoMarkupOfText()
    {
        await using var chat = Start();
        using var client = chat.ClientOf();
        var files = chat.Get<PageFiles>();

        foreach (var name in files.Names.Where(static name => !name.StartsWith(PageFiles.Sdk, StringComparison.Ordinal)))
        {
            var text = await client.GetStringAsync($"/web/{files.Version}/{name}", Token);
            Assert.DoesNotMatch(MarkupFromText(), text);

            // Comments of vendored files name where they come from.
            if (!name.StartsWith("vendor/", StringComparison.Ordinal))
            {
                Assert.DoesNotMatch(Elsewhere(), text);
            }
        }
    }

    [Fact]
    public async Task StrangerIsToldExactlyWhatThePageMayDo()
    {
        await using var chat = Start(("Web:SessionUrl", "https://id.example.org"), ("Web:FilemanUrl", "https://files.example.org/base"), ("Web:RealtimeUrl", "https://live.example.org:8443"));
        using var client = chat.ClientOf();
        using var answer = await client.GetAsync("/", Token);

        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"))
            .Split("; ").Select(static directive => directive.Split(' ', 2)).ToDictionary(static parts => parts[0], static parts => parts[1], StringComparer.Ordinal);
        Assert.Equal("'none'", policy["default-src"]);
        Assert.Equal("'self'", policy["script-src"]);
        Assert.Equal("'self'", policy["style-src"]);
        Assert.Equal("'self' blob:", policy["img-src"]);
        Assert.Equal(
            "'self' https://id.example.org https://files.example.org https://live.example.org:8443 wss://live.example.org:8443", policy["connect-src"]);
        Assert.Equal("'none'", policy["base-uri"]);
        Assert.Equal("'none'", policy["form-action"]);
        Assert.Equal("'none'", policy["frame-ancestors"]);
        Assert.Equal("'script'", policy["require-trusted-types-for"]);
        Assert.Equal("'none'", policy["trusted-types"]);
        foreach (var (header, value) in new[]
        {
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        })
        {
            Assert.Equal(value, Assert.Single(answer.Headers.GetValues(header)));
        }

        Assert.Contains("camera=()", Assert.Single(answer.Headers.GetValues("Permissions-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("")]
    public async Task FileComesInTheFormThatIsAskedFor_AndOnlyOnce(string encoding)
    {
        await using var chat = Start();
        using var client = chat.ClientOf();
        var plain = await client.GetByteArrayAsync("/sdk/realtime.js", Token);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/sdk/realtime.js");
        if (encoding.Length > 0)
        {
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
        }

        using var answer = await client.SendAsync(request, Token);
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        await using var decoded = encoding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var read = new MemoryStream();
        await decoded.CopyToAsync(read, Token);

        Assert.Equal(plain, read.ToArray());
        Assert.Equal(encoding, string.Join(",", answer.Content.Headers.ContentEncoding));
        Assert.Equal("Accept-Encoding", string.Join(",", answer.Headers.Vary));
        Assert.True(answer.Headers.CacheControl?.NoCache);

        using var again = new HttpRequestMessage(HttpMethod.Get, "/sdk/realtime.js");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        request.Headers.AcceptEncoding.ToList().ForEach(again.Headers.AcceptEncoding.Add);
        using var same = await client.SendAsync(again, Token);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Fact]
    public async Task OtherVersionsAddress_IsAnsweredButNotKept()
    {
        await using var chat = Start();
        using var client = chat.ClientOf();

        using var answer = await client.GetAsync("/web/0123456789abcdef/main.js", Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl is { NoCache: true, MaxAge: null });
    }

    [Theory]
    [InlineData("/web/1/nothing.js")]
    [InlineData("/web/1/../../appsettings.json")]
    [InlineData("/web/1/%2e%2e/%2e%2e/Chat.dll")]
    [InlineData("/sdk/package.json")]
    [InlineData("/sdk/..%2fmain.js")]
    public async Task WhatIsNoFileOfThePage_IsNotFound(string path)
    {
        await using var chat = Start();
        using var client = chat.ClientOf();

        using var answer = await client.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task ConfigIsThePagesOwnOrigin_WhereNothingIsConfigured()
    {
        await using var chat = Start();
        using var client = chat.ClientOf();

        using var config = JsonDocument.Parse(await client.GetStringAsync("/web/config.json", Token));

        Assert.Equal(["session", "chat", "fileman", "realtime"], config.RootElement.EnumerateObject().Select(static member => member.Name));
        Assert.All(config.RootElement.EnumerateObject(), static member => Assert.Equal("", member.Value.GetString()));
    }

    [Fact]
    public async Task PageCanBeSwitchedOff()
    {
        await using var chat = Start(("Web:Enabled", "false"));
        using var client = chat.ClientOf();

        using var answer = await client.GetAsync("/", Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public void WrongUrl_IsRefusedAtTheStart()
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Start(("Web:RealtimeUrl", "live.example.org"), ("Web:SessionUrl", "https://a/?b; script-src *")));

        Assert.Contains("Web:RealtimeUrl", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Web:SessionUrl", failure.Message, StringComparison.Ordinal);
    }

    private static RunningService<RoomEvents> Start(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(Nowhere, StringComparer.Ordinal);
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return RunningService<RoomEvents>.Start(all);
    }

    [GeneratedRegex("(?:src|href)=\"(?<path>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();

    [GeneratedRegex("""^\s*(import|export)\b[^;"]*\bfrom "(?<path>\.[^"]+)";|^import "(?<path>\.[^"]+)";""", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Import();

    [GeneratedRegex(@"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTMLUnsafe|eval\(|new Function|srcdoc)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MarkupFromText();

    /// <summary>Addresses of other machines; the name of SVG is an identifier, not an address.</summary>
    [GeneratedRegex(@"(?<!\w)(https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9-]+\.[a-z]{2,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Elsewhere();
}
