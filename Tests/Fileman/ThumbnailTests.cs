using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using Contracts;
using Contracts.Files;
using Fileman.Thumbnails;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Tests.Fileman.Pictures;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;
using PictureOptions = Fileman.Pictures.PictureOptions;

namespace Tests.Fileman;

public sealed class ThumbnailTests(FilemanSystem system) : IClassFixture<FilemanSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("image/jpeg", ".jpg")]
    [InlineData("image/png", ".png")]
    [InlineData("image/webp", ".webp")]
    [InlineData("image/avif", ".avif")]
    public async Task ThumbnailIsSmallUprightAndSaysNothing(string type, string ending)
    {
        var tenant = await system.CreateTenantAsync();
        var id = await tenant["ann"].UploadedAsync(TestPictures.Tagged(ending, 1_500, 1_000), type, "photo" + ending);
        using var response = await ThumbnailAsync(tenant["bob"], id);
        Assert.Equal((HttpStatusCode.OK, "image/webp"), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("sandbox; default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-cache, private", response.Headers.CacheControl!.ToString());
        var bytes = await response.Content.ReadAsByteArrayAsync(Token);
        using var picture = NetVips.Image.NewFromBuffer(bytes);

        Assert.Equal((427, 640), (picture.Width, picture.Height));
        Assert.DoesNotContain(TestPictures.FieldsOf(bytes), static field => field.StartsWith("exif-", StringComparison.Ordinal) || field is "xmp-data" or "icc-profile-data");
        var stored = await system.Store.Files.GetAsync(tenant.Id, id, Token);
        Assert.Equal(new PictureInfo(1_500, 1_000, Animated: false), stored.Value.Picture);
    }

    [Fact]
    public async Task PlaceIsNotInWhatIsStored()
    {
        var tenant = await system.CreateTenantAsync();
        var picture = TestPictures.Tagged(".jpg");
        var file = await ReadAsync(tenant["ann"].UploadAsync(picture, "image/jpeg", "photo.jpg"), 201);
        using var download = await tenant["bob"].DownloadAsync(file.GetProperty("id").GetString()!);
        var stored = await download.Content.ReadAsByteArrayAsync(Token);
        Assert.DoesNotContain(TestPictures.Secret, System.Text.Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
        Assert.Equal(TestPictures.Turned, TestPictures.OrientationOf(stored));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stored)), file.GetProperty("sha256").GetString());
        Assert.Equal((stored.Length, stored.Length), (file.GetProperty("size").GetInt32(), (int)(await system.UsageAsync(tenant.Id)).UsedBytes));
        Assert.True(stored.Length < picture.Length);
    }

    [Fact]
    public async Task MovingPictureKeepsItsFrames_AndSaysSo()
    {
        var tenant = await system.CreateTenantAsync();
        foreach (var (type, ending) in ((string, string)[])[("image/gif", ".gif"), ("image/webp", ".webp")])
        {
            var moving = TestPictures.Moving(ending);
            var file = await ReadAsync(tenant["ann"].UploadAsync(moving, type, "a" + ending), 201);
            Assert.True(file.GetProperty("picture").GetProperty("animated").GetBoolean());
            using var download = await tenant["bob"].DownloadAsync(file.GetProperty("id").GetString()!, query: "?disposition=inline");
            Assert.Equal("inline", download.Content.Headers.ContentDisposition!.DispositionType);
            Assert.Equal(TestPictures.PixelsOf(moving, all: true), TestPictures.PixelsOf(await download.Content.ReadAsByteArrayAsync(Token), all: true));
            using var thumbnail = await ThumbnailAsync(tenant["bob"], file.GetProperty("id").GetString()!);
            Assert.Equal(HttpStatusCode.OK, thumbnail.StatusCode);
        }
    }

    [Fact]
    public async Task CopyIsStillRight_WhenItsTagIsNamed()
    {
        var (tenant, id) = await PictureAsync();
        using var first = await ThumbnailAsync(tenant["ann"], id);
        using var same = await ThumbnailAsync(tenant["ann"], id, headers => headers.IfNoneMatch.Add(first.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(first.Headers.ETag, same.Headers.ETag);
        using var content = await tenant["ann"].DownloadAsync(id);
        Assert.NotEqual(content.Headers.ETag, first.Headers.ETag);
    }

    [Fact]
    public async Task ThumbnailIsForThoseWhoMayReadTheFile()
    {
        var (tenant, id) = await PictureAsync();
        var other = await system.CreateTenantAsync();
        await RefusedAsync(ThumbnailAsync(other["ann"], id), 404, ProblemTypes.FileNotFound);
        await RefusedAsync(ThumbnailAsync(other["admin"], id), 404, ProblemTypes.FileNotFound);
        using var nobody = system.Fileman.ClientOf();
        await RefusedAsync(nobody.GetAsync($"/v1/files/{id}/thumbnail", Token), 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(ThumbnailAsync(tenant["ann"], "a:b"), 400, ProblemTypes.InvalidId);
        using var made = await ThumbnailAsync(tenant["bob"], id);
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        await RefusedAsync(ThumbnailAsync(other["ann"], id), 404, ProblemTypes.FileNotFound);
        await ReadAsync(tenant["ann"].DeleteAsync($"/v1/files/{id}"), 204);
        await RefusedAsync(ThumbnailAsync(tenant["bob"], id), 404, ProblemTypes.FileNotFound);
    }

    [Fact]
    public async Task ThumbnailIsCharged_MadeOnce_AndGoesWithItsFile()
    {
        await using var fileman = system.StartFileman(("Reaper:Interval", "00:00:00.050"));
        using var made = new MetricCollector<long>(fileman.Get<IMeterFactory>(), "Fileman", "fileman.thumbnails");
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        var picture = TestPictures.Simple(".jpg");
        var id = await tenant["ann"].UploadedAsync(picture, "image/jpeg", "a.jpg");
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var response = await ThumbnailAsync(tenant["bob"], id);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return await response.Content.ReadAsByteArrayAsync(Token);
        }));
        Assert.All(all, bytes => Assert.Equal(all[0], bytes));
        Assert.Equal(["made"], made.GetMeasurementSnapshot().Select(static one => one.Tags["outcome"]));
        Assert.Equal([$"t.{tenant.Id}.{id}", $"t.{tenant.Id}.{id}.thumbnail"], system.OnDisk(tenant.Id).Order(StringComparer.Ordinal));
        var size = (await system.Store.Files.GetAsync(tenant.Id, id, Token)).Value.Size;
        Assert.Equal(size + all[0].Length, (await system.UsageAsync(tenant.Id)).UsedBytes);

        await ReadAsync(tenant["ann"].DeleteAsync($"/v1/files/{id}"), 204);
        Assert.Equal(0, (await system.UsageAsync(tenant.Id)).UsedBytes);
        await system.WaitForDiskAsync(tenant.Id, 0);
    }

    [Fact]
    public async Task PictureOfTooManyPixels_IsAnOpaqueDownload()
    {
        var tenant = await system.CreateTenantAsync();
        var bomb = TestPictures.Bomb(20_000, 20_000);
        Assert.InRange(bomb.Length, 0, 500_000);
        var file = await ReadAsync(tenant["ann"].UploadAsync(bomb, "image/png", "bomb.png"), 201);
        Assert.Equal("application/octet-stream", file.GetProperty("contentType").GetString());
        Assert.False(file.TryGetProperty("picture", out _));
        var id = file.GetProperty("id").GetString()!;
        using var download = await tenant["bob"].DownloadAsync(id, query: "?disposition=inline");
        Assert.Equal("attachment", download.Content.Headers.ContentDisposition!.DispositionType);
        await RefusedAsync(ThumbnailAsync(tenant["bob"], id), 404, ProblemTypes.ThumbnailNotFound);
    }

    /// <summary>Stored before sizes were read: a worker determines it on the first request, without decoding a pixel, and it is stored.</summary>
    [Fact]
    public async Task OlderFileIsMeasured_WhenItsThumbnailIsFirstAskedFor()
    {
        await using var before = system.StartFileman(("Pictures:MaxPixels", "1000000000"));
        using var decoded = new MetricCollector<long>(system.Fileman.Get<IMeterFactory>(), "Fileman", "fileman.thumbnails");
        var tenant = await system.CreateTenantAsync();
        using var earlier = new Caller(before.Address, tenant.Id, "ann");
        var bomb = await earlier.UploadedAsync(TestPictures.Bomb(20_000, 20_000), "image/png", "bomb.png");
        await RefusedAsync(ThumbnailAsync(tenant["bob"], bomb), 404, ProblemTypes.ThumbnailNotFound);
        await RefusedAsync(ThumbnailAsync(tenant["bob"], bomb), 404, ProblemTypes.ThumbnailNotFound);
        Assert.Equal(0, (await system.Store.Files.GetAsync(tenant.Id, bomb, Token)).Value.ThumbnailBytes);
        Assert.Single(decoded.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task WorkerMayNotTakeMoreMemory_AndWhatItCannotDoIsNotTriedAgain()
    {
        await using var fileman = system.StartFileman(("Pictures:WorkerMemoryBytes", (192 * 1_024 * 1_024).ToString()));
        using var decoded = new MetricCollector<long>(fileman.Get<IMeterFactory>(), "Fileman", "fileman.thumbnails");
        var tenant = await system.CreateTenantAsync(fileman: fileman);

        // Interlaced: libvips holds all of it, 147 MB beside what the runtime has.
        using var wide = NetVips.Image.Black(7_000, 7_000, bands: 3);
        var id = await tenant["ann"].UploadedAsync(wide.PngsaveBuffer(compression: 1, interlace: true), "image/png", "wide.png");
        await RefusedAsync(ThumbnailAsync(tenant["bob"], id), 404, ProblemTypes.ThumbnailNotFound);
        await RefusedAsync(ThumbnailAsync(tenant["bob"], id), 404, ProblemTypes.ThumbnailNotFound);
        Assert.Single(decoded.GetMeasurementSnapshot());
        await ReadAsync(tenant["ann"].GetAsync("/health/live"), 200);
        using var small = await ThumbnailAsync(tenant["ann"], await tenant["ann"].UploadedAsync(TestPictures.Simple(".png"), "image/png", "a.png"));
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
    }

    [Fact]
    public async Task WorkerIsKilled_WhenItTakesTooLong()
    {
        var time = new FakeTimeProvider();
        var worker = new WorkerProcess(Options.Create(new PictureOptions()), time, NullLogger<WorkerProcess>.Instance);
        using var endless = new Endless();
        var running = worker.RunAsync(endless, int.MaxValue, Token);
        await endless.Asked.WaitAsync(Token);
        time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal((WorkerOutcome.TooSlow, null), await running);
    }

    [Fact]
    public async Task Is503_WhenTooManyWait()
    {
        // The first holds the only worker: its result is being stored.
        var release = new TaskCompletionSource();
        var holds = new TaskCompletionSource();
        await using var slow = await CountingProxy.StartAsync(system.Dbman.Address, Token, async request =>
        {
            if (request.Path.Value!.EndsWith("/thumbnail", StringComparison.Ordinal) && holds.TrySetResult())
            {
                await release.Task;
            }
        });
        await using var fileman = system.StartFileman(("services:dbman:http:0", slow.Address.ToString()), ("Pictures:Queue", "0"));
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        var first = await tenant["ann"].UploadedAsync(TestPictures.Simple(".png"), "image/png", "a.png");
        var second = await tenant["ann"].UploadedAsync(TestPictures.Simple(".jpg"), "image/jpeg", "b.jpg");
        var running = ThumbnailAsync(tenant["bob"], first);
        await holds.Task.WaitAsync(Token);
        using var refused = await ThumbnailAsync(tenant["bob"], second);
        Assert.NotNull(refused.Headers.RetryAfter);
        await RefusedAsync(Task.FromResult(refused), 503, ProblemTypes.Overloaded);
        release.SetResult();
        using var made = await running;
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        using var now = await ThumbnailAsync(tenant["bob"], second);
        Assert.Equal(HttpStatusCode.OK, now.StatusCode);
    }

    [Fact]
    public async Task ThereIsNone_WhenTheFileIsNoPicture()
    {
        var tenant = await system.CreateTenantAsync();
        var text = await tenant["ann"].UploadedAsync("x"u8.ToArray());
        await RefusedAsync(ThumbnailAsync(tenant["ann"], text), 404, ProblemTypes.ThumbnailNotFound);

        // Well formed as far as uploads are checked, and impossible to decode.
        var broken = TestPictures.Simple(".png");
        broken.AsSpan(60).Fill(7);
        var picture = await tenant["ann"].UploadedAsync(broken[..200], "image/png", "a.png");
        await RefusedAsync(ThumbnailAsync(tenant["ann"], picture), 404, ProblemTypes.ThumbnailNotFound);
    }

    private static async Task<HttpResponseMessage> ThumbnailAsync(Caller caller, string file, Action<HttpRequestHeaders>? headers = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/files/{file}/thumbnail");
        headers?.Invoke(request.Headers);
        return await caller.Http.SendAsync(request, Token);
    }

    private async Task<(TestTenant Tenant, string Id)> PictureAsync()
    {
        var tenant = await system.CreateTenantAsync();
        return (tenant, await tenant["ann"].UploadedAsync(TestPictures.Simple(".png"), "image/png", "a.png"));
    }

    /// <summary>A content whose first bytes come, and then nothing.</summary>
    private sealed class Endless : MemoryStream
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
    }
}
