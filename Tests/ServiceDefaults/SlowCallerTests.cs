using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tests.Infrastructure;

namespace Tests.ServiceDefaults;

/// <summary>Callers that neither finish nor disconnect.</summary>
public sealed class SlowCallerTests
{
    private static readonly Dictionary<string, string?> Settings = new(StringComparer.Ordinal)
    {
        ["Limits:RequestTimeout"] = "00:00:01",
        ["Limits:BodyTimeout"] = "00:00:01",
    };

    [Fact]
    public async Task EndsInTime_WhenARequestOnlyLooksLikeAWebSocket()
    {
        await using var host = await ServiceHost.StartAsync(
            map: static app => app.MapGet("/", static async (CancellationToken cancellationToken) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                return "never";
            }).AllowAnonymous(),
            settings: Settings);
        using var raw = await RawHttp.SendAsync(
            host.Address,
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

        Assert.Equal(503, RawHttp.StatusOf(await raw.ReadToEndAsync()));
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n{\"text\":")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n{\"tex\r\n")]
    public async Task EndsInTime_WhenABodyDoesNotArrive(string rest)
    {
        await using var host = await StartEchoAsync(new(StringComparer.Ordinal) { ["Limits:BodyTimeout"] = "00:00:01" });
        using var raw = await RawHttp.SendAsync(host.Address, $"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{rest}");

        var answer = await raw.ReadToEndAsync();
        Assert.Equal(408, RawHttp.StatusOf(answer));
        Assert.Contains("urn:problem:request-timeout", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Contains("requests_bodies_late_total", await host.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadsTheWholeBody_WhenItIsLongerThanTheServersBufferAndComesInPieces(bool chunked)
    {
        const int Piece = 10_000;
        await using var host = await StartEchoAsync(new(StringComparer.Ordinal) { ["Limits:BodyTimeout"] = "00:01:00", ["Limits:MaxBodyBytes"] = "8000000" });
        var text = new string('x', 3_000_000);
        using var raw = await RawHttp.SendAsync(
            host.Address,
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + (chunked ? "Transfer-Encoding: chunked\r\n\r\n9\r\n" : $"Content-Length: {text.Length + 11}\r\n\r\n") + "{\"text\":\"" + (chunked ? "\r\n" : ""));
        for (var i = 0; i < text.Length; i += Piece)
        {
            var piece = text[i..(i + Piece)];
            await raw.WriteAsync(System.Text.Encoding.ASCII.GetBytes(chunked ? $"{Piece:x}\r\n{piece}\r\n" : piece));
        }

        await raw.WriteAsync(System.Text.Encoding.ASCII.GetBytes(chunked ? "2\r\n\"}\r\n0\r\n\r\n" : "\"}"));
        var answer = await raw.ReadToEndAsync();
        Assert.Equal(200, RawHttp.StatusOf(answer));
        Assert.Contains(text, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerEndsBroken_WhenItIsNotTakenInTime()
    {
        await using var host = await ServiceHost.StartAsync(
            map: static app => app.MapGet("/", static () => Results.Json(Enumerable.Repeat("all work and no play", 1_000_000))).AllowAnonymous(),
            settings: Settings);
        using var raw = await RawHttp.SendAsync(host.Address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", receiveBuffer: 4_096);

        // The server gives up; only then is read what it has sent.
        await Eventually.ClearAsync(async () =>
            (await host.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n')
                .Where(static line => line.StartsWith("http_server_active_requests{", StringComparison.Ordinal) && line.Contains("GET", StringComparison.Ordinal))
                .Sum(static line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)) is > 1 and var active
                    ? $"{active} requests are active"
                    : null);
        var answer = await raw.ReadToEndAsync();
        Assert.Equal(200, RawHttp.StatusOf(answer));
        Assert.False(answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal), "The answer ended as if it were whole.");
    }

    [Theory]
    [InlineData("application/json;charset=x")]
    [InlineData("application/json; charset=\"\"")]
    [InlineData("application/json; charset=utf-7")]
    [InlineData("application/json; charset=utf-16")]
    public async Task IsRefused_WhenTheCharsetIsNotThatOfJson(string type)
    {
        await using var host = await StartEchoAsync();
        using var raw = await RawHttp.SendAsync(
            host.Address, $"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {type}\r\nContent-Length: 12\r\n\r\n{{\"text\":\"a\"}}");

        var answer = await raw.ReadToEndAsync();
        Assert.Equal(415, RawHttp.StatusOf(answer));
        Assert.Contains(ProblemTypes.UnsupportedMediaType, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    public async Task IsRead_WhenTheCharsetIsThatOfJson(string type)
    {
        await using var host = await StartEchoAsync();
        using var raw = await RawHttp.SendAsync(
            host.Address, $"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {type}\r\nContent-Length: 12\r\n\r\n{{\"text\":\"a\"}}");

        Assert.Equal(200, RawHttp.StatusOf(await raw.ReadToEndAsync()));
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF")]
    [InlineData("7FFFFFFFF")]
    [InlineData("80000000")]
    [InlineData("zz")]
    [InlineData("0\r\nnot-text:\u00ea")]
    public async Task IsRefused_WhenAChunksSizeIsNone(string size)
    {
        await using var host = await StartEchoAsync();
        using var raw = await RawHttp.SendAsync(
            host.Address, $"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n0\r\n\r\n");

        var answer = await raw.ReadToEndAsync();
        Assert.True(RawHttp.StatusOf(answer) is 400 or 413, answer);
    }

    private static Task<ServiceHost> StartEchoAsync(Dictionary<string, string?>? settings = null) => ServiceHost.StartAsync(
        map: static app => app.MapPost("/", static (Echo echo) => echo).AllowAnonymous(), settings: settings ?? Settings);

    internal sealed record Echo(string Text);
}
