using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Contracts;
using Tests.Fileman.Blobs;
using Tests.Fileman.Pictures;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Fileman;

public sealed class UploadTests(FilemanSystem system) : IClassFixture<FilemanSystem>
{
    private static readonly byte[] Png = TestPictures.Bomb(1_000, 1_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OneUploadTooManyIsRefused_AndOthersUpload()
    {
        await using var fileman = system.StartFileman(("Rates:uploads:UserBurst", "2"), ("Rates:uploads:UserPerSecond", "0.01"));
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        await tenant["ann"].UploadedAsync("1"u8.ToArray());
        await tenant["ann"].UploadedAsync("2"u8.ToArray());
        await RefusedAsync(tenant["ann"].UploadAsync("3"u8.ToArray()), 429, ProblemTypes.TooManyRequests);
        await tenant["bob"].UploadedAsync("4"u8.ToArray());
    }

    [Fact]
    public async Task FileIsDescribed_WhenUploaded()
    {
        var tenant = await system.CreateTenantAsync();
        using var response = await tenant["ann"].UploadAsync(Png, "image/PNG", "../pictures/Ännchen 🚀.png");
        var file = await ReadAsync(Task.FromResult(response), 201);
        var id = file.GetProperty("id").GetString();
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal($"/v1/files/{id}", response.Headers.Location!.ToString());
        Assert.Equal(("ann", "Ännchen 🚀.png", "image/png", Png.Length, Convert.ToHexStringLower(SHA256.HashData(Png))), (
            file.GetProperty("owner").GetString(),
            file.GetProperty("name").GetString(),
            file.GetProperty("contentType").GetString(),
            file.GetProperty("size").GetInt32(),
            file.GetProperty("sha256").GetString()));
        Assert.False(file.TryGetProperty("tenant", out _));

        var read = await ReadAsync(tenant["bob"].GetAsync($"/v1/files/{id}"), 200);
        Assert.Equal(file.ToString(), read.ToString());
        var usage = await system.UsageAsync(tenant.Id);
        Assert.Equal((Png.Length, 0), (usage.UsedBytes, usage.ReservedBytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(5_000_000)]
    public async Task ContentComesBack_WhetherItsLengthWasDeclaredOrNot(int size)
    {
        var tenant = await system.CreateTenantAsync();
        var bytes = Encoding.ASCII.GetBytes(new string('x', size));
        foreach (var content in new HttpContent[] { new ByteArrayContent(bytes), new Chunked(bytes) })
        {
            var file = await ReadAsync(tenant["ann"].UploadAsync(content, "text/plain"), 201);
            using var download = await tenant["ann"].DownloadAsync(file.GetProperty("id").GetString()!);
            Assert.Equal(bytes, await download.Content.ReadAsByteArrayAsync(Token));
            Assert.Equal(size, download.Content.Headers.ContentLength);
        }
    }

    [Fact]
    public async Task Is413_WhenTheFileIsTooLong_AndNothingStays()
    {
        await using var fileman = system.StartFileman(("Uploads:MaxBytes", "100000"));
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        await ReadAsync(tenant["ann"].UploadAsync(new byte[100_000].Select(static _ => (byte)'x').ToArray()), 201);
        var tooLong = new byte[100_001].Select(static _ => (byte)'x').ToArray();
        await RefusedAsync(tenant["ann"].UploadAsync(tooLong), 413, ProblemTypes.PayloadTooLarge);
        await RefusedAsync(tenant["ann"].UploadAsync(new Chunked(tooLong), "text/plain"), 413, ProblemTypes.PayloadTooLarge);
        await system.WaitForNoReservationAsync(tenant.Id);
        Assert.Single(system.OnDisk(tenant.Id));
    }

    [Fact]
    public async Task LimitsAreTold_BeforeAnythingIsSent()
    {
        await using var fileman = system.StartFileman(("Uploads:MaxBytes", "100000"), ("Uploads:AllowedTypes:0", "Text/Plain"), ("Uploads:AllowedTypes:1", "text/html"), ("Uploads:AllowedTypes:2", "application/x-own"));
        var narrow = await system.CreateTenantAsync(fileman: fileman);
        var limits = await ReadAsync(narrow["ann"].GetAsync("/v1/files/limits"), 200);
        Assert.Equal(100_000, limits.GetProperty("maxBytes").GetInt64());
        Assert.Equal(["application/x-own", "text/plain"], limits.GetProperty("contentTypes").EnumerateArray().Select(static type => type.GetString()));

        var tenant = await system.CreateTenantAsync();
        var types = (await ReadAsync(tenant["ann"].GetAsync("/v1/files/limits"), 200)).GetProperty("contentTypes").EnumerateArray().Select(static type => type.GetString()).ToList();
        Assert.Contains("image/png", types);
        Assert.Contains("*/*", types);
        Assert.DoesNotContain("image/svg+xml", types);
    }

    [Fact]
    public async Task SenderSeesTheRefusal_WhenMostOfItsBodyIsStillToCome()
    {
        await using var fileman = system.StartFileman(("Uploads:AllowedTypes:0", "text/plain"));
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        var bytes = new byte[15_000_000].Select(static _ => (byte)'x').ToArray();
        bytes[100_000] = 0;
        await RefusedAsync(tenant["ann"].UploadAsync(bytes), 415, ProblemTypes.UnsupportedMediaType);
        await RefusedAsync(tenant["ann"].UploadAsync(new Chunked([.. bytes, .. bytes]), "image/png"), 415, ProblemTypes.UnsupportedMediaType);
        bytes[100_000] = (byte)'x';
        await RefusedAsync(tenant["ann"].UploadAsync(new Chunked([.. bytes, .. bytes]), "text/plain"), 413, ProblemTypes.PayloadTooLarge);
        await RefusedAsync(tenant["ann"].UploadAsync([.. bytes, .. bytes]), 413, ProblemTypes.PayloadTooLarge);
    }

    [Fact]
    public async Task Is413_WhenTheQuotaIsUsedUp_AndSpaceIsGivenBackByFailuresAndDeletion()
    {
        await using var fileman = system.StartFileman(("Uploads:AllowedTypes:0", "text/plain"));
        var tenant = await system.CreateTenantAsync(quota: 10_000, fileman: fileman);
        var first = await tenant["ann"].UploadedAsync(new byte[6_000].Select(static _ => (byte)'x').ToArray());
        await RefusedAsync(tenant["bob"].UploadAsync(new byte[4_001].Select(static _ => (byte)'x').ToArray()), 413, ProblemTypes.QuotaExceeded);

        // Fails after its reservation: NUL in the middle of a text.
        await RefusedAsync(tenant["bob"].UploadAsync([.. new byte[3_000].Select(static _ => (byte)'x'), 0]), 415, ProblemTypes.UnsupportedMediaType);
        await system.WaitForNoReservationAsync(tenant.Id);
        await ReadAsync(tenant["bob"].UploadAsync(new byte[4_000].Select(static _ => (byte)'x').ToArray()), 201);
        await ReadAsync(tenant["ann"].DeleteAsync($"/v1/files/{first}"), 204);
        await ReadAsync(tenant["bob"].UploadAsync(new byte[6_000].Select(static _ => (byte)'x').ToArray()), 201);
    }

    [Fact]
    public async Task Is415_WhenItIsCompressedOnTheWay()
    {
        var tenant = await system.CreateTenantAsync();
        using var packed = new ByteArrayContent("x"u8.ToArray());
        packed.Headers.ContentEncoding.Add("gzip");
        await RefusedAsync(tenant["ann"].UploadAsync(packed, "text/plain"), 415, ProblemTypes.UnsupportedMediaType);
    }

    [Fact]
    public async Task TheNameIsCut_WhenItIsTooLong()
    {
        var tenant = await system.CreateTenantAsync();
        foreach (var start in (string[])["", "\ud83d\ude80"])
        {
            var file = await ReadAsync(tenant["ann"].UploadAsync("x"u8.ToArray(), name: start + new string('x', 255) + ".txt"), 201);
            Assert.Equal(start + new string('x', 196 - start.Length) + ".txt", file.GetProperty("name").GetString());
        }
    }

    [Theory]
    [InlineData("Content-Length: 1000000", "")]
    [InlineData("Transfer-Encoding: chunked", "1000\r\n")]
    [InlineData("Transfer-Encoding: chunked", "nonsense\r\n")]
    public async Task NothingStays_WhenTheSenderIsCutOffMidway(string framing, string begin)
    {
        var tenant = await system.CreateTenantAsync();
        using (var socket = new TcpClient())
        {
            var address = system.Fileman.Address;
            await socket.ConnectAsync(address.Host, address.Port, Token);
            var token = TestUsers.Token(tenant.Id, "ann");
            var request = $"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/plain\r\n{framing}\r\n\r\n{begin}{new string('x', 4_000)}";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Token);
            if (begin != "nonsense\r\n")
            {
                await WaitForReservationAsync(tenant.Id);
            }

            // A reset and not a graceful close: the sender is gone.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await system.WaitForNoReservationAsync(tenant.Id);
        await system.WaitForDiskAsync(tenant.Id, 0);
        Assert.Empty((await ReadAsync(tenant["ann"].GetAsync("/v1/files"), 200)).GetProperty("items").EnumerateArray());
        Assert.Equal(0, (await system.UsageAsync(tenant.Id)).UsedBytes);
        await ReadAsync(tenant["ann"].UploadAsync("still well"u8.ToArray()), 201);
    }

    /// <summary>
    /// The interleaving: Dbman has reserved, its answer is under way, and the sender's connection is reset. A caller that gives up the call then
    /// never learns that there is a reservation to give back.
    /// </summary>
    [Fact]
    public async Task NothingStays_WhenTheSenderLeavesWhileDbmanAnswers()
    {
        var release = new TaskCompletionSource();
        var reserved = new TaskCompletionSource();
        await using var slow = await CountingProxy.StartAsync(system.Dbman.Address, Token, async request =>
        {
            if (request.Method == "POST" && request.Path.Value!.EndsWith("/files", StringComparison.Ordinal))
            {
                reserved.TrySetResult();
                await Task.WhenAny(release.Task, Aborted(request.HttpContext.RequestAborted));
            }
        });
        await using var fileman = system.StartFileman(("services:dbman:http:0", slow.Address.ToString()));
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(fileman.Address.Host, fileman.Address.Port, Token);
            var token = TestUsers.Token(tenant.Id, "ann");
            var request = $"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n{new string('x', 4_000)}";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Token);
            await reserved.Task.WaitAsync(Token);
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        // Later connections are served after the reset was seen.
        using (var http = fileman.ClientOf())
        {
            (await http.GetAsync("/health/live", Token)).Dispose();
        }

        release.SetResult();
        await system.WaitForNoReservationAsync(tenant.Id);

        static Task Aborted(CancellationToken aborted)
        {
            var seen = new TaskCompletionSource();
            aborted.Register(seen.SetResult);
            return seen.Task;
        }
    }

    [Fact]
    public async Task UploadEnds_WhenItTakesTooLong()
    {
        await using var fileman = system.StartFileman(("Uploads:Timeout", "00:00:01"));
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        using var socket = new TcpClient();
        await socket.ConnectAsync(fileman.Address.Host, fileman.Address.Port, Token);
        var token = TestUsers.Token(tenant.Id, "ann");
        var request = $"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n{new string('x', 4_000)}";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        using var reader = new StreamReader(socket.GetStream());
        Assert.Contains(" 408 ", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
        await system.WaitForNoReservationAsync(tenant.Id);
        await system.WaitForDiskAsync(tenant.Id, 0);
    }

    [Fact]
    public async Task S3HoldsTheContent_WhenItIsTheStore_AndUploadsAre503WhileItIsAway()
    {
        await using var s3 = await S3Server.StartAsync(Token);
        await using var fileman = system.StartFileman([.. FilemanSystem.S3(s3), ("Reaper:Interval", "00:00:00.050")]);
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 1_500_000).Select(static i => $"{i:D7},")));
        var id = await tenant["ann"].UploadedAsync(bytes);
        Assert.Equal([$"/contents/{tenant.Id}/{id}"], s3.Objects);
        using (var part = await tenant["bob"].DownloadAsync(id, static headers => headers.Range = new RangeHeaderValue(6_000_000, 6_000_015)))
        {
            Assert.Equal("0750000,0750001,", await part.Content.ReadAsStringAsync(Token));
        }

        s3.Failure = 503;
        await RefusedAsync(tenant["ann"].UploadAsync(bytes), 503, ProblemTypes.DependencyUnavailable);
        await RefusedAsync(tenant["ann"].DownloadAsync(id), 503, ProblemTypes.DependencyUnavailable);
        await system.WaitForNoReservationAsync(tenant.Id);
        s3.Failure = null;
        using (var whole = await tenant["bob"].DownloadAsync(id))
        {
            Assert.Equal(bytes, await whole.Content.ReadAsByteArrayAsync(Token));
        }

        await ReadAsync(tenant["ann"].DeleteAsync($"/v1/files/{id}"), 204);
        await RefusedAsync(tenant["ann"].DownloadAsync(id), 404, ProblemTypes.FileNotFound);
        await Eventually.ClearAsync(() => Task.FromResult(
            s3.Objects.Count + s3.Uploads.Count == 0 ? null : $"in S3: {string.Join(", ", s3.Objects.Concat(s3.Uploads))}"));
    }

    private Task WaitForReservationAsync(string tenant) => Eventually.ClearAsync(async () =>
        (await system.UsageAsync(tenant)).ReservedBytes == 0 ? "nothing is reserved" : null);

    /// <summary>A body that does not say how long it is.</summary>
    private sealed class Chunked(byte[] bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            foreach (var piece in bytes.Chunk(10_000))
            {
                await stream.WriteAsync(piece, Token);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
