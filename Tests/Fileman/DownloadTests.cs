using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Contracts;
using Tests.Fileman.Pictures;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Fileman;

public sealed class DownloadTests(FilemanSystem system) : IClassFixture<FilemanSystem>
{
    private static readonly byte[] Digits = "0123456789"u8.ToArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ContentCannotRunInOurOrigin_HoweverItIsAskedFor()
    {
        var tenant = await system.CreateTenantAsync();
        var id = await tenant["ann"].UploadedAsync("<script>alert(1)</script>"u8.ToArray(), "text/plain", "ä \"b\".txt");
        foreach (var query in new[] { "", "?disposition=attachment", "?disposition=inline" })
        {
            using var response = await tenant["bob"].DownloadAsync(id, query: query);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
            Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
            Assert.Equal("ä \"b\".txt", response.Content.Headers.ContentDisposition.FileNameStar);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("sandbox; default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        }

        await RefusedAsync(tenant["bob"].DownloadAsync(id, query: "?disposition=evil"), 400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task PictureIsInline_OnlyWhenAskedFor()
    {
        var tenant = await system.CreateTenantAsync();
        var id = await tenant["ann"].UploadedAsync(TestPictures.Simple(".gif"), "image/gif", "x.gif");
        using var attachment = await tenant["ann"].DownloadAsync(id);
        Assert.Equal("attachment", attachment.Content.Headers.ContentDisposition!.DispositionType);
        using var inline = await tenant["ann"].DownloadAsync(id, query: "?disposition=inline");
        Assert.Equal("inline", inline.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("sandbox; default-src 'none'", inline.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Theory]
    [InlineData("bytes=0-0", "0", "bytes 0-0/10")]
    [InlineData("bytes=3-", "3456789", "bytes 3-9/10")]
    [InlineData("bytes=-4", "6789", "bytes 6-9/10")]
    [InlineData("bytes=8-100", "89", "bytes 8-9/10")]
    public async Task OneRangeComesAlone(string range, string expected, string contentRange)
    {
        var (tenant, id) = await DigitsAsync();
        using var response = await tenant["ann"].DownloadAsync(id, headers => headers.TryAddWithoutValidation("Range", range));
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(contentRange, response.Content.Headers.ContentRange!.ToString());
        Assert.Equal(expected.Length, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task SeveralRangesComeInParts()
    {
        var (tenant, id) = await DigitsAsync();
        using var response = await tenant["ann"].DownloadAsync(id, static headers => headers.TryAddWithoutValidation("Range", "bytes=0-1,5-6,-1"));
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal("multipart/byteranges", response.Content.Headers.ContentType!.MediaType);
        var boundary = response.Content.Headers.ContentType.Parameters.Single().Value;
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(response.Content.Headers.ContentLength, body.Length);
        var parts = body.Split("--" + boundary);
        Assert.Equal("--\r\n", parts[^1]);
        Assert.Equal(
            [("bytes 0-1/10", "01"), ("bytes 5-6/10", "56"), ("bytes 9-9/10", "9")],
            parts[1..^1].Select(static part => (
                part.Split("Content-Range: ")[1].Split("\r\n")[0],
                part.Split("\r\n\r\n")[1].TrimEnd('\r', '\n'))));
        Assert.All(parts[1..^1], static part => Assert.Contains("Content-Type: text/plain; charset=utf-8\r\n", part, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=5-3")]
    [InlineData("bytes=x")]
    [InlineData("bytes=0-5,3-9")]
    [InlineData("bytes=-0")]
    public async Task Is416_WhenTheRangeIsOutOfBoundsOrWrong(string range)
    {
        var (tenant, id) = await DigitsAsync();
        using var response = await tenant["ann"].DownloadAsync(id, headers => headers.TryAddWithoutValidation("Range", range));
        Assert.Equal("bytes */10", response.Content.Headers.ContentRange!.ToString());
        await RefusedAsync(Task.FromResult(response), 416, ProblemTypes.RangeNotSatisfiable);
    }

    [Fact]
    public async Task EverythingComes_WhenTheUnitIsUnknown()
    {
        var (tenant, id) = await DigitsAsync();
        using var response = await tenant["ann"].DownloadAsync(id, static headers => headers.TryAddWithoutValidation("Range", "items=0-1"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
    }

    [Theory]
    [InlineData("bytesx=0-1")]
    [InlineData("bytesx=")]
    [InlineData("byte=0-1")]
    [InlineData("bytes")]
    public async Task EverythingComes_WhenTheUnitIsNearlyBytes(string range)
    {
        var (tenant, id) = await DigitsAsync();
        using var response = await tenant["ann"].DownloadAsync(id, headers => headers.TryAddWithoutValidation("Range", range));
        Assert.Equal((HttpStatusCode.OK, 10L), (response.StatusCode, response.Content.Headers.ContentLength));
    }

    [Theory]
    [InlineData("If-Match", "\"other\"", 412)]
    [InlineData("If-Match", "W/{tag}", 412)]
    [InlineData("If-Match", "no tag", 412)]
    [InlineData("If-Match", "{tag}", 200)]
    [InlineData("If-Match", "\"other\", {tag}", 200)]
    [InlineData("If-Match", "*", 200)]
    [InlineData("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", 412)]
    [InlineData("If-Unmodified-Since", "{modified}", 200)]
    [InlineData("If-Unmodified-Since", "yesterday", 200)]
    [InlineData("If-None-Match", "no tag", 200)]
    public async Task ConditionsAreThoseOfRfc9110(string name, string value, int status)
    {
        var (tenant, id) = await DigitsAsync();
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Digits))}\"";
        using var first = await tenant["ann"].DownloadAsync(id);
        var modified = first.Content.Headers.LastModified!.Value.ToString("r", System.Globalization.CultureInfo.InvariantCulture);
        using var response = await tenant["ann"].DownloadAsync(
            id,
            headers => headers.TryAddWithoutValidation(name, value.Replace("{tag}", tag, StringComparison.Ordinal).Replace("{modified}", modified, StringComparison.Ordinal)));
        if (status == 412)
        {
            await RefusedAsync(Task.FromResult(response), 412, "urn:problem:precondition-failed");
        }
        else
        {
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task TheTagDecides_WhenThereIsAConditionOnTheDateToo()
    {
        var (tenant, id) = await DigitsAsync();
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Digits))}\"";
        using var matches = await tenant["ann"].DownloadAsync(id, headers =>
        {
            headers.TryAddWithoutValidation("If-Match", tag);
            headers.TryAddWithoutValidation("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT");
        });
        Assert.Equal(HttpStatusCode.OK, matches.StatusCode);
        using var other = await tenant["ann"].DownloadAsync(id, static headers =>
        {
            headers.TryAddWithoutValidation("If-None-Match", "\"other\"");
            headers.TryAddWithoutValidation("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT");
        });
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task EverythingComes_WhenIfRangeCannotBeRead()
    {
        var (tenant, id) = await DigitsAsync();
        using var response = await tenant["ann"].DownloadAsync(id, static headers =>
        {
            headers.TryAddWithoutValidation("Range", "bytes=0-1");
            headers.TryAddWithoutValidation("If-Range", "no tag");
        });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task EmptyContentComes_AndHasNoRange()
    {
        var tenant = await system.CreateTenantAsync();
        var id = await tenant["ann"].UploadedAsync([]);
        using var whole = await tenant["ann"].DownloadAsync(id);
        Assert.Equal((HttpStatusCode.OK, 0), (whole.StatusCode, (int)whole.Content.Headers.ContentLength!));
        using var range = await tenant["ann"].DownloadAsync(id, static headers => headers.Range = new RangeHeaderValue(0, 0));
        Assert.Equal("bytes */0", range.Content.Headers.ContentRange!.ToString());
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, range.StatusCode);
    }

    [Fact]
    public async Task CopyIsStillRight_WhenTheTagIsTheContentsHash()
    {
        var (tenant, id) = await DigitsAsync();
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Digits))}\"";
        using var first = await tenant["ann"].DownloadAsync(id);
        Assert.Equal(tag, first.Headers.ETag!.ToString());
        Assert.Equal("no-cache, private", first.Headers.CacheControl!.ToString());
        foreach (var known in new[] { tag, "W/" + tag, $"\"other\", {tag}", "*" })
        {
            using var same = await tenant["ann"].DownloadAsync(id, headers => headers.TryAddWithoutValidation("If-None-Match", known));
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Equal(tag, same.Headers.ETag!.ToString());
            Assert.Empty(await same.Content.ReadAsByteArrayAsync(Token));
        }

        using var other = await tenant["ann"].DownloadAsync(id, static headers => headers.TryAddWithoutValidation("If-None-Match", "\"other\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        using var since = await tenant["ann"].DownloadAsync(id, headers => headers.IfModifiedSince = first.Content.Headers.LastModified);
        Assert.Equal(HttpStatusCode.NotModified, since.StatusCode);
    }

    [Fact]
    public async Task RangeCounts_OnlyWhenIfRangeNamesThisContent()
    {
        var (tenant, id) = await DigitsAsync();
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Digits))}\"";
        foreach (var (condition, status) in new[] { (tag, 206), ("\"other\"", 200), ("W/" + tag, 200), ("Mon, 01 Jan 2001 00:00:00 GMT", 200) })
        {
            using var response = await tenant["ann"].DownloadAsync(id, headers =>
            {
                headers.TryAddWithoutValidation("Range", "bytes=0-1");
                headers.TryAddWithoutValidation("If-Range", condition);
            });
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task HeadSaysWhatGetWould_WithoutTheBody()
    {
        var (tenant, id) = await DigitsAsync();
        using var head = await tenant["ann"].DownloadAsync(id, method: HttpMethod.Head);
        Assert.Equal((HttpStatusCode.OK, 10L), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.NotNull(head.Headers.ETag);
    }

    [Fact]
    public async Task FileIsReadByItsTenantOnly()
    {
        var (tenant, id) = await DigitsAsync();
        var other = await system.CreateTenantAsync();
        foreach (var path in new[] { $"/v1/files/{id}", $"/v1/files/{id}/content" })
        {
            using var own = await tenant["bob"].GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, own.StatusCode);
            await RefusedAsync(other["ann"].GetAsync(path), 404, ProblemTypes.FileNotFound);
            await RefusedAsync(other["admin"].GetAsync(path), 404, ProblemTypes.FileNotFound);
        }

        await RefusedAsync(other["admin"].DeleteAsync($"/v1/files/{id}"), 404, ProblemTypes.FileNotFound);
        using var nobody = system.Fileman.ClientOf();
        await RefusedAsync(nobody.GetAsync($"/v1/files/{id}/content", Token), 401, ProblemTypes.Unauthenticated);
        foreach (var path in new[] { "/v1/files/a:b", "/v1/files/a:b/content", "/v1/files/a%0Ab/content" })
        {
            await RefusedAsync(tenant["ann"].GetAsync(path), 400, ProblemTypes.InvalidId);
        }
    }

    [Fact]
    public async Task OwnFilesAreListed_AndAdminsSeeAll()
    {
        var tenant = await system.CreateTenantAsync();
        var ann = new[] { await tenant["ann"].UploadedAsync("1"u8.ToArray()), await tenant["ann"].UploadedAsync("2"u8.ToArray()) };
        var bob = await tenant["bob"].UploadedAsync("3"u8.ToArray());
        Assert.Equal(ann.Order(StringComparer.Ordinal), await ListAsync(tenant["ann"]));
        Assert.Equal([bob], await ListAsync(tenant["bob"]));
        Assert.Equal(((string[])[.. ann, bob]).Order(StringComparer.Ordinal), await ListAsync(tenant["admin"]));
        await RefusedAsync(tenant["ann"].GetAsync("/v1/files?limit=0"), 400, ProblemTypes.InvalidRequest);
        await RefusedAsync(tenant["ann"].GetAsync("/v1/files?after=a/b"), 400, ProblemTypes.InvalidId);
    }

    [Fact]
    public async Task FileIsGone_WhenItsOwnerOrAnAdminDeletesIt()
    {
        var tenant = await system.CreateTenantAsync();
        foreach (var who in new[] { "ann", "admin" })
        {
            var id = await tenant["ann"].UploadedAsync(Digits);
            await RefusedAsync(tenant["bob"].DeleteAsync($"/v1/files/{id}"), 403, ProblemTypes.Forbidden);
            await ReadAsync(tenant[who].DeleteAsync($"/v1/files/{id}"), 204);
            await RefusedAsync(tenant["ann"].GetAsync($"/v1/files/{id}"), 404, ProblemTypes.FileNotFound);
            await RefusedAsync(tenant["ann"].DownloadAsync(id), 404, ProblemTypes.FileNotFound);
            await RefusedAsync(tenant[who].DeleteAsync($"/v1/files/{id}"), 404, ProblemTypes.FileNotFound);
        }

        Assert.Equal(0, (await system.UsageAsync(tenant.Id)).UsedBytes);
    }

    private static async Task<List<string>> ListAsync(Caller caller)
    {
        List<string> ids = [];
        string? after = null;
        do
        {
            var page = await ReadAsync(caller.GetAsync("/v1/files?limit=1" + (after is null ? "" : $"&after={after}")), 200);
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(static file => file.GetProperty("id").GetString()!));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);
        return ids;
    }

    private async Task<(TestTenant Tenant, string Id)> DigitsAsync()
    {
        var tenant = await system.CreateTenantAsync();
        return (tenant, await tenant["ann"].UploadedAsync(Digits));
    }
}
