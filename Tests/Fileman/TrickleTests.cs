using System.Net;
using Tests.Infrastructure;

namespace Tests.Fileman;

/// <summary>Users who hold connections open with a few bytes a second, and others who must not be affected.</summary>
public sealed class TrickleTests(FilemanSystem system) : IClassFixture<FilemanSystem>
{
    private const int Permits = 16;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private static readonly (string, string)[] Settings =
    [
        ("Concurrency:uploads:Permits", $"{Permits}"),
        ("Concurrency:uploads:Grace", "00:00:00.500"),
        ("Concurrency:downloads:Permits", $"{Permits}"),
        ("Concurrency:downloads:Grace", "00:00:00.500"),
        ("Concurrency:uploads:QueueTimeout", "00:00:30"),
        ("Concurrency:downloads:QueueTimeout", "00:00:30"),
        ("Rates:uploads:UserBurst", "1000000"),

        // Attackers are evicted when somebody else waits, not by the server's minimum rate.
        ("Limits:MinBytesPerSecond", "1"),
    ];

    [Fact]
    public async Task TheHundredthUserUploads_WhenNinetyNineTrickleTheirs()
    {
        await using var fileman = system.StartFileman(Settings);
        var hostile = await system.CreateTenantAsync(fileman: fileman);
        var other = await system.CreateTenantAsync(fileman: fileman);
        await using var attack = new Attack(99, async (number, token) =>
        {
            using var raw = await RawHttp.SendAsync(
                fileman.Address,
                $"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestUsers.Token(hostile.Id, "u" + number)}\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n",
                from: (byte)(2 + number));
            await raw.TrickleAsync(Tick, token);
        });
        await Attack.HoldsAsync(fileman.Address, "uploads", Permits * 3 / 4);
        for (var i = 0; i < 5; i++)
        {
            // Of another tenant, and of the attackers' own.
            await other["ann"].UploadedAsync("text"u8.ToArray());
            await hostile["ann"].UploadedAsync("text"u8.ToArray());
        }

        await Attack.EvictedAsync(fileman.Address, "uploads");
    }

    [Fact]
    public async Task OthersDownload_WhenManyUsersBarelyReadTheirDownloads()
    {
        await using var fileman = system.StartFileman(Settings);
        var hostile = await system.CreateTenantAsync(fileman: fileman);
        var other = await system.CreateTenantAsync(fileman: fileman);

        // More than what two kernels buffer.
        var large = await hostile["ann"].UploadedAsync([.. Enumerable.Repeat((byte)'a', 16_000_000)]);
        var small = await other["ann"].UploadedAsync("text"u8.ToArray());
        await using var attack = new Attack(3 * Permits, async (number, token) =>
        {
            using var raw = await RawHttp.SendAsync(
                fileman.Address,
                $"GET /v1/files/{large}/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestUsers.Token(hostile.Id, "u" + number)}\r\n\r\n",
                from: (byte)(2 + number),
                receiveBuffer: 4_096);
            await raw.SipAsync(Tick, token);
        });
        await Attack.HoldsAsync(fileman.Address, "downloads", Permits * 3 / 4);
        for (var i = 0; i < 5; i++)
        {
            using var response = await other["ann"].DownloadAsync(small);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            using var fellow = await hostile["ann"].DownloadAsync(large);
            Assert.Equal(16_000_000, (await fellow.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
        }

        await Attack.EvictedAsync(fileman.Address, "downloads");
    }

    [Fact]
    public async Task IsToldWhy_WhenASenderIsGivenUpForAnother()
    {
        await using var fileman = system.StartFileman([.. Settings, ("Concurrency:uploads:Permits", "1")]);
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        using var slow = await RawHttp.SendAsync(
            fileman.Address,
            $"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestUsers.Token(tenant.Id, "bob")}\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n"
            + new string('a', 10_000));
        await Attack.HoldsAsync(fileman.Address, "uploads", 1);
        await tenant["ann"].UploadedAsync("text"u8.ToArray());

        var answer = await slow.ReadToEndAsync();
        Assert.Equal(408, RawHttp.StatusOf(answer));
        Assert.Contains("urn:problem:request-timeout", answer, StringComparison.Ordinal);
        await system.WaitForNoReservationAsync(tenant.Id);
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF")]
    [InlineData("7FFFFFFFF")]
    [InlineData("80000000")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("0\r\nnot-text:\u00ea")]
    public async Task IsRefused_WhenAChunksSizeIsNone(string size)
    {
        var tenant = await system.CreateTenantAsync();
        using var raw = await RawHttp.SendAsync(
            system.Fileman.Address,
            $"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestUsers.Token(tenant.Id, "ann")}\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{size}\r\nabc\r\n0\r\n\r\n");
        var answer = await raw.ReadToEndAsync();
        Assert.True(RawHttp.StatusOf(answer) == 400, answer);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        await system.WaitForNoReservationAsync(tenant.Id);
    }
}
